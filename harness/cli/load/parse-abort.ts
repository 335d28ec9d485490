/** An abort rule as people write it, `error_rate > 20% for 10s`, becomes the gate that is missed while it holds. */
import { type Gate, parseGate, renderGate } from '../../judge/gates.ts';
import type { AbortRule } from '../../model/load.ts';
import { parseDuration } from '../parse-duration.ts';

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** What can be told from a few seconds of a load, as they pass. */
const METRICS: ReadonlySet<string> = new Set<Gate['metric']>([
  'error_rate',
  'p50_ms',
  'p95_ms',
  'p99_ms',
  'max_ms',
  'first_event_p50_ms',
  'first_event_p95_ms',
  'first_event_p99_ms',
]);

/** Throws an error whose message says what is allowed. */
export function parseAbort(text: string): AbortRule {
  const [, condition, time] = /^\s*(.+?)\s+for\s+(\S+)\s*$/.exec(text) ?? [];
  const for_ms = time === undefined ? undefined : parseDuration(time);
  if (condition === undefined || for_ms === undefined || for_ms <= 0) {
    throw new Error(
      `"${text}" is no abort rule; give a condition and for how long it must hold, such as 'error_rate > 20% for 10s'`,
    );
  }
  const gate = parseGate(condition);
  if (gate.operator === '==') {
    throw new Error(`"${text}" waits for one exact number, which no load keeps; compare with < <= > or >=`);
  }
  if (!METRICS.has(gate.metric)) {
    throw new Error(
      `"${text}" is of ${gate.metric}, which is known only when the load is over; an abort rule is of ${[...METRICS].join(', ')}`,
    );
  }
  return { gate: renderGate({ ...gate, operator: OPPOSITE[gate.operator] }), for_ms };
}

/** As people write it; the time in the largest unit that has no fraction. */
export function renderAbort({ gate, for_ms }: AbortRule): string {
  const { operator, ...rest } = parseGate(gate);
  const condition = operator === '==' ? gate : renderGate({ ...rest, operator: OPPOSITE[operator] });
  return `${condition} for ${for_ms % 1000 === 0 ? `${for_ms / 1000}s` : `${for_ms}ms`}`;
}
