/**
 * A fixed rate against a stub that stalls: the percentiles that muster reports, and those that wrk2's correction gives, worked out from
 * the end of each answer and the schedule alone.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFixture } from '../fixtures/table.ts';
import { DEFAULT_PHRASEBOOK } from '../harness/plan/defaults.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { scenarios } from '../scenarios/table.ts';
import { STALL_PERCENTILES } from './load-percentiles.ts';
import { loadPlanOf } from './load-plan.ts';

export interface StallQuestion {
  readonly url: string;
  readonly rate_per_s: number;
  readonly for_ms: number;
  /** So few that whoever comes while the stub stalls has to wait for one. */
  readonly connections: number;
  readonly folder: string;
}

export interface StallAnswer {
  readonly answers: number;
  readonly reported: readonly (number | null)[];
  readonly corrected: readonly number[];
  /** As a client measures who sends when he has a connection, and not when it was time. */
  readonly uncorrected: readonly number[];
}

const question = JSON.parse(process.argv[2] ?? '') as StallQuestion;
const peer = findFixture('echo');
if (peer === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');
const folder = join(question.folder, 'stalled');
mkdirSync(folder, { recursive: true });
let begun_ms = 0;
const ended: { readonly due_ms: number; readonly ended_ms: number }[] = [];
const { record, error } = await runPlan({
  plan: loadPlanOf({
    url: question.url,
    phrasebook: DEFAULT_PHRASEBOOK,
    demand: {
      kind: 'open',
      stages: [{ from_per_s: question.rate_per_s, to_per_s: question.rate_per_s, for_ms: question.for_ms }],
      arrivals: 'even',
    },
    mix: [{ script: 'ask', weight: 1 }],
    checks: 'off',
    connections_max: question.connections,
  }),
  scenarios: new Map(scenarios.map((each) => [each.name, each])),
  target: { kind: 'url', url: question.url },
  peer,
  checks: [],
  headersOf: () => ({}),
  folder,
  signal: new AbortController().signal,
  measures: { op: ({ due_ms, ended_ms }) => void ended.push({ due_ms, ended_ms }), visit: () => {} },
  onEvent: (event) => {
    if (event.type === 'scenario' && event.phase === 'loading') begun_ms = event.time_ms;
  },
});
if (error !== undefined) throw error;
const { from_due } = record.scenarios[0]?.metrics?.operations[0] ?? {};
// The nth of a fixed rate is expected n intervals after the beginning, whenever it was really sent.
const ofNth = ended
  .toSorted((a, b) => a.due_ms - b.due_ms)
  .map(({ ended_ms }, index) => ({ expected_ms: begun_ms + (index * 1000) / question.rate_per_s, ended_ms }));
const answer: StallAnswer = {
  answers: ended.length,
  reported: [from_due?.p50 ?? null, from_due?.p95 ?? null, from_due?.p99 ?? null],
  corrected: percentiles(ofNth.map(({ expected_ms, ended_ms }) => ended_ms - expected_ms)),
  uncorrected: percentiles(serviceTimes(ofNth)),
};
process.stdout.write(`${JSON.stringify(answer)}\n`);

/** Each connection sends its next when its last was answered, and no earlier than it is time. */
function serviceTimes(log: readonly { readonly expected_ms: number; readonly ended_ms: number }[]): readonly number[] {
  const free_ms = Array.from({ length: question.connections }, () => 0);
  return log.map(({ expected_ms, ended_ms }) => {
    const place = free_ms.indexOf(Math.min(...free_ms));
    const sent_ms = Math.min(ended_ms, Math.max(expected_ms, free_ms[place] ?? 0));
    free_ms[place] = ended_ms;
    return ended_ms - sent_ms;
  });
}

function percentiles(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return STALL_PERCENTILES.map((percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN);
}
