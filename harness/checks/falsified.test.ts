/** What muster itself put into a stream is held against nobody; what a slow line or a broken peer brings still is. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { findCheck } from './table.ts';
import { judgeWith } from './testing/judge-with.ts';

const when = { begins: { at_ms: 0 }, for_ms: 500 } as const;
const falsifying: readonly FaultPlan[] = [
  { ...when, target: 'agent', fault: 'drop', event: 1 },
  { ...when, target: 'agent', fault: 'double', event: 1 },
  { ...when, target: 'agent', fault: 'swap', event: 1, match: { user: 'alice', nth: 1 } },
  { ...when, target: 'agent', fault: 'corrupt', event: 1, what: 'utf-8' },
];
const honest: readonly FaultPlan[] = [
  { ...when, target: 'agent', fault: 'latency', latency_ms: 5 },
  { ...when, target: 'peer', fault: 'double', event: 1 },
  { ...when, target: 'agent', fault: 'double', event: 1, match: { user: 'bob' } },
  { ...when, target: 'agent', fault: 'drop', event: 1, match: { operation: 'GetTask' } },
];

const wrong = [
  'fold-equals-get/bad-chunk-lost',
  'fold-equals-get/bad-artifact-missing',
  'stream-shape/bad-goes-on-after-the-end',
  'stream-shape/bad-begins-with-a-status',
  'same-story/bad-one-chunk-twice',
  'same-story/bad-other-order',
  'answer-is-mine/bad-own-token-missing',
];

function accused(name: string, fault: FaultPlan, healed: boolean): boolean {
  const history = writtenHistories().find((each) => `${each.check}/${each.name}` === name);
  const check = history && findCheck(history.check);
  if (history === undefined || check === undefined) throw new Error(`There is no history ${name}`);
  const told = { time_ms: 0, scenario: 'example', type: 'fault', fault_id: 0, fault } as const;
  const before: HistoryEvent[] = [{ ...told, seq: -2, phase: 'applied', proof: 'seen' }];
  if (healed) before.push({ ...told, seq: -1, phase: 'healed', proof: 'seen' });
  return judgeWith(check, [...before, ...history.events]).findings.length > 0;
}

test.each(wrong)('%s', (name) => {
  for (const fault of falsifying) {
    expect([fault.fault, accused(name, fault, false)]).toEqual([fault.fault, false]);
    expect([fault.fault, accused(name, fault, true)]).toEqual([fault.fault, true]);
  }
  for (const fault of honest) expect([fault.fault, accused(name, fault, false)]).toEqual([fault.fault, true]);
});
