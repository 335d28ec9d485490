/** What a benchmark is: one question, one table of numbers measured in the same run, and what they do and do not say. */

export interface Table {
  /** What the rows were measured on, and how often. */
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly tables: readonly Table[];
  /** What the numbers of this run say; each a sentence or two. */
  readonly findings: readonly string[];
}

export interface Benchmark {
  /** As the command line names it. */
  readonly name: string;
  /** The question. */
  readonly title: string;
  /** How it was measured, and what it leaves out. */
  readonly method: string;
  /** So long that nobody wants it beside others: it runs when it is named, and when the page is written. */
  readonly only_when_named?: true;
  /** `folder` is empty, and removed afterwards. `quick`: as little as shows that it works; its numbers say nothing. */
  readonly measure: (folder: string, quick: boolean) => Promise<Report>;
}
