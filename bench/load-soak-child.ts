/** A load of a fixed rate for minutes, in a process of its own that looks at its memory every few seconds. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import { DEFAULT_PHRASEBOOK } from '../harness/plan/defaults.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { scenarios } from '../scenarios/table.ts';
import { loadPlanOf } from './load-plan.ts';

export interface SoakQuestion {
  readonly url: string;
  readonly rate_per_s: number;
  readonly for_ms: number;
  readonly look_ms: number;
  readonly folder: string;
}

export interface SoakAnswer {
  readonly requests: number;
  readonly dropped: number;
  /** Bytes; since the load began. */
  readonly looks: readonly { readonly at_ms: number; readonly heap: number; readonly rss: number }[];
}

const CONNECTIONS = 200;

const question = JSON.parse(process.argv[2] ?? '') as SoakQuestion;
const { url, rate_per_s, for_ms, look_ms } = question;
const peer = findFixture('echo');
if (peer === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');
const folder = join(question.folder, 'soak');
mkdirSync(folder, { recursive: true });
const looks: SoakAnswer['looks'][number][] = [];
let looking: NodeJS.Timeout | undefined;

const { record, error } = await runPlan({
  plan: loadPlanOf({
    url,
    phrasebook: DEFAULT_PHRASEBOOK,
    demand: { kind: 'open', stages: [{ from_per_s: rate_per_s, to_per_s: rate_per_s, for_ms }], arrivals: 'even' },
    mix: [{ script: 'ask', weight: 1 }],
    checks: 'on',
    connections_max: CONNECTIONS,
  }),
  scenarios: new Map(scenarios.map((each) => [each.name, each])),
  target: { kind: 'url', url },
  peer,
  checks,
  headersOf: (index) => ({ authorization: `Bearer muster-user-${index + 1}` }),
  folder,
  signal: new AbortController().signal,
  onEvent: (event) => {
    if (event.type !== 'scenario') return;
    if (event.phase === 'loading') {
      const began_ms = performance.now();
      looking = setInterval(() => void looks.push(look(performance.now() - began_ms)), look_ms);
    }
    if (event.phase === 'load-over') clearInterval(looking);
  },
});
clearInterval(looking);
if (error !== undefined) throw error;
const { metrics } = record.scenarios[0] ?? {};
const answer: SoakAnswer = {
  requests: metrics?.operations.find(({ op }) => op === 'SendMessage')?.ok ?? 0,
  dropped: metrics?.load?.dropped ?? 0,
  looks,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);

function look(at_ms: number): SoakAnswer['looks'][number] {
  const { rss } = process.memoryUsage();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { at_ms, heap: heapUsed + external, rss };
}
