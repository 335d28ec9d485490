/** What a received value says, wherever in it: for whoever looks for a word and knows nothing of the shape. */
import { recordOf } from './record-of.ts';

/**
 * Every text within a received value: strings, the names of members, and what `raw` holds in Base64. Not recursive,
 * because an agent chooses how deep its JSON is.
 */
export function stringsIn(...values: readonly unknown[]): readonly string[] {
  const strings: string[] = [];
  const open: unknown[] = [...values];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value === 'string') strings.push(value);
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        strings.push(name);
        open.push(member);
      }
      strings.push(...decoded(recordOf(value)['raw']));
    }
  }
  return strings;
}

function decoded(raw: unknown): readonly string[] {
  if (typeof raw !== 'string' || raw === '') return [];
  try {
    return [atob(raw)];
  } catch {
    return [];
  }
}
