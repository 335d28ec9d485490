/** How slowly what goes to a client may go: the rules in force made one, and how long a piece has still to wait. */
import type { ActiveRule, Call } from './rules.ts';

export interface Pace {
  /** Everything leaves so much later than it came; the delays of several rules add up. */
  readonly hold_ms?: number;
  /** So much more or less, drawn once for each answer. */
  readonly jitter_ms?: number;
  readonly bytes_per_s?: number;
  /** At most so many bytes leave at once, … */
  readonly slice_bytes?: number;
  /** … and the next ones so much later. */
  readonly gap_ms?: number;
  /** The end leaves so much later than it came. */
  readonly end_ms?: number;
  /** Nothing leaves at all. */
  readonly standsStill?: true;
}

export type Pacing = Required<Omit<Pace, 'jitter_ms' | 'standsStill'>> & { readonly standsStill: boolean };

/** While bytes are rationed they leave so often; a longer step would make slow lines of them that stutter. */
const STEP_S = 0.02;

export function openPacing(): (actives: readonly ActiveRule[], call: Call) => Pacing | undefined {
  const jitters = new WeakMap<ActiveRule, { drawn: number; readonly of: WeakMap<Call, number> }>();
  const jitterOf = (active: ActiveRule, call: Call): number => {
    const jitter_ms = active.rule.pace?.jitter_ms ?? 0;
    if (jitter_ms === 0) return 0;
    const known = jitters.get(active) ?? { drawn: 0, of: new WeakMap<Call, number>() };
    jitters.set(active, known);
    let mine = known.of.get(call);
    if (mine === undefined) {
      known.drawn += 1;
      mine = ((active.rule.draw?.(known.drawn) ?? 0.5) * 2 - 1) * jitter_ms;
      known.of.set(call, mine);
    }
    return mine;
  };
  return (actives, call) => {
    if (actives.length === 0) return undefined;
    const sum = { hold_ms: 0, gap_ms: 0, end_ms: 0 };
    let bytes_per_s = Number.POSITIVE_INFINITY;
    let slice_bytes = Number.POSITIVE_INFINITY;
    let standsStill = false;
    for (const active of actives) {
      const pace = active.rule.pace ?? {};
      sum.hold_ms += Math.max(0, (pace.hold_ms ?? 0) + jitterOf(active, call));
      sum.gap_ms += pace.gap_ms ?? 0;
      sum.end_ms += pace.end_ms ?? 0;
      bytes_per_s = Math.min(bytes_per_s, pace.bytes_per_s ?? bytes_per_s);
      slice_bytes = Math.min(slice_bytes, pace.slice_bytes ?? slice_bytes);
      standsStill ||= pace.standsStill === true;
    }
    slice_bytes = Math.min(slice_bytes, Math.max(1, Math.ceil(bytes_per_s * STEP_S)));
    return { ...sum, bytes_per_s, slice_bytes, standsStill };
  };
}
