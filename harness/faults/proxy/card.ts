/**
 * Rewrites an agent card on its way through, so that a client that follows the card comes back through the proxy. Only
 * addresses change; a signature over the card (§8.4) no longer fits, and is left for the client to judge.
 */

const CARD_PATH = '/.well-known/agent-card.json';
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]']);

export function isCardPath(path: string): boolean {
  return (path.split('?', 1)[0] ?? '').endsWith(CARD_PATH);
}

export interface CardMove {
  readonly upstream: URL;
  readonly proxy: URL;
  /** An origin that leads to an address where gRPC is spoken. */
  readonly tunnelTo: (address: URL) => Promise<string>;
}

/** The card's text with `upstream`'s addresses replaced by the proxy's; undefined where the text is no JSON object. */
export async function rewriteCard(text: string, move: CardMove): Promise<string | undefined> {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(card)) return undefined;
  const rewritten = { ...moved(card, move) };
  // `additionalInterfaces` and a `url` of the card itself are A2A 0.3's way of saying the same.
  for (const list of ['supportedInterfaces', 'additionalInterfaces']) {
    const interfaces = rewritten[list];
    if (!Array.isArray(interfaces)) continue;
    const kept = await Promise.all(
      interfaces.map(async (each) => (isRecord(each) && isGrpc(each) ? await tunnelled(each, move) : [each])),
    );
    rewritten[list] = kept.flat().map((each: unknown) => (isRecord(each) ? moved(each, move) : each));
  }
  return JSON.stringify(rewritten);
}

function isGrpc(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  const binding = entry['protocolBinding'] ?? entry['transport'];
  return typeof binding === 'string' && binding.toUpperCase() === 'GRPC';
}

/**
 * gRPC without TLS goes through a tunnel. With TLS, or at another host, a client that chose it would meet no fault, so it gets no
 * choice: the certificate is not the proxy's.
 */
async function tunnelled(entry: Record<string, unknown>, { upstream, tunnelTo }: CardMove): Promise<unknown[]> {
  const written = typeof entry['url'] === 'string' ? entry['url'] : '';
  const [, scheme = '', authority = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/\/?)?([^/?#]+)/i.exec(written) ?? [];
  const address = URL.parse(`http://${authority}`);
  if (address === null || /^(https|grpcs)$/i.test(scheme) || !sameHost(address, upstream)) return [];
  return [{ ...entry, url: written.replace(authority, new URL(await tunnelTo(address)).host) }];
}

function moved(entry: Record<string, unknown>, { upstream, proxy }: CardMove): Record<string, unknown> {
  if (typeof entry['url'] !== 'string' || isGrpc(entry)) return entry;
  const url = URL.parse(entry['url']);
  if (url === null || !sameOrigin(url, upstream)) return entry;
  return { ...entry, url: atOrigin(entry['url'], proxy) };
}

/** Everything after the origin stays as it is written: a slash more or less is another address to some agents. */
export function atOrigin(url: string, proxy: URL): string {
  return proxy.origin + url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
}

/** An agent told to listen on 127.0.0.1 may well call itself localhost, or 0.0.0.0. */
function sameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.port === b.port && sameHost(a, b);
}

function sameHost(a: URL, b: URL): boolean {
  return a.hostname === b.hostname || (LOOPBACK_NAMES.has(a.hostname) && LOOPBACK_NAMES.has(b.hostname));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
