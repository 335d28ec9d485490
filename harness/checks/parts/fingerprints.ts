/**
 * Remembering that two received values are equal without remembering the values. Members of an object have no order. Two
 * different values share a fingerprint about once in 10^16 pairs.
 */
import { type Json, recordOf } from '../../model/record-of.ts';

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

/** Of 53 bits, and made without writing the value out: every update of every stream has one. */
export function fingerprintOf(value: unknown): number {
  hash.low = 0x811c9dc5;
  hash.high = 0x01234567;
  addValue(value, 0);
  return (hash.low >>> 0) + (hash.high & 0x1fffff) * 2 ** 32;
}

/** FNV-1a over UTF-16 code units, twice with different starts. */
const hash = { low: 0, high: 0 };

function addUnit(unit: number): void {
  hash.low = Math.imul(hash.low ^ unit, 0x01000193);
  hash.high = Math.imul(hash.high ^ unit ^ (hash.low >>> 15), 0x85ebca6b);
}

function addText(text: string): void {
  for (let index = 0; index < text.length; index += 1) addUnit(text.charCodeAt(index));
  addUnit(text.length);
}

const KINDS = { text: 1, list: 2, record: 3, other: 4 } as const;

function addValue(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    addUnit(KINDS.text);
    addText(value);
  } else if (Array.isArray(value) && depth < DEPTH_MAX) {
    addUnit(KINDS.list);
    for (const item of value) addValue(item, depth + 1);
    addUnit(value.length);
  } else if (typeof value === 'object' && value !== null && depth < DEPTH_MAX) {
    addUnit(KINDS.record);
    addMembers(recordOf(value), depth);
  } else {
    addUnit(KINDS.other);
    addText(typeof value === 'object' && value !== null ? '…' : String(value));
  }
}

/** Each member alone, and then their sum, in which they have no order. */
function addMembers(record: Json, depth: number): void {
  const { low, high } = hash;
  let sumOfLow = 0;
  let sumOfHigh = 0;
  for (const name of Object.keys(record)) {
    if (record[name] === undefined) continue;
    hash.low = low;
    hash.high = high;
    addText(name);
    addValue(record[name], depth + 1);
    sumOfLow = (sumOfLow + hash.low) | 0;
    sumOfHigh = (sumOfHigh + hash.high) | 0;
  }
  hash.low = low;
  hash.high = high;
  addUnit(sumOfLow);
  addUnit(sumOfHigh);
}
