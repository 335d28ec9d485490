/**
 * report.json: the RunRecord as it is, for programs. Keys come in one order whatever order they were made in, so that
 * two reports can be compared line by line; report.schema.json beside this file says what each means.
 */
import type { RunRecord } from '../../harness/model/record.ts';

/** What a reader looks for first comes first in every object; all other keys follow in alphabetical order. */
const LEADING = [
  'schema',
  'muster',
  'seed',
  'verdict',
  'seq',
  'time_ms',
  'scenario',
  'type',
  'phase',
  'op_id',
  'name',
  'title',
  'check',
  'status',
  'message',
  'run',
  'exit_code',
  'reasons',
  'scenarios',
  'gates',
  'baseline',
  'isolation',
  'agents',
  'ports',
  'vitals',
  'environment',
];
const RANK: ReadonlyMap<string, number> = new Map(LEADING.map((key, index) => [key, index]));

function byRank([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  const distance = (RANK.get(left) ?? LEADING.length) - (RANK.get(right) ?? LEADING.length);
  if (distance !== 0) return distance;
  return left < right ? -1 : 1;
}

/** `Object.fromEntries` defines keys, so a `__proto__` that an agent sent stays a key. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(byRank);
  return Object.fromEntries(entries.map(([key, member]) => [key, ordered(member)]));
}

export function renderJson(record: RunRecord): string {
  return `${JSON.stringify(ordered(record), null, 2)}\n`;
}
