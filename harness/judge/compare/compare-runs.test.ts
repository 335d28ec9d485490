/** Two runs of one agent are rarely called different, and one that is slower is found, from their seconds alone. */
import { expect, test } from 'vitest';
import type { Judgement } from '../../model/comparison.ts';
import { forkRandom } from '../../plan/random.ts';
import { mergeLatencies, startLatencies } from '../latency.ts';
import { type LoadMetrics, loadRulesOf, startLoadMetrics } from '../load-metrics.ts';
import { startSlice } from '../series.ts';
import { smallLoad, smallPlan, smallScenario } from '../testing.ts';
import { compareRuns, RUNS_POLICY } from './compare-runs.ts';
import { judgeAll } from './judge-metrics.ts';
import { COMPARED } from './parts.ts';
import { NOISE, startMachine } from './testing.ts';

const rules = loadRulesOf(smallPlan([smallScenario('load')], { load: smallLoad() }));

/** So many seconds on a machine of its own, each like the one before it. */
function runOf(seed: number, slower: number, seconds: number): LoadMetrics {
  if (rules === undefined) throw new Error('The plan has no load');
  const machine = startMachine(seed, { ...NOISE, drift: 0.06 });
  const load = startLoadMetrics(rules);
  load.ran_ms = seconds * 1000;
  for (let second = 0; second < seconds; second += 1) {
    const { counts, times } = machine.next(slower);
    const slice = startSlice();
    load.seconds.slices.set(second, {
      ...slice,
      counts: {
        ...slice.counts,
        ok: counts.answered,
        info: counts.unanswered,
        unanswered: counts.unanswered,
        good: counts.good,
      },
      latencies: mergeLatencies(times.from_due ?? startLatencies(), startLatencies(), 2),
    });
  }
  return load;
}

function judged(seed: number, slower: number, seconds = 60): Judgement {
  const [a, b] = [runOf(2 * seed, 1, seconds), runOf(2 * seed + 1, slower, seconds)];
  return judgeAll(
    compareRuns(a, b, RUNS_POLICY, (name) => forkRandom(1, name)),
    COMPARED,
  );
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

test('two runs of one agent are called better or worse two times of forty at most', () => {
  const told = seeds.map((seed) => judged(seed, 1));
  expect(told.filter((one) => one === 'better' || one === 'worse').length).toBeLessThanOrEqual(2);
  expect(told.filter((one) => one === 'same').length).toBeGreaterThanOrEqual(36);
});

test('an agent that is slower by a fifth is found nine times of ten', () => {
  expect(seeds.filter((seed) => judged(seed, 1.2) === 'worse').length).toBeGreaterThanOrEqual(36);
});

test('runs of a few seconds say nothing, and the same files always say the same', () => {
  const random = (name: string) => forkRandom(1, name);
  const short = compareRuns(runOf(1, 1, 8), runOf(2, 3, 40), RUNS_POLICY, random);
  expect(short.map(({ judgement }) => judgement)).toEqual(short.map(() => 'cannot tell'));
  expect(short[0]?.why).toBe('one of them has 7 whole seconds after its first, and 10 are needed');
  const again = () => compareRuns(runOf(1, 1, 40), runOf(2, 3, 40), RUNS_POLICY, random);
  expect(again()).toEqual(again());
});
