/**
 * Where an answer breaks off: after so many events or bytes since it began or, where a rule came later, since then. Whatever
 * is broken off, all that came before has left first.
 */
import { countEvents, type EventCounter } from './event-count.ts';
import type { ActiveRule, Call, RuleBook } from './rules.ts';

export interface Break {
  readonly by: 'reset' | 'close';
  /** How much of the chunk goes to the client before. */
  readonly keep: number;
}

export interface Breaks {
  /** Counts a chunk that goes to the client, up to where it breaks off. */
  pass(chunk: Buffer): Break | undefined;
  /** Whether a break is due before anything more. Call at the start, and when rules changed. */
  due(): Break | undefined;
}

/** An answer as it stands when breaks become possible. */
export interface Breakable {
  readonly isStream: boolean;
  /** How much of its body has gone to the client. */
  readonly bytes?: number;
  /** Where its events end from here on. */
  readonly counter?: EventCounter;
}

interface Passed {
  readonly events: number;
  readonly bytes: number;
}

const NOTHING: Passed = { events: 0, bytes: 0 };

export function openBreaks(
  rules: RuleBook,
  call: Call,
  { isStream, bytes: before = 0, counter = countEvents() }: Breakable,
): Breaks {
  const since = new Map<ActiveRule, Passed>();
  let passed: Passed = { events: 0, bytes: before };

  /** How much is left of `of` until the rule breaks; it never breaks where that is not counted. */
  const left = (active: ActiveRule): number => {
    const { after = 0, of = 'bytes' } = active.rule.breaks ?? {};
    if (of === 'events' && !isStream) return Number.POSITIVE_INFINITY;
    const before = since.get(active) ?? NOTHING;
    return after - (passed[of] - before[of]);
  };
  const note = (active: ActiveRule): 'reset' | 'close' => {
    rules.hit(active);
    rules.addBytes(active, passed.bytes);
    return active.rule.breaks?.by ?? 'reset';
  };
  const due = (): Break | undefined => {
    for (const active of rules.of(call, 'breaks')) {
      if (!since.has(active)) since.set(active, passed);
      if (left(active) <= 0) return { by: note(active), keep: 0 };
    }
    return undefined;
  };
  const count = (events: number, bytes: number): void => {
    passed = { events: passed.events + events, bytes: passed.bytes + bytes };
  };

  return {
    due,
    pass(chunk) {
      const ends = isStream ? counter.blocks(chunk).flatMap(({ end, isEvent }) => (isEvent ? [end] : [])) : [];
      let first: { readonly active: ActiveRule; readonly keep: number } | undefined;
      for (const active of rules.of(call, 'breaks')) {
        const rest = left(active);
        const keep = active.rule.breaks?.of === 'events' ? ends[rest - 1] : rest <= chunk.length ? rest : undefined;
        if (keep !== undefined && keep < (first?.keep ?? Number.POSITIVE_INFINITY)) first = { active, keep };
      }
      const keep = first?.keep ?? chunk.length;
      count(ends.filter((end) => end <= keep).length, keep);
      return first && { by: note(first.active), keep };
    },
  };
}
