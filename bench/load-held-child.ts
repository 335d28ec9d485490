/** Opens so many streams that stay open, in a process of its own, and tells what each holds of its memory. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { scenarios } from '../scenarios/table.ts';
import { loadPlanOf } from './load-plan.ts';

export interface HeldQuestion {
  readonly url: string;
  readonly streams: number;
  readonly checks: 'on' | 'off';
  readonly folder: string;
}

export interface HeldAnswer {
  readonly held: number;
  readonly rss_kb_each: number;
  readonly heap_kb_each: number;
}

const LONG_MS = 240_000;
/** Looks at the number of open streams; when it stands still all are there that will be. */
const LOOK_MS = 250;
const LOOKS_MAX = 800;

const question = JSON.parse(process.argv[2] ?? '') as HeldQuestion;
const peer = findFixture('echo');
if (peer === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');
const folder = join(question.folder, `held-${question.streams}-${question.checks}`);
mkdirSync(folder, { recursive: true });
const over = new AbortController();
let before = memory();
let opened = 0;
const plan = loadPlanOf({
  url: question.url,
  phrasebook: { short: { text: 'hold {token}' } },
  demand: {
    kind: 'open',
    // As fast as the slowest of the machines that this is run on can follow.
    stages: [{ from_per_s: 1_000, to_per_s: 1_000, for_ms: question.streams }],
    arrivals: 'even',
  },
  mix: [{ script: 'stream', weight: 1 }],
  checks: question.checks,
  connections_max: question.streams,
});
const run = runPlan({
  plan: { ...plan, policy: { ...plan.policy, answer_ms_max: LONG_MS, settle_ms_max: LONG_MS } },
  scenarios: new Map(scenarios.map((each) => [each.name, each])),
  target: { kind: 'url', url: question.url },
  peer,
  checks: question.checks === 'on' ? checks : [],
  headersOf: (index) => ({ authorization: `Bearer muster-user-${index + 1}` }),
  folder,
  signal: over.signal,
  onEvent: (event) => {
    if (event.type === 'scenario' && event.phase === 'loading') before = memory();
    if (event.type === 'vitals') opened = event.traffic?.connections_open ?? opened;
  },
});
for (let look = 0; look < LOOKS_MAX && opened < question.streams; look += 1) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
// Each has brought its first event by the second look after the last connection.
await new Promise((resolve) => setTimeout(resolve, 2_000));
const after = memory();
const answer: HeldAnswer = {
  held: opened,
  rss_kb_each: (after.rss - before.rss) / 1024 / opened,
  heap_kb_each: (after.heap - before.heap) / 1024 / opened,
};
over.abort();
await run;
process.stdout.write(`${JSON.stringify(answer)}\n`);

function memory(): { readonly rss: number; readonly heap: number } {
  for (let time = 0; time < 3; time += 1) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
