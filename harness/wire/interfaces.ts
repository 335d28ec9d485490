/** Which of the interfaces on an agent card a wire speaks to: the one asked for, or the card's first that it can. */
import type { Transport } from '../model/a2a.ts';
import { reasonOf } from '../model/reason-of.ts';

/** The agent card does not offer what was asked for. */
export class NoTransport extends Error {
  override readonly name = 'NoTransport';
}

export interface AgentInterface {
  readonly transport: Transport;
  /** Absolute for HTTP; as on the card for gRPC. */
  readonly url: string;
  readonly tenant: string;
}

const TRANSPORTS: Readonly<Record<string, Transport>> = { JSONRPC: 'jsonrpc', 'HTTP+JSON': 'rest', GRPC: 'grpc' };

interface Offer {
  readonly binding: string;
  readonly version: string;
  readonly url: string;
  readonly tenant: string;
}

/**
 * Relative URLs are resolved against the card's own `url`; `via` replaces the origin of an interface; over gRPC with
 * nothing but the address, so an interface with TLS cannot be had that way.
 * Throws `NoTransport`.
 */
export function pickInterface(
  card: Readonly<Record<string, unknown>>,
  options: { readonly url: string; readonly transport?: Transport; readonly via?: string },
): AgentInterface {
  const offers = offersOf(card);
  const found = offers.find((offer) => {
    const transport = TRANSPORTS[offer.binding];
    return transport && !offer.version.startsWith('0.') && transport === (options.transport ?? transport);
  });
  const transport = found && TRANSPORTS[found.binding];
  if (!found || !transport) {
    throw new NoTransport(refusal(offers, options));
  }
  if (transport === 'grpc') {
    const url = options.via === undefined ? found.url : new URL(options.via).host;
    return { transport, url, tenant: found.tenant };
  }
  const url = absolute(found, options);
  return { transport, url, tenant: found.tenant };
}

function offersOf(card: Readonly<Record<string, unknown>>): readonly Offer[] {
  const list: readonly unknown[] = Array.isArray(card['supportedInterfaces']) ? card['supportedInterfaces'] : [];
  return list.flatMap((item) => {
    const offer = (item ?? {}) as Readonly<Record<string, unknown>>;
    const text = (name: string) => (typeof offer[name] === 'string' ? offer[name] : '');
    const binding = text('protocolBinding');
    return text('url') ? [{ binding, version: text('protocolVersion'), url: text('url'), tenant: text('tenant') }] : [];
  });
}

function absolute(offer: Offer, options: { readonly url: string; readonly via?: string }): string {
  let url: URL;
  try {
    url = new URL(offer.url, options.url);
    if (options.via === undefined) {
      return url.href;
    }
    return new URL(`${url.pathname}${url.search}`, options.via).href;
  } catch (error) {
    throw new NoTransport(
      `Cannot use the ${offer.binding} interface of the agent at ${options.url}: its URL ${JSON.stringify(offer.url)} ` +
        `cannot be read (${reasonOf(error)}); correct it in the agent card`,
    );
  }
}

function refusal(offers: readonly Offer[], { url, transport }: { url: string; transport?: Transport }): string {
  const wanted = transport ? `the transport ${transport}` : 'a transport';
  const offered = offers.map(({ binding, version }) => `${binding}${version ? ` ${version}` : ''}`).join(', ');
  const speaks = 'muster speaks JSONRPC, HTTP+JSON and GRPC of A2A 1.0';
  return offered
    ? `Cannot find ${wanted} on the card of the agent at ${url}: it offers ${offered}; ${speaks}`
    : `Cannot find ${wanted} on the card of the agent at ${url}: it has no supportedInterfaces with a url; ${speaks}`;
}
