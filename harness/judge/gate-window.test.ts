/** A load is stopped for what lasts, and for nothing that comes and goes. */
import { expect, test } from 'vitest';
import { startWindow } from './gate-window.ts';
import { GateError } from './gates.ts';
import { loadRulesOf } from './load-metrics.ts';
import type { Measurement } from './measurement.ts';
import { smallLoad, smallPlan, smallScenario } from './testing.ts';

const rules = loadRulesOf(smallPlan([smallScenario('load')], { load: smallLoad() }));
if (rules === undefined) throw new Error('the plan has a load');

const windowOf = (gate: string) => startWindow({ gate, for_ms: 10_000 }, rules);
const op = (ended_ms: number, change: Partial<Measurement> = {}): Measurement => ({
  op: 'SendMessage',
  user: 0,
  due_ms: ended_ms - 10,
  sent_ms: ended_ms - 10,
  ended_ms,
  outcome: 'ok',
  ...change,
});
const failed = { outcome: 'fail', error: 'http-503' } as const;

/** Ten ops a second, of which those within the times fail. */
function play(gate: string, seconds: number, ...bad: readonly (readonly [from_s: number, to_s: number])[]): number[] {
  const window = windowOf(gate);
  return Array.from({ length: seconds }, (_, second) => {
    const isBad = bad.some(([from_s, to_s]) => second >= from_s && second < to_s);
    for (let k = 0; k < 10; k += 1) window.add(op(second * 1_000 + k * 100, isBad ? failed : {}));
    return window.at((second + 1) * 1_000) / 1_000;
  });
}

test('a gate that is missed from some second on has been missed for as long', () => {
  expect(play('error_rate < 20%', 6, [2, 9])).toEqual([0, 0, 1, 2, 3, 4]);
});

test('a second in which it is met begins the count anew', () => {
  expect(play('error_rate < 20%', 7, [0, 3], [4, 9])).toEqual([1, 2, 3, 0, 1, 2, 3]);
});

test('silence after errors heals nothing, and silence alone misses nothing', () => {
  const window = windowOf('error_rate < 20%');
  expect(window.at(5_000)).toBe(0);
  for (let k = 0; k < 10; k += 1) window.add(op(5_000 + k * 100, failed));
  expect(window.at(6_000)).toBe(1_000);
  expect(window.last()).toMatchObject({ status: 'missed', value: 100, samples: 10 });
  expect(window.at(30_000)).toBe(25_000);
});

test('where a second has too few samples for a percentile, those before it are taken in', () => {
  const window = windowOf('p95_ms < 100');
  const missed = Array.from({ length: 9 }, (_, second) => {
    for (let k = 0; k < 5; k += 1) window.add(op(second * 1_000 + k * 100, { due_ms: second * 1_000 + k * 100 - 200 }));
    return window.at((second + 1) * 1_000);
  });
  expect(missed).toEqual([0, 0, 0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
});

test('rates are told for as long as the ops that were counted took to come', () => {
  const window = windowOf('goodput_per_s > 8');
  for (let second = 0; second < 3; second += 1) {
    for (let k = 0; k < 10; k += 1) window.add(op(second * 1_000 + k * 100 + 1));
  }
  window.at(3_000);
  expect(window.last()).toMatchObject({ status: 'met', value: 10 });
});

test('users who were dropped count where they were due', () => {
  const window = windowOf('dropped < 10%');
  for (let k = 0; k < 10; k += 1) window.visit(k * 100, k > 1);
  expect(window.at(1_000)).toBe(1_000);
});

test('a gate that is known when the run is over cannot stop it', () => {
  for (const gate of ['findings == 0', 'recovery_ms < 5', 'fairness > 0.5']) {
    expect(() => windowOf(gate)).toThrow(GateError);
    expect(() => windowOf(gate)).toThrow('is known when the run is over');
  }
});
