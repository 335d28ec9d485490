/**
 * What muster reads from an agent card (§4.4.1, §8). Lenient where a slip harms nobody, clear where nothing could be
 * tested: such a card is answered with a sentence, never with a guess.
 */
import { type CardInterface, interfacesOn, isOf10, isUsable, SPOKEN, transportOf } from '../model/card-interfaces.ts';
import type { CardSummary } from '../model/history.ts';

export type Card = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Card =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Those of 1.x where the card offers any, else those of 0.3. */
const usableOn = (card: Card): readonly CardInterface[] => {
  const usable = interfacesOn(card).filter(isUsable);
  return usable.some(isOf10) ? usable.filter(isOf10) : usable;
};

/** In the order of the card, whose first interface is the preferred one (§8.3). Never throws. */
export const summarizeCard = (card: Card): CardSummary => {
  const capabilities = isRecord(card.capabilities) ? card.capabilities : {};
  const faces = usableOn(card);
  return {
    name: textOf(card.name),
    version: textOf(card.version),
    streaming: capabilities.streaming === true,
    pushNotifications: capabilities.pushNotifications === true,
    extendedAgentCard: capabilities.extendedAgentCard === true,
    transports: [...new Set(faces.map(transportOf).filter((transport) => transport !== undefined))],
    ...(faces.length > 0 && !faces.some(isOf10) ? { protocol: '0.3' as const } : {}),
  };
};

/** Why an agent with this card cannot be tested, as the end of a sentence that begins with "it". */
export const cardProblem = (card: Card): string | undefined => {
  if (usableOn(card).length > 0) return undefined;
  const faces = interfacesOn(card);
  if (faces.length === 0)
    return 'names no interface: its card needs "supportedInterfaces" with at least one entry of url, protocolBinding and protocolVersion (§4.4.1)';
  const offered = faces.map(({ binding, version }) => `${binding} ${version}`.trim());
  return `offers no interface that muster speaks: its card has ${offered.map((face) => `"${face.slice(0, 40)}"`).join(', ')}, and muster speaks ${SPOKEN}`;
};
