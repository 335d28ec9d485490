/** Headers as names and values in turn: what rules change of an answer. Names keep their case, order and repetition. */

/** Name, value, name, value: as node:http reads and takes them. */
export type RawHeaders = readonly string[];

export function withoutHeader(raw: RawHeaders, unwanted: string): string[] {
  return linesOf(raw, (name) => name.toLowerCase() !== unwanted).flat();
}

export function renderHeaders(raw: RawHeaders): string {
  return linesOf(raw, () => true)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function linesOf(raw: RawHeaders, isWanted: (name: string) => boolean): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (isWanted(name)) pairs.push([name, raw[index + 1] ?? '']);
  }
  return pairs;
}
