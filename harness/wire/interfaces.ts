/** Which of the interfaces on an agent card a wire speaks to: the one asked for, or the card's first that it can, in A2A 1.x if at all. */
import type { Transport } from '../model/a2a.ts';
import { type CardInterface, interfacesOn, isOf10, isUsable, SPOKEN, transportOf } from '../model/card-interfaces.ts';
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
  /** It is spoken to in A2A 0.3. */
  readonly is03: boolean;
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
  const offers = interfacesOn(card);
  const wanted = offers.filter(
    (offer) => isUsable(offer) && transportOf(offer) === (options.transport ?? transportOf(offer)),
  );
  const found = wanted.find(isOf10) ?? wanted[0];
  const transport = found && transportOf(found);
  if (!found || !transport) {
    throw new NoTransport(refusal(offers, options));
  }
  const rest = { tenant: found.tenant, is03: !isOf10(found) };
  if (transport === 'grpc') {
    const url = options.via === undefined ? found.url : new URL(options.via).host;
    return { transport, url, ...rest };
  }
  const url = absolute(found, options);
  return { transport, url, ...rest };
}

function absolute(offer: CardInterface, options: { readonly url: string; readonly via?: string }): string {
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

function refusal(offers: readonly CardInterface[], { url, transport }: { url: string; transport?: Transport }): string {
  const wanted = transport ? `the transport ${transport}` : 'a transport';
  const offered = offers.map(({ binding, version }) => `${binding}${version ? ` ${version}` : ''}`).join(', ');
  const speaks = `muster speaks ${SPOKEN}`;
  return offered
    ? `Cannot find ${wanted} on the card of the agent at ${url}: it offers ${offered}; ${speaks}`
    : `Cannot find ${wanted} on the card of the agent at ${url}: it names no interface with a url; ${speaks}`;
}
