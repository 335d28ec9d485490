/** What goes wrong with a history's file, told as a sentence that says which file, why, and what to do. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The reason inside an error of the operating system or of a parser, without its stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
