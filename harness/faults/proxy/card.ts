/**
 * Rewrites an agent card on its way through, so that a client that follows the card comes back through the proxy. Only
 * addresses change; a signature over the card (§8.4) no longer fits, and is left for the client to judge.
 */

const CARD_PATH = '/.well-known/agent-card.json';
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]']);

export function isCardPath(path: string): boolean {
  return (path.split('?', 1)[0] ?? '').endsWith(CARD_PATH);
}

/** The card's text with `upstream`'s origin replaced by `proxy`'s; undefined where the text is no JSON object. */
export function rewriteCard(text: string, upstream: URL, proxy: URL): string | undefined {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(card)) return undefined;
  const rewritten = { ...moved(card, upstream, proxy) };
  // `additionalInterfaces` and a `url` of the card itself are A2A 0.3's way of saying the same.
  for (const list of ['supportedInterfaces', 'additionalInterfaces']) {
    const interfaces = rewritten[list];
    if (Array.isArray(interfaces)) {
      const overHttp = interfaces.filter((each) => !isGrpc(each));
      rewritten[list] = overHttp.map((each) => (isRecord(each) ? moved(each, upstream, proxy) : each));
    }
  }
  return JSON.stringify(rewritten);
}

/** Only HTTP/1.1 goes through the proxy for now: a client that chose gRPC would meet no fault, so it gets no choice. */
function isGrpc(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  const binding = entry['protocolBinding'] ?? entry['transport'];
  return typeof binding === 'string' && binding.toUpperCase() === 'GRPC';
}

function moved(entry: Record<string, unknown>, upstream: URL, proxy: URL): Record<string, unknown> {
  if (typeof entry['url'] !== 'string') return entry;
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
  if (a.protocol !== b.protocol || a.port !== b.port) return false;
  return a.hostname === b.hostname || (LOOPBACK_NAMES.has(a.hostname) && LOOPBACK_NAMES.has(b.hostname));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
