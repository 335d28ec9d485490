/** Which peers an op needs decides what a fault on one of them excuses, and whose recovery an answer shows. */
import { expect, test } from 'vitest';
import type { Op } from './op.ts';
import { crewVariable, isPeer, peersNeeded } from './peers.ts';

const send = { op: 'SendMessage', agent: 'agent', messageId: 'm', text: 't', token: 't', echoes: false } as const;

test('a send needs the peer where it has it delegate, and those of the crew that its phrase names', () => {
  const order: Op = { ...send, behaviour: 'pizza/order', crew: ['kitchen', 'delivery'] };
  expect(peersNeeded(order)).toEqual(['peer-kitchen', 'peer-delivery']);
  expect(peersNeeded({ ...order, behaviour: 'delegates' })).toEqual(['peer', 'peer-kitchen', 'peer-delivery']);
  expect(peersNeeded({ ...send, behaviour: 'short' })).toEqual([]);
  expect(peersNeeded({ op: 'GetTask', agent: 'agent', taskId: 't' })).toEqual([]);
});

test('a peer is told by its name, and a crew by variables that a shell takes', () => {
  expect(['peer', 'peer-kitchen', 'agent', 'peers', 'u1/agent-1'].map(isPeer)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(crewVariable('night-shift')).toBe('PEER_NIGHT_SHIFT_URL');
});
