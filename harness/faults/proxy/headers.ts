/**
 * Which headers cross the proxy, and how. Names keep their case, order and repetition, since a test of an agent must not
 * be the one that tidies up; only what belongs to one connection is left to each side (RFC 9110 §7.6.1).
 */

/** Name, value, name, value: as node:http reads and takes them. */
export type RawHeaders = readonly string[];

const OF_ONE_CONNECTION = new Set(['connection', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** `host` is the upstream's, so that the agent sees no difference from a client that calls it directly. */
export function requestHeaders(method: string, raw: RawHeaders, host: string): string[] {
  const headers: string[] = ['Host', host];
  for (const [name, value] of crossing(raw)) {
    const key = name.toLowerCase();
    // Events are counted and cards rewritten in the answers, which must therefore come uncompressed.
    if (key !== 'host' && key !== 'accept-encoding') headers.push(name, value);
  }
  headers.push('Accept-Encoding', 'identity');
  if (closes(raw)) headers.push('Connection', 'close');
  if (has(raw, 'transfer-encoding')) headers.push('Transfer-Encoding', 'chunked');
  else if (METHODS_WITH_BODY.has(method) && !has(raw, 'content-length')) headers.push('Content-Length', '0');
  return headers;
}

/** `Keep-Alive` crosses although it is of one connection: each client connection has exactly one upstream connection. */
export function answerHeaders(raw: RawHeaders): string[] {
  const headers = [...crossing(raw)].flat();
  if (closes(raw)) headers.push('Connection', 'close');
  return headers;
}

export function withoutHeader(raw: RawHeaders, unwanted: string): string[] {
  return [...pairs(raw)].filter(([name]) => name.toLowerCase() !== unwanted).flat();
}

export function pairsOf(raw: RawHeaders): [string, string][] {
  return [...pairs(raw)].map(([name, value]) => [name, value]);
}

function* crossing(raw: RawHeaders): Generator<readonly [string, string]> {
  const named = new Set(connectionOptions(raw));
  named.delete('keep-alive');
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    if (!OF_ONE_CONNECTION.has(key) && !named.has(key)) yield [name, value];
  }
}

function* pairs(raw: RawHeaders): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? '', raw[index + 1] ?? ''];
}

function connectionOptions(raw: RawHeaders): string[] {
  return [...pairs(raw)]
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((option) => option.trim());
}

function closes(raw: RawHeaders): boolean {
  return connectionOptions(raw).includes('close');
}

function has(raw: RawHeaders, wanted: string): boolean {
  return [...pairs(raw)].some(([name]) => name.toLowerCase() === wanted);
}
