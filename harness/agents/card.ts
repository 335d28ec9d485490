/**
 * What muster reads from an agent card (§4.4.1, §8). Lenient where a slip harms nobody, clear where nothing could be
 * tested: such a card is answered with a sentence, never with a guess.
 */
import type { Transport } from '../model/a2a.ts';
import type { CardSummary } from '../model/history.ts';

export type Card = Readonly<Record<string, unknown>>;

const TRANSPORTS: ReadonlyMap<string, Transport> = new Map([
  ['JSONRPC', 'jsonrpc'],
  ['HTTP+JSON', 'rest'],
  ['GRPC', 'grpc'],
]);

export const isRecord = (value: unknown): value is Card =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const interfacesOf = (card: Card): readonly Card[] =>
  Array.isArray(card.supportedInterfaces) ? card.supportedInterfaces.filter(isRecord) : [];

/** An interface that leaves its version out is taken for 1.x; one that says 0.3 is not. */
const speaksVersion1 = (face: Card): boolean => /^(1(\.|$)|$)/.test(textOf(face.protocolVersion));

const transportsOf = (card: Card): Transport[] => {
  const found = interfacesOf(card)
    .filter(speaksVersion1)
    .map((face) => TRANSPORTS.get(textOf(face.protocolBinding)))
    .filter((transport) => transport !== undefined);
  return [...new Set(found)];
};

/** In the order of the card, whose first interface is the preferred one (§8.3). Never throws. */
export const summarizeCard = (card: Card): CardSummary => {
  const capabilities = isRecord(card.capabilities) ? card.capabilities : {};
  return {
    name: textOf(card.name),
    version: textOf(card.version),
    streaming: capabilities.streaming === true,
    pushNotifications: capabilities.pushNotifications === true,
    extendedAgentCard: capabilities.extendedAgentCard === true,
    transports: transportsOf(card),
  };
};

const isOld = (card: Card): boolean => {
  const faces = interfacesOf(card);
  if (faces.length > 0) return faces.every((face) => textOf(face.protocolVersion).startsWith('0.'));
  return textOf(card.protocolVersion).startsWith('0.') || typeof card.preferredTransport === 'string';
};

/** Why an agent with this card cannot be tested, as the end of a sentence that begins with "it". */
export const cardProblem = (card: Card): string | undefined => {
  if (transportsOf(card).length > 0) return undefined;
  if (isOld(card)) return 'speaks A2A 0.3 only, which this version cannot test';
  const faces = interfacesOf(card);
  if (faces.length === 0)
    return 'names no interface: its card needs "supportedInterfaces" with at least one entry of url, protocolBinding and protocolVersion (§4.4.1)';
  const offered = faces.map((face) => `${textOf(face.protocolBinding)} ${textOf(face.protocolVersion)}`.trim());
  return `offers no interface that muster speaks: its card has ${offered.map((face) => `"${face.slice(0, 40)}"`).join(', ')}, and muster speaks JSONRPC, HTTP+JSON and GRPC of A2A 1.x`;
};
