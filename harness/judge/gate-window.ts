/**
 * For how long a gate has been missed without a break, while a load goes on. The time is cut into slots of a tenth of what its rule
 * says. A slot is held against the gate alone where it has samples enough, and else together with those before it, as far back as the
 * rule says. Where even they are too few, nothing is known: silence neither misses a gate nor heals it.
 */
import type { AbortRule } from '../model/load.ts';
import type { GateRecord } from '../model/record.ts';
import { evaluateGate, type Gate, parseGateOfPart } from './gates.ts';
import type { LoadRules } from './load-metrics.ts';
import { addMeasurement, addVisit, beginLoad, type Measurement } from './measurement.ts';
import { type Metrics, mergeMetrics, startMetrics } from './metrics.ts';

const SLOTS = 10;
const SLOT_MS_MIN = 100;

export interface GateWindow {
  /** Counts when it ended. */
  add(measurement: Measurement): void;
  /** A user was due, and came or was dropped. */
  visit(due_ms: number, came: boolean): void;
  /** How long the gate has been missed when it is this late; 0 while it is not. Times do not go back. */
  at(now_ms: number): number;
  /** What the gate said last. */
  last(): GateRecord | null;
}

/** Throws `GateError` for a gate that cannot be read, or cannot be held against a part of a run. */
export function startWindow(rule: AbortRule, rules: LoadRules): GateWindow {
  const gate = parseGateOfPart(rule.gate);
  const slot_ms = Math.max(SLOT_MS_MIN, rule.for_ms / SLOTS);
  const slots_max = Math.ceil(rule.for_ms / slot_ms);
  const slots = new Map<number, Metrics>();
  /** The first slot that has not been looked at. */
  let next: number | null = null;
  let missed_since_ms: number | null = null;
  let last: GateRecord | null = null;

  const slotOf = (at_ms: number): Metrics => {
    const number = Math.max(Math.floor(at_ms / slot_ms), next ?? 0);
    next ??= number;
    const slot = slots.get(number) ?? startSlot(rules, number * slot_ms, slot_ms);
    slots.set(number, slot);
    return slot;
  };

  const look = (number: number): void => {
    const told = evaluateBackwards(gate, slots, number, slots_max);
    slots.delete(number - slots_max + 1);
    if (told === null) return;
    last = told;
    missed_since_ms = told.status === 'missed' ? (missed_since_ms ?? number * slot_ms) : null;
  };

  return {
    add: (measurement) => addMeasurement(slotOf(measurement.ended_ms), measurement),
    visit: (due_ms, came) => addVisit(slotOf(due_ms), due_ms, came, 0),
    at(now_ms) {
      if (next === null) return 0;
      const now = Math.floor(now_ms / slot_ms);
      // What was long ago cannot be told apart any more.
      next = Math.max(next, now - 2 * slots_max);
      for (; next < now; next += 1) look(next);
      return missed_since_ms === null ? 0 : next * slot_ms - missed_since_ms;
    },
    last: () => last,
  };
}

/** Null where all slots together have too few samples. */
function evaluateBackwards(
  gate: Gate,
  slots: ReadonlyMap<number, Metrics>,
  number: number,
  slots_max: number,
): GateRecord | null {
  let all: Metrics | undefined;
  for (let back = 0; back < slots_max; back += 1) {
    const slot = slots.get(number - back);
    if (slot === undefined) continue;
    all = all === undefined ? slot : mergeMetrics(slot, all);
    const load = all.load === null ? null : { ...all.load, ran_ms: (back + 1) * all.load.rules.for_ms };
    const told = evaluateGate(gate, { metrics: [{ ...all, load }], faults: [], findings: 0, evidence: 0 });
    if (told.status !== 'no-samples') return told;
  }
  return null;
}

/** What happens in a slot is told against its own length. */
function startSlot(rules: LoadRules, begin_ms: number, slot_ms: number): Metrics {
  const metrics = startMetrics({ ...rules, users: 1, stages: [], for_ms: slot_ms });
  beginLoad(metrics, begin_ms);
  return metrics;
}
