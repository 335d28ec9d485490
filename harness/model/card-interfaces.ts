/**
 * Where and how an agent can be spoken to, read alike from a card of A2A 1.0 (§4.4.1) and from one of A2A 0.3, which has one
 * `url` and perhaps more. Whoever starts agents and whoever speaks to them must not read a card in two ways.
 */
import type { Transport } from './a2a.ts';
import { recordOf } from './record-of.ts';

export interface CardInterface {
  /** As the card has it: `JSONRPC`, `HTTP+JSON`, `GRPC`, or another one. */
  readonly binding: string;
  readonly version: string;
  readonly url: string;
  readonly tenant: string;
}

const TRANSPORTS: Readonly<Record<string, Transport>> = { JSONRPC: 'jsonrpc', 'HTTP+JSON': 'rest', GRPC: 'grpc' };

/** Nothing for a binding that muster does not speak. */
export const transportOf = ({ binding }: CardInterface): Transport | undefined => TRANSPORTS[binding];

/** An interface that leaves its version out is taken for 1.x. */
export const isOf10 = ({ version }: CardInterface): boolean => /^(1(\.|$)|$)/.test(version);

/**
 * A2A 0.3 over JSON-RPC only: over the other bindings the client of the SDK forgets which chunks are to be appended
 * (docs/findings/js-append-forgotten.md), and an agent would be accused of what that client does.
 */
export const isUsable = (face: CardInterface): boolean =>
  transportOf(face) !== undefined && (isOf10(face) || (/^0\.3(\.|$)/.test(face.version) && face.binding === 'JSONRPC'));

export const SPOKEN = 'JSONRPC, HTTP+JSON and GRPC of A2A 1.x, and JSONRPC of A2A 0.3';

/** Those with a URL, in the order of the card, whose first one is preferred; on a card that has both, 0.3 is not looked at. */
export function interfacesOn(card: Readonly<Record<string, unknown>>): readonly CardInterface[] {
  const list: readonly unknown[] = Array.isArray(card['supportedInterfaces']) ? card['supportedInterfaces'] : [];
  const named = list.map(recordOf).map((face) => ({
    binding: textOf(face['protocolBinding']),
    version: textOf(face['protocolVersion']),
    url: textOf(face['url']),
    tenant: textOf(face['tenant']),
  }));
  return (named.length > 0 ? named : interfacesOf03(card)).filter(({ url }) => url !== '');
}

/** `additionalInterfaces` may name the first one again. */
function interfacesOf03(card: Readonly<Record<string, unknown>>): readonly CardInterface[] {
  const version = textOf(card['protocolVersion']) || '0.3';
  const more: readonly unknown[] = Array.isArray(card['additionalInterfaces']) ? card['additionalInterfaces'] : [];
  return [{ url: card['url'], transport: card['preferredTransport'] ?? 'JSONRPC' }, ...more]
    .map(recordOf)
    .map(({ url, transport }) => ({ binding: textOf(transport), version, url: textOf(url), tenant: '' }));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
