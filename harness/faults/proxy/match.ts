/**
 * Which calls a rule hits. What is decided depends on the calls and their order alone, never on time, and a draw only on
 * how many calls matched before: so the same seed and the same calls give the same hits.
 */

export interface CallMatch {
  /** Headers that the request must bear, by their names in lower case: those that are one user's own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly operation?: string;
  /** The task that requests name as the nth, from 1. */
  readonly task?: number;
  /** Only the nth of the calls to which all of the above apply, from 1. */
  readonly nth?: number;
  /** Each of the calls to which all of the above apply is hit with this probability. */
  readonly probability?: number;
  /** The nth draw from 0 up to 1, which `probability` needs. */
  readonly draw?: (count: number) => number;
}

export interface CallFacts {
  header(name: string): string | undefined;
  /** Nothing where nobody looked, or where it is no operation of the protocol. */
  readonly operation?: string;
  /** The id of the task that the request names. */
  readonly task?: string;
  /** The id of the message that it sends. */
  readonly message?: string;
  /** Cards are asked for by machinery, so they are no call of anybody's. */
  readonly isCard: boolean;
}

export function openMatcher(match: CallMatch): (facts: CallFacts) => boolean {
  const tasks = new Set<string>();
  let calls = 0;
  return (facts) => {
    if (facts.isCard) return false;
    if (facts.task !== undefined && match.task !== undefined && tasks.size < match.task) tasks.add(facts.task);
    if (!describes(match, facts, tasks)) return false;
    calls += 1;
    if (match.nth !== undefined && match.nth !== calls) return false;
    return match.probability === undefined || (match.draw?.(calls) ?? 1) < match.probability;
  };
}

function describes({ headers, operation, task }: CallMatch, facts: CallFacts, tasks: ReadonlySet<string>): boolean {
  if (operation !== undefined && facts.operation !== operation) return false;
  if (task !== undefined && (facts.task === undefined || [...tasks].indexOf(facts.task) !== task - 1)) return false;
  return Object.entries(headers ?? {}).every(([name, value]) => facts.header(name.toLowerCase()) === value);
}
