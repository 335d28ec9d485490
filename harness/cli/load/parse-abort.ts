/** An abort rule as people write it, `error_rate > 20% for 10s`, becomes the gate that is missed while it holds. */
import { parseGate, parseGateOfPart, renderGate } from '../../judge/gates.ts';
import type { AbortRule } from '../../model/load.ts';
import { parseDuration } from '../parse-duration.ts';

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** Throws an error whose message says what is allowed. */
export function parseAbort(text: string): AbortRule {
  const [, condition, time] = /^\s*(.+?)\s+for\s+(\S+)\s*$/.exec(text) ?? [];
  const for_ms = time === undefined ? undefined : parseDuration(time);
  if (condition === undefined || for_ms === undefined || for_ms <= 0) {
    throw new Error(
      `"${text}" is no abort rule; give a condition and for how long it must hold, such as 'error_rate > 20% for 10s'`,
    );
  }
  const gate = parseGateOfPart(condition);
  if (gate.operator === '==') {
    throw new Error(`"${text}" waits for one exact number, which no load keeps; compare with < <= > or >=`);
  }
  return { gate: renderGate({ ...gate, operator: OPPOSITE[gate.operator] }), for_ms };
}

/** As people write it; the time in the largest unit that has no fraction. */
export function renderAbort({ gate, for_ms }: AbortRule): string {
  const { operator, ...rest } = parseGate(gate);
  const condition = operator === '==' ? gate : renderGate({ ...rest, operator: OPPOSITE[operator] });
  return `${condition} for ${for_ms % 1000 === 0 ? `${for_ms / 1000}s` : `${for_ms}ms`}`;
}
