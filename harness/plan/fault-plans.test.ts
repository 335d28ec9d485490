/** A swarm is replayed from its seed alone, keeps its bounds, and is healed before its time is over. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import type { Scenario, ScheduledFault, Swarm } from '../model/scenario.ts';
import { planFaults } from './fault-plans.ts';

const scenarioWith = (changes: Partial<Scenario>): Scenario => ({
  name: 'stormy',
  title: 'Stormy',
  family: 'recovery',
  needs: [],
  users: 1,
  load: { shape: 'closed' },
  mustExercise: [],
  *script() {},
  ...changes,
});

const anyFault: fc.Arbitrary<Swarm['faults'][number]> = fc.oneof(
  fc.record({
    fault: fc.constantFrom(
      'kill' as const,
      'freeze' as const,
      'port-held' as const,
      'down' as const,
      'blackhole' as const,
    ),
    target: fc.constantFrom('agent' as const, 'peer' as const),
  }),
  fc.record({ fault: fc.constant('status' as const), target: fc.constant('agent' as const), status: fc.constant(503) }),
);
const anySwarm: fc.Arbitrary<Swarm> = fc
  .record({
    faults: fc.array(anyFault, { minLength: 1, maxLength: 12 }),
    from: fc.integer({ min: 1, max: 500 }),
    more: fc.nat(500),
    room: fc.nat(5000),
    leaves_out: fc.option(fc.constantFrom(0, 0.3, 1), { nil: undefined }),
  })
  .map(({ faults, from, more, room, leaves_out }) => ({
    faults,
    for_ms: { from, to: from + more },
    within_ms: from + more + room,
    ...(leaves_out === undefined ? {} : { leaves_out }),
  }));

test('a swarm is the same for the same seed, keeps its bounds, and is healed before its time is over', () => {
  fc.assert(
    fc.property(anySwarm, fc.nat(), (swarm, seed) => {
      const { faults, left_out } = planFaults(scenarioWith({ swarm }), seed);
      expect(planFaults(scenarioWith({ swarm }), seed)).toEqual({ faults, left_out });
      expect(faults.length).toBeGreaterThan(0);
      const names = [...faults.map(({ fault }) => fault), ...left_out];
      expect(names.sort()).toEqual(swarm.faults.map(({ fault }) => fault).sort());
      for (const { begins, for_ms } of faults) {
        const at_ms = 'at_ms' in begins ? begins.at_ms : Number.NaN;
        expect(at_ms).toBeGreaterThanOrEqual(0);
        expect(for_ms).toBeGreaterThanOrEqual(swarm.for_ms.from);
        expect(for_ms).toBeLessThanOrEqual(swarm.for_ms.to);
        expect(at_ms + for_ms).toBeLessThanOrEqual(swarm.within_ms);
      }
      for (const target of ['agent', 'peer']) {
        const times = faults.flatMap(({ begins, for_ms, ...one }) =>
          one.target === target && PROCESS_FAULTS.has(one.fault) && 'at_ms' in begins
            ? [{ from: begins.at_ms, to: begins.at_ms + for_ms }]
            : [],
        );
        const inOrder = times.toSorted((a, b) => a.from - b.from);
        for (const [index, { from }] of inOrder.entries()) {
          expect(from).toBeGreaterThan((inOrder[index - 1]?.to ?? Number.NEGATIVE_INFINITY) + 900);
        }
      }
    }),
  );
});

test('of the faults on a process each has its turn, wherever it stands in the swarm', () => {
  const kinds = ['kill', 'freeze', 'slow-boot', 'port-held'] as const;
  const faults: Swarm['faults'] = kinds.map((fault) => ({ fault, target: 'agent' }));
  const swarm: Swarm = { faults, within_ms: 3_000, for_ms: { from: 100, to: 300 }, leaves_out: 0 };
  const drawn = Array.from({ length: 100 }, (_, seed) => planFaults(scenarioWith({ swarm }), seed).faults);
  const counts = kinds.map((kind) => drawn.flat().filter(({ fault }) => fault === kind).length);
  expect(Math.min(...counts)).toBeGreaterThan(20);
  expect(Math.max(...drawn.map(({ length }) => length))).toBeGreaterThan(1);
});

test('one more member at the end of a swarm changes nothing for the others but who stays for certain', () => {
  const faults: Swarm['faults'] = Array.from({ length: 6 }, () => ({ fault: 'down', target: 'agent' }));
  const swarm = { faults, within_ms: 1000, for_ms: { from: 1, to: 100 }, leaves_out: 0 };
  const drawn = planFaults(scenarioWith({ swarm }), 7).faults;
  const more = planFaults(scenarioWith({ swarm: { ...swarm, faults: [...faults, ...faults] } }), 7).faults;
  expect(more.slice(0, 6)).toEqual(drawn);
});

test('seeds differ in what they leave out', () => {
  const faults: Swarm['faults'] = Array.from({ length: 6 }, () => ({ fault: 'down', target: 'agent' }));
  const swarm = { faults, within_ms: 1000, for_ms: { from: 1, to: 100 } };
  const sizes = Array.from({ length: 20 }, (_, seed) => planFaults(scenarioWith({ swarm }), seed).faults.length);
  expect(new Set(sizes).size).toBeGreaterThan(2);
});

test('a fault on a process that the scenario names keeps those of its swarm away from the same target', () => {
  const kill: ScheduledFault = { fault: 'kill', target: 'agent', begins: { at_ms: 1 }, for_ms: 2 };
  const swarm: Swarm = {
    faults: [
      { fault: 'freeze', target: 'agent' },
      { fault: 'down', target: 'agent' },
    ],
    within_ms: 10,
    for_ms: { from: 1, to: 2 },
    leaves_out: 0,
  };
  const { faults, left_out } = planFaults(scenarioWith({ faults: [kill], swarm }), 1);
  expect(faults.map(({ fault }) => fault)).toEqual(['kill', 'down']);
  expect(left_out).toEqual(['freeze']);
});

test('a repeated fault is written out, each later than the one before', () => {
  const faults: ScheduledFault[] = [
    { fault: 'down', target: 'agent', begins: { after_events: 2, of: 'ok' }, for_ms: 10, times: 3, every_ms: 50 },
  ];
  expect(planFaults(scenarioWith({ faults }), 1).faults).toEqual(
    [{}, { later_ms: 50 }, { later_ms: 100 }].map((later) => ({
      fault: 'down',
      target: 'agent',
      begins: { after_events: 2, of: 'ok', ...later },
      for_ms: 10,
    })),
  );
});
