/** What a received value says, wherever in it: for whoever looks for a word and knows nothing of the shape. */
import { recordOf } from './record-of.ts';

/**
 * Every text within a received value that is `wanted`: strings, the names of members, and what `raw` holds
 * in Base64. Not recursive, because an agent chooses how deep its JSON is.
 */
export function stringsIn(value: unknown, wanted = (_text: string): boolean => true): readonly string[] {
  const strings: string[] = [];
  const open: unknown[] = [value];
  const take = (one: unknown): void => {
    if (typeof one === 'string') {
      if (wanted(one)) strings.push(one);
    } else if (typeof one === 'object' && one !== null) open.push(one);
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) next.forEach(take);
    else if (typeof next === 'string') take(next);
    else {
      const record = recordOf(next);
      for (const name in record) {
        take(name);
        take(record[name]);
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
