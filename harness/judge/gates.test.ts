/** A gate must be read as it was meant or be refused, and must never be met by measuring nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPERATION_NAMES } from '../model/op.ts';
import type { FaultRecord, RecoveryRecord } from '../model/record.ts';
import { startFeed } from './feed.ts';
import { evaluateGate, type Gate, GateError, type Measured, parseGate, renderGate } from './gates.ts';
import { startMetrics, toScenarioMetrics } from './metrics.ts';
import { startPairing } from './pairing.ts';
import { startRecoveries } from './recovery.ts';
import { callLines, type Line, type SmallCall, smallHistory } from './testing.ts';

const numbers = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(Math.abs);
const operators = fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const, '==' as const);
const operations = fc.option(fc.constantFrom(...OPERATION_NAMES), { nil: undefined });
const optionally = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };

const gates: fc.Arbitrary<Gate> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('p50_ms', 'p95_ms', 'sent_p99_ms', 'max_ms', 'first_event_p95_ms', 'gap_max_ms', 'stalls'),
      operations,
      operators,
      numbers,
    )
    .map(([metric, of, operator, threshold]) => ({ metric, ...optionally('of', of), operator, threshold }) as Gate),
  fc
    .tuple(
      operations,
      operators,
      numbers,
      fc.constantFrom('%' as const, undefined),
      fc.constantFrom('error_rate' as const, 'goodput' as const),
    )
    .map(([of, operator, threshold, unit, metric]) => ({
      metric,
      ...optionally('of', of),
      operator,
      threshold,
      ...optionally('unit', unit),
    })),
  fc.tuple(operators, numbers).map(([operator, threshold]) => ({ metric: 'findings' as const, operator, threshold })),
);

function measure(lines: readonly Line[]): Pick<Measured, 'metrics' | 'faults'> {
  const metrics = startMetrics();
  const feed = startFeed(metrics);
  const recoveries = startRecoveries();
  const pair = startPairing();
  for (const event of smallHistory(lines)) {
    if (event.scenario === '') continue;
    const invoke = pair(event);
    feed(event, invoke);
    recoveries.add(event, invoke);
  }
  return { metrics: [metrics], faults: toScenarioMetrics(metrics, recoveries.close()).faults };
}

function evaluate(gate: string, calls: readonly SmallCall[], lines: readonly Line[] = []) {
  const measured = measure([...lines, ...callLines('load', calls)]);
  return evaluateGate(parseGate(gate), { ...measured, findings: 2, evidence: 9 });
}

function calls(count: number, change: (id: number) => Partial<SmallCall> = () => ({})): SmallCall[] {
  return Array.from({ length: count }, (_, id) => ({ id, due_ms: id, done_ms: id + 10, ...change(id) }));
}

test('a gate that is rendered and parsed is the same gate', () => {
  fc.assert(
    fc.property(gates, (gate) => {
      expect(parseGate(renderGate(gate))).toEqual(gate);
    }),
  );
});

test('spaces do not matter', () => {
  expect(parseGate('  p95_ms( SendMessage )<250 ')).toEqual(parseGate('p95_ms(SendMessage) < 250'));
});

test.each([
  ['fast please', 'it does not have the form'],
  ['p96_ms < 3', '"p96_ms" is not a metric'],
  ['p95_ms(Sendmessage) < 3', '"Sendmessage" is unknown: p95_ms takes one of SendMessage, SendStreamingMessage'],
  ['p95_ms() < 3', '"" is unknown'],
  ['recovery_ms(GetTask) < 3', 'recovery_ms takes one of agent, agent-2, agent-3, agent-4, agent-5, agent-6, peer'],
  ['findings(GetTask) == 0', 'findings takes nothing in brackets'],
  ['p95_ms < 3%', 'only error_rate, dropped, goodput and resumed can be given in percent'],
  ['fairness(SendMessage) > 1', 'fairness takes nothing in brackets'],
  ['p95_ms < 250 ms', 'it does not have the form'],
  ['p95_ms < -1', 'it does not have the form'],
  ['p95_ms < 1e999', '1e999 is too large'],
  ['toString < 1', '"toString" is not a metric'],
])('%s is refused with what is allowed', (gate, why) => {
  expect(() => parseGate(gate)).toThrow(GateError);
  expect(() => parseGate(gate)).toThrow(why);
  expect(() => parseGate(gate)).toThrow('p95_ms(SendMessage) < 250');
});

test('a percentile gate counts from the due time and over the operation that it names', () => {
  const slow = calls(20, (id) => ({ due_ms: 0, sent_ms: id, done_ms: 400 }));
  expect(evaluate('p95_ms(GetTask) < 250', slow)).toMatchObject({ status: 'missed', samples: 20, value: 400 });
  expect(evaluate('p95_ms(SendMessage) < 250', slow)).toMatchObject({ status: 'no-samples', samples: 0, value: null });
  expect(evaluate('p95_ms <= 400', slow)).toMatchObject({ status: 'met' });
});

test('a percentile of too few samples is neither met nor missed', () => {
  expect(evaluate('p95_ms < 250', calls(19))).toMatchObject({ status: 'no-samples', samples: 19, value: null });
  expect(evaluate('max_ms < 250', calls(1))).toMatchObject({ status: 'met', samples: 1, value: 10 });
});

test('the error rate counts what was not answered, in the unit of its gate', () => {
  const mixed = calls(8, (id) => (id === 0 ? { info: 'timeout' } : id === 1 ? { fail: 'TaskNotFoundError' } : {}));
  expect(evaluate('error_rate < 0.1%', mixed)).toMatchObject({ status: 'missed', value: 12.5, samples: 8 });
  expect(evaluate('error_rate(GetTask) <= 0.125', mixed)).toMatchObject({ status: 'met', value: 0.125, samples: 8 });
  expect(evaluate('error_rate(SendMessage) < 1%', mixed)).toMatchObject({ status: 'no-samples' });
});

test('findings are counted, and nothing looked at is no evidence', () => {
  expect(evaluate('findings == 0', [])).toMatchObject({ status: 'missed', value: 2, samples: 9 });
  const nothing = { metrics: [], faults: [], findings: 0, evidence: 0 };
  expect(evaluateGate(parseGate('findings == 0'), nothing)).toMatchObject({ status: 'no-samples', value: null });
});

const fault = { fault: 'down', target: 'agent', begins: { at_ms: 0 }, for_ms: 10 } as const;
const healed: Line[] = [
  [0, 'load', { type: 'fault', phase: 'asked', fault_id: 0, fault }],
  [10, 'load', { type: 'fault', phase: 'healed', fault_id: 0, fault, proof: 'up' }],
];

test('a recovery is measured per target, and one that never came misses its gate without a number', () => {
  const back = calls(3, (id) => ({ due_ms: 20, done_ms: 50, ...(id === 0 ? { fail: 'connection-refused' } : {}) }));
  expect(evaluate('recovery_ms(agent) < 2000', back, healed)).toMatchObject({ status: 'met', value: 40, samples: 1 });
  expect(evaluate('recovery_ms(peer) < 2000', back, healed)).toMatchObject({ status: 'no-samples' });
  const never = calls(3, () => ({ fail: 'connection-refused' }));
  expect(evaluate('recovery_ms < 2000', never, healed)).toMatchObject({ status: 'missed', value: null });
  expect(evaluate('recovery_ms < 2000', [], healed)).toMatchObject({ status: 'no-samples' });
});

test('what a fault cost is counted by its gates, and so is what never became as it was before', () => {
  const before = callLines('load', calls(20));
  const at = (ms: number, id: number, change: Partial<SmallCall> = {}): SmallCall => ({
    id,
    due_ms: ms,
    done_ms: ms + 10,
    ...change,
  });
  const told = (phase: 'asked' | 'healed', ms: number): Line => [
    ms,
    'load',
    { type: 'fault', phase, fault_id: 0, fault, proof: 'up' } as Line[2],
  ];
  const during = callLines('load', [at(110, 50, { info: 'timeout' }), at(111, 51, { fail: 'connection-reset' })]);
  const lines = [...before, told('asked', 100), ...during, told('healed', 200)];
  const after = Array.from({ length: 30 }, (_, n) => at(210 + n, 60 + n, n < 4 ? { fail: 'connection-refused' } : {}));
  expect(evaluate('lost == 6', after, lines)).toMatchObject({ status: 'met', samples: 32 });
  expect(evaluate('lost_after(agent) < 4', after, lines)).toMatchObject({ status: 'missed', value: 4, samples: 30 });
  expect(evaluate('lost(peer) < 1', after, lines)).toMatchObject({ status: 'no-samples' });
  expect(evaluate('stuck == 0', after, lines)).toMatchObject({ status: 'met', samples: 1 });
  expect(evaluate('resumed == 100%', after, lines)).toMatchObject({ status: 'no-samples', value: null });
  expect(evaluate('doubled == 0', after, lines)).toMatchObject({ status: 'no-samples', value: null });
  expect(evaluate('error_rate_back_ms < 25', after, lines)).toMatchObject({ status: 'met', value: 24 });
  expect(evaluate('p95_back_ms < 25', after, lines)).toMatchObject({ status: 'met', value: 24 });
  const slow = after.map((call) => ({ ...call, done_ms: call.done_ms + 50 }));
  expect(evaluate('error_rate_back_ms < 100', slow, lines)).toMatchObject({ status: 'met' });
  expect(evaluate('p95_back_ms < 100', slow, lines)).toMatchObject({ status: 'missed', value: null });
  expect(evaluate('p95_back_ms < 100', slow.slice(0, 19), lines)).toMatchObject({ status: 'no-samples' });
});

test('resumed tasks are a fraction of those that broke off, and doubled messages are counted, per target', () => {
  const recovery = { broken_off: 4, resumed: 3, sent_again: 5, doubled: 2 } as RecoveryRecord;
  const record = { fault_id: 0, fault, asked_ms: 0, applied_ms: 1, proof: '', recovery_ms: null };
  const faults: FaultRecord[] = [
    { ...record, healed_ms: 5, recovery },
    { ...record, healed_ms: 9, recovery: { ...recovery, resumed: 4 } },
    { ...record, healed_ms: null, recovery: { ...recovery, doubled: 5 } },
  ];
  const gate = (text: string) => evaluateGate(parseGate(text), { metrics: [], faults, findings: 0, evidence: 0 });
  expect(gate('resumed >= 0.8')).toMatchObject({ status: 'met', value: 0.875, samples: 8 });
  expect(gate('resumed(agent) == 100%')).toMatchObject({ status: 'missed', value: 87.5, samples: 8 });
  expect(gate('doubled == 0')).toMatchObject({ status: 'missed', value: 4, samples: 10 });
  expect(gate('doubled(peer) == 0')).toMatchObject({ status: 'no-samples' });
  expect(() => parseGate('doubled < 5%')).toThrow(
    'only error_rate, dropped, goodput and resumed can be given in percent',
  );
});
