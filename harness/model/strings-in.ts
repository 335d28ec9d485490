/** What a received value says, wherever in it: for whoever looks for a word and knows nothing of the shape. */
import { recordOf } from './record-of.ts';

/**
 * Every text within a received value that is not shorter than `length_min`: strings, the names of members, and what `raw` holds
 * in Base64. Not recursive, because an agent chooses how deep its JSON is.
 */
export function stringsIn(value: unknown, length_min = 0): readonly string[] {
  const strings: string[] = [];
  const open: unknown[] = [value];
  const take = (text: string): void => {
    if (text.length >= length_min) strings.push(text);
  };
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') take(next);
    else if (Array.isArray(next)) for (const item of next) open.push(item);
    else if (typeof next === 'object' && next !== null) {
      const record = recordOf(next);
      for (const name of Object.keys(record)) {
        take(name);
        open.push(record[name]);
      }
      const { raw } = record;
      if (typeof raw === 'string' && raw !== '') take(decoded(raw));
    }
  }
  return strings;
}

/** Nothing where it is no Base64. */
function decoded(raw: string): string {
  try {
    return atob(raw);
  } catch {
    return '';
  }
}
