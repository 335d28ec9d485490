/** The ways in which an agent cannot be had, as sentences that a person can act on without reading muster's code. */

/** Lines of the agent's log that are worth showing in a message; the file has the rest. */
const LINES_SHOWN = 10;

export class AgentStartError extends Error {
  override readonly name = 'AgentStartError';
  /** What the agent printed last, where muster could see it. */
  readonly log_tail: readonly string[];

  constructor(sentence: string, log_tail: readonly string[] = []) {
    const shown = log_tail.slice(-LINES_SHOWN);
    super(
      shown.length === 0 ? sentence : `${sentence} It printed last:\n${shown.map((line) => `  ${line}`).join('\n')}`,
    );
    this.log_tail = log_tail;
  }
}

/** Somebody else has the port that was meant for an agent: another port may be tried. */
export class StrangerOnPort extends Error {
  override readonly name = 'StrangerOnPort';
  readonly port: number;
  /** Who it is, as far as can be known. */
  readonly by: string;

  constructor(agent: string, port: number, by: string) {
    super(
      `Failed to start agent "${agent}" on port ${port}: somebody else has it, namely ${by}. End that program, or give a range of ports without this one.`,
    );
    this.port = port;
    this.by = by;
  }
}
