/** What holds for every fault on the wire: without traffic it says so, and while rules come and go no byte is lost. */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import type { FaultName, FaultPlan } from '../model/scenario.ts';
import { applyFault, canMatch } from './apply.ts';
import { type Attribute, attributeProblems } from './attributes.ts';
import type { AppliedFault, Fault } from './fault.ts';
import { openProxy } from './proxy/proxy.ts';
import { FAULTS } from './table.ts';
import { ask, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

const least = (attribute: Attribute): number | string =>
  'oneOf' in attribute ? (attribute.oneOf[0] ?? '') : Math.max(attribute.from, 1);

/** With each attribute as small as it may be. */
const onTheWire = Object.entries(FAULTS).flatMap(([name, fault]: [string, Fault]) => {
  if (fault.needs !== 'proxy') return [];
  const own = Object.entries(fault.attributes).map(([key, attribute]) => [key, least(attribute)]);
  return [[name, { ...plan, fault: name, ...Object.fromEntries(own) } as unknown as FaultPlan] as const];
});

test.each(onTheWire)('%s is told as applied, and says so when no traffic met it', async (name, fault) => {
  await using proxy = await openProxy({ upstream: 'http://127.0.0.1:1', signal: noAbort });
  await using applied = await applyFault(fault, { proxy }, noAbort);
  expect(applied.proof).not.toBe('');
  const healed = await applied.heal();
  if (name === 'refuse') expect(healed).toContain('let in once healed');
  else expect(healed).toBe('no traffic met it');
  expect(await applied.heal()).toBe(healed);
});

test('attributes that are missing, unknown or out of range are all told at once', () => {
  const kind: Fault = FAULTS.status;
  const wrong = { ...plan, fault: 'status', status: 200, retry_after: 1, retry_after_s: -1, match: { usr: 'u1' } };
  expect(attributeProblems(wrong, kind.attributes, canMatch(kind))).toEqual([
    {
      path: ['retry_after'],
      message: 'there is no "retry_after"; there are fault, target, begins, for_ms, match, status, retry_after_s',
    },
    { path: ['status'], message: 'it is 200, and must be one of 429, 500, 502, 503, 504' },
    { path: ['retry_after_s'], message: 'it is -1, and must be a whole number from 0 to 3600' },
    { path: ['match', 'usr'], message: 'there is no "usr"; there are user, operation, task, nth, probability' },
  ]);
  expect(attributeProblems({ ...plan, fault: 'cut' }, FAULTS.cut.attributes, true)).toEqual([
    { path: ['after_events'], message: 'it is missing, and must be a whole number from 0 to 1073741824' },
  ]);
});

/** Such as hold, slice or wait, and such as are about an event that never comes. */
const lossless = fc.oneof(
  fc.record({ fault: fc.constant<FaultName>('latency'), latency_ms: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    fault: fc.constant<FaultName>('bandwidth'),
    bytes_per_s: fc.integer({ min: 2_000_000, max: 9_000_000 }),
  }),
  fc.record({
    fault: fc.constant<FaultName>('slice'),
    slice_bytes: fc.integer({ min: 500, max: 9_000 }),
    gap_ms: fc.constant(0),
  }),
  fc.record({ fault: fc.constant<FaultName>('blackhole') }),
  fc.record({ fault: fc.constant<FaultName>('slow-close'), delay_ms: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ fault: fc.constant<FaultName>('delay'), event: fc.integer({ min: 1, max: 3 }), delay_ms: fc.nat(4) }),
  fc.record({ fault: fc.constantFrom<FaultName>('drop', 'double', 'swap'), event: fc.constant(1_000_000) }),
  fc.record({ fault: fc.constant<FaultName>('cut'), after_events: fc.constant(1_000_000) }),
  fc.record({ fault: fc.constantFrom<FaultName>('reset', 'limit-bytes'), after_bytes: fc.constant(100_000_000) }),
  fc.record({ fault: fc.constantFrom<FaultName>('truncate', 'answer-lost'), match: fc.constant({ nth: 1_000_000 }) }),
  fc.record({ fault: fc.constant<FaultName>('refuse') }),
);

test('rules that are added, changed and removed in the middle of a stream lose no byte', async () => {
  const changes = fc.array(fc.record({ at: fc.nat(10), more: lossless, lasts: fc.nat(5) }), { maxLength: 5 });
  const chunks = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(chunks, changes, fc.nat(40), async (sizes, plans, slip) => {
      await using stack = new AsyncDisposableStack();
      const under_way: Promise<void>[] = [];
      const carryOut = async (more: object, lasts: number): Promise<void> => {
        const fault: AppliedFault = await applyFault({ ...plan, ...more } as FaultPlan, { proxy }, noAbort);
        for (let each = 0; each < lasts; each += 1) await turn();
        await fault.heal();
      };
      // Chunks end anywhere in an event, for they are not as long as events.
      const all = Array.from({ length: 8_000 }, (_, n) => `data: {"n":${n},"text":"caf\u00e9"}\n\n`).join('');
      const bytes = Buffer.from(all).subarray(0, sizes.reduce((sum, size) => sum + size, 0) + slip);
      const agent = stack.use(
        await serve(async (_incoming, outgoing) => {
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
          let from = 0;
          for (const [index, size] of sizes.entries()) {
            for (const { at, more, lasts } of plans) if (at === index) under_way.push(carryOut(more, lasts));
            outgoing.write(bytes.subarray(from, from + size));
            from += size;
            await turn();
          }
          outgoing.end(bytes.subarray(from));
        }),
      );
      const proxy = stack.use(await openProxy({ upstream: agent.url, signal: noAbort }));
      const { text, error } = await read(await ask(proxy.url, { agent: false }));
      await Promise.all(under_way);
      expect(error).toBeUndefined();
      expect(text === bytes.toString()).toBe(true);
      expect(proxy.counters().bytes_held_now).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('the faults that need a process are those that the plan takes for such', () => {
  const needing = Object.entries(FAULTS).flatMap(([name, { needs }]) => (needs === 'process' ? [name] : []));
  expect(new Set<string>(needing)).toEqual(PROCESS_FAULTS);
});
