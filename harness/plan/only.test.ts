import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Only, ScenarioPlan } from '../model/plan.ts';
import { keepOnly, readOnly, writeOnly } from './only.ts';
import { userName, visitsOf } from './visits.ts';

const reset = { fault: 'down', target: 'agent', begins: { after_stream_events: 3 }, for_ms: 10 } as const;
const scenario: ScenarioPlan = {
  name: 'toy',
  title: 'A toy',
  family: 'concurrent users',
  capabilities: [],
  users: 9,
  devices: 2,
  process: 'any',
  load: { shape: 'constant', rate_per_s: 10 },
  faults: [reset, { ...reset, for_ms: 20 }, { ...reset, for_ms: 30 }],
  must_exercise: [],
};

const ascending = (max: number, minLength: number) =>
  fc.uniqueArray(fc.nat({ max }), { minLength, maxLength: 6 }).map((numbers) => numbers.sort((a, b) => a - b));
const anyScripts = fc
  .uniqueArray(
    fc.record(
      { index: fc.nat({ max: 8 }), device: fc.nat({ max: 1 }), steps: ascending(30, 1) },
      { requiredKeys: ['index', 'device'] },
    ),
    { minLength: 1, selector: ({ index, device }) => `${index}.${device}` },
  )
  .map((scripts) =>
    scripts
      .sort((a, b) => a.index - b.index || a.device - b.device)
      .map(({ index, ...script }) => ({ user: userName(index), ...script })),
  );
const anyOnly: fc.Arbitrary<Only> = fc.record(
  {
    scripts: anyScripts,
    faults: ascending(2, 0),
    faults_at_once: fc.constant(true),
    at_once: fc.constant(true),
    rest_ms: fc.integer({ min: 1, max: 99_999 }),
  },
  { requiredKeys: ['scripts'] },
);

test('what is written for a command line is read back as it was', () => {
  fc.assert(
    fc.property(anyOnly, (only) => {
      const problems: string[] = [];
      const text = writeOnly(only, scenario);
      expect(readOnly(text, scenario, problems)).toEqual(only);
      expect(problems).toEqual([]);
      // It goes into a shell as it is.
      expect(text).toMatch(/^[\w+:,.-]+$/);
    }),
  );
});

test('who stays comes as he would have come with the others, but nobody waits for those who stay away', () => {
  fc.assert(
    fc.property(anyOnly, (only) => {
      const whole = visitsOf(scenario);
      const left = visitsOf(keepOnly(scenario, only));
      const named = new Set(only.scripts?.map(({ user }) => user));
      expect(left.map(({ index }) => userName(index))).toEqual([...named]);
      expect(left[0]?.after_ms).toBe(0);
      if (only.at_once) expect(left.every(({ after_ms }) => after_ms === 0)).toBe(true);
      else {
        const gaps = left.map(({ index, after_ms }) => after_ms - (whole[index]?.after_ms ?? 0));
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(1e-9);
      }
    }),
  );
});

test('faults are known by their places in the whole scenario, however often it was made smaller', () => {
  const once = keepOnly(scenario, { faults: [1, 2] });
  expect(once.faults.map(({ for_ms }) => for_ms)).toEqual([20, 30]);
  const twice = keepOnly(once, { faults: [2] });
  expect(twice.faults.map(({ for_ms }) => for_ms)).toEqual([30]);
  expect(twice.only).toEqual({ faults: [2] });
});

test('users wait for their time where a fault begins at a time', () => {
  const timed = { ...scenario, faults: [{ ...reset, begins: { at_ms: 100 } }] };
  expect(visitsOf(keepOnly(timed, { scripts: [{ user: 'u5', device: 0 }] }))[0]?.after_ms).toBe(400);
});

test('everything that is wrong is told at once', () => {
  const problems: string[] = [];
  readOnly('u10,u1.2,u2:3+1,u3,u3.0,faults:3,all', scenario, problems);
  expect(problems).toEqual([
    '"u10" names a user whom toy does not have: they are u1 to u9',
    '"u1.2" names a device that no user of toy has: they are numbered 0 to 1',
    '"u2:3+1" has steps that cannot be read: write them as 0+2-3, ascending, up to 99999',
    '"u3.0" names u3.0 a second time',
    '"faults:3" names faults that toy does not have: it has 0 to 2',
    `"all" is unknown; allowed are a user as 'u4', one of his devices as 'u4.0', steps of either as 'u4:0+2-3', 'faults:0+2', 'no-faults', 'faults-at-once', 'at-once' or 'rest:200ms'`,
  ]);
});
