/**
 * Remembering that two received values are equal without remembering the values: canonical JSON, and a 64-bit hash of
 * it. Two different texts of one history share a hash about once in 10^19 pairs.
 */
import { recordOf } from '../model/record-of.ts';

/** Deeper than this is left out; an agent chooses how deep its JSON is. */
const DEPTH_MAX = 64;

/** JSON with sorted members, without those that are undefined. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) return '"…"';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const record = recordOf(value);
    let members = '';
    for (const name of Object.keys(record).sort()) {
      if (record[name] === undefined) continue;
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(record[name], depth + 1)}`;
    }
    return `{${members}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** FNV-1a over UTF-16 code units, twice with different starts. */
export function fingerprint(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x85ebca6b);
  }
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`;
}
