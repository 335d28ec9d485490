/** A request to a peer is matched to the turn that caused it by the token that was passed on, also when many turns run at once. */
import { expect, test } from 'vitest';
import type { HistoryEvent, InvokeEvent, PeerCallEvent } from '../model/history.ts';
import { tokensIn } from '../model/marks.ts';
import { startPeerCalls } from './peer-calls.ts';

const TOKENS = ['mqaaaaaaaaaax0x0', 'mqbbbbbbbbbbx0x1', 'mqccccccccccx1x0'] as const;

const call = (seq: number, tokens: readonly string[]): PeerCallEvent => ({
  seq,
  time_ms: seq,
  scenario: 's',
  type: 'peer-call',
  peer: 'peer',
  operation: 'SendStreamingMessage',
  tokens,
  message: `m${seq}`,
});

const send = (seq: number, token: string): InvokeEvent => ({
  seq,
  time_ms: seq,
  scenario: 's',
  type: 'invoke',
  op_id: seq,
  user: 'u1',
  device: 0,
  step: 0,
  due_ms: 0,
  op: { op: 'SendMessage', agent: 'agent', behaviour: 'delegates', messageId: 'm', text: token, token, echoes: true },
});

test('each turn has its own calls, retries among them, however they were mixed', () => {
  const calls = startPeerCalls();
  const order = [0, 1, 2, 1, 0, 1];
  for (const [seq, which] of order.entries()) calls.add(call(seq, [TOKENS[which] ?? '']));
  const seqsOf = (...events: readonly HistoryEvent[]) => calls.causedBy(events).map(({ seq }) => seq);
  expect(seqsOf(send(9, TOKENS[1]))).toEqual([1, 3, 5]);
  expect(seqsOf(send(9, TOKENS[2]), send(10, TOKENS[0]))).toEqual([0, 2, 4]);
  expect(seqsOf(send(9, 'mqddddddddddx0x0'))).toEqual([]);
  expect(calls.causedBy([send(9, TOKENS[2])])).toEqual([
    { seq: 2, peer: 'peer', operation: 'SendStreamingMessage', token: TOKENS[2], message: 'm2' },
  ]);
});

test('a storm of one turn does not fill the memory, and other events are none of its business', () => {
  const calls = startPeerCalls();
  for (let seq = 0; seq < 1_000; seq += 1) calls.add(call(seq, [TOKENS[0]]));
  calls.add(send(1_000, TOKENS[0]));
  expect(calls.causedBy([send(1_001, TOKENS[0])])).toHaveLength(4);
});

test('tokens are found in any text, each once and in lower case, and canaries alone are none', () => {
  expect(tokensIn('{"text":"MQaaaaaaaaaaX0x0 →mqaaaaaaaaaax0x0","n":"mqbbbbbbbbbbx0x1"}')).toEqual(TOKENS.slice(0, 2));
  expect(tokensIn('mqaaaaaaaaaa and nothing')).toEqual([]);
  expect(tokensIn(Array.from({ length: 50 }, (_, n) => `mqaaaaaaaaaax0x${n}`).join(' '))).toHaveLength(20);
});
