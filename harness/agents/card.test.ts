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
    'a card of A2A 0.3 without JSON-RPC',
    { protocolVersion: '0.3.0', url: 'http://127.0.0.1/', preferredTransport: 'HTTP+JSON' },
    /its card has "HTTP\+JSON 0\.3\.0", and muster speaks .* JSONRPC of A2A 0\.3$/,
  ],
  ['a card of A2A 0.2', { protocolVersion: '0.2.6', url: 'http://127.0.0.1/' }, /its card has "JSONRPC 0\.2\.6"/],
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

test.each([
  ['alone', { protocolVersion: '0.3.0', url: 'http://127.0.0.1/' }],
  [
    'beside others',
    { url: 'x', preferredTransport: 'GRPC', additionalInterfaces: [{ url: 'y', transport: 'JSONRPC' }] },
  ],
  ['on a card of 1.0', { supportedInterfaces: [face('JSONRPC', '0.3')] }],
])('JSON-RPC of A2A 0.3, %s, can be tested, and is summarized as such', (_, card) => {
  expect(cardProblem({ name: 'x', ...card })).toBeUndefined();
  expect(summarizeCard({ name: 'x', ...card })).toMatchObject({ transports: ['jsonrpc'], protocol: '0.3' });
});

test('no JSON object is too strange to be summarized', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (card) => {
      expect(summarizeCard(card).transports.length === 0).toBe(cardProblem(card) !== undefined);
    }),
  );
});
