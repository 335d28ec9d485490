/** Cards of every shape that agents serve, and some that they should not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardProblem, summarizeCard } from './card.ts';

const face = (protocolBinding: string, protocolVersion?: string) => ({
  url: 'http://127.0.0.1/',
  protocolBinding,
  ...(protocolVersion === undefined ? {} : { protocolVersion }),
});

test('a summary has the transports in the order of the card, each once', () => {
  const card = {
    name: 'Pizza',
    version: '2.0.0',
    capabilities: { streaming: true, pushNotifications: true },
    supportedInterfaces: [
      face('GRPC', '1.0'),
      face('JSONRPC', '0.3'),
      face('HTTP+JSON', '1.1'),
      face('CARRIER-PIGEON', '1.0'),
      face('GRPC', '1.0'),
      face('JSONRPC'),
    ],
  };
  expect(summarizeCard(card)).toEqual({
    name: 'Pizza',
    version: '2.0.0',
    streaming: true,
    pushNotifications: true,
    extendedAgentCard: false,
    transports: ['grpc', 'rest', 'jsonrpc'],
  });
  expect(cardProblem(card)).toBeUndefined();
});

test.each([
  [
    'a card of A2A 0.3',
    { protocolVersion: '0.3.0', url: 'http://127.0.0.1/', preferredTransport: 'JSONRPC' },
    /^speaks A2A 0\.3 only, which this version cannot test$/,
  ],
  ['a 1.0 card with 0.3 interfaces only', { supportedInterfaces: [face('JSONRPC', '0.3')] }, /A2A 0\.3 only/],
  ['a card without interfaces', {}, /^names no interface/],
  ['a card with an empty list', { supportedInterfaces: [] }, /^names no interface/],
  ['a card with junk for a list', { supportedInterfaces: 'JSONRPC' }, /^names no interface/],
  [
    'a card with bindings of its own',
    { supportedInterfaces: [face('WEBSOCKET', '1.0')] },
    /its card has "WEBSOCKET 1\.0"/,
  ],
  ['a card of a later A2A', { supportedInterfaces: [face('JSONRPC', '2.0')] }, /its card has "JSONRPC 2\.0"/],
])('%s cannot be tested, and is told why', (_, card, sentence) => {
  expect(cardProblem({ name: 'x', ...card })).toMatch(sentence);
});

test('no JSON object is too strange to be summarized', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (card) => {
      expect(summarizeCard(card).transports.length === 0).toBe(cardProblem(card) !== undefined);
    }),
  );
});
