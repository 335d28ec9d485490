/**
 * What k6 meant by how it ended. Its exit code 0 says only that it came to its end: checks may have failed and scripts thrown, so no
 * verdict is made of it; what the run showed is in its samples.
 */

export interface K6Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** `finished`: the whole load was there. `stopped`: somebody ended it early. `broken`: the load cannot be trusted. */
  readonly ended: 'finished' | 'stopped' | 'broken';
  readonly sentence: string;
}

const ROWS: Readonly<Record<number, readonly [ended: K6Exit['ended'], sentence: string]>> = {
  0: ['finished', 'k6 ran to its end'],
  97: ['broken', 'k6 ran in the cloud of Grafana and failed there; muster runs it on this machine only'],
  98: ['broken', 'k6 lost sight of a run in the cloud of Grafana; muster runs it on this machine only'],
  99: ['finished', 'k6 ran to its end, and thresholds of the script were not met'],
  100: ['broken', 'setup() took too long: the agent card may not have answered'],
  101: ['finished', 'k6 ran to its end, but teardown() took too long'],
  102: ['broken', 'k6 ran out of time'],
  103: ['stopped', 'k6 was stopped over its REST API'],
  104: ['broken', 'k6 refused its options or the script: see its log for which'],
  105: ['stopped', 'k6 was ended by a signal before its time was over'],
  106: ['broken', 'k6 could not open the address of its REST API'],
  107: ['broken', 'the script threw before the load began: a mistake in it, a file that is missing, or setup() failed'],
  108: ['broken', 'the script gave up: see the log of k6 for its reason'],
  109: ['broken', 'k6 crashed: this is a bug of k6 or of its extension, and its log shows where'],
  110: ['finished', 'k6 ran to its end, and the script marked the run as failed'],
};

export function readExit(code: number | null, signal: NodeJS.Signals | null): K6Exit {
  if (code === null) {
    const sentence = `k6 was killed by ${signal ?? 'a signal'}; what it had measured until then is kept`;
    return { code, signal, ended: 'stopped', sentence };
  }
  const [ended, sentence] = ROWS[code] ?? ['broken', 'k6 ended in a way that muster does not know'];
  return { code, signal, ended, sentence: `${sentence} (exit code ${code})` };
}
