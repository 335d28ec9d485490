/**
 * A shape, as people think of load, becomes a demand, which is all that an engine knows of it. The same shape gives the same
 * demand, so that a profile which was written once means the same under every engine.
 */
import type { Demand, LoadStage } from '../model/load.ts';
import { arrivalsIn } from './due-times.ts';

/** Rates are visits per second; each visit does one script. */
export type LoadShape =
  | { readonly shape: 'constant'; readonly rate_per_s: number; readonly for_ms: number }
  /** Evenly from the one rate to the other, which is then held. */
  | {
      readonly shape: 'ramp';
      readonly from_per_s: number;
      readonly to_per_s: number;
      readonly for_ms: number;
      readonly hold_ms: number;
    }
  /** So many plateaus, the first and the last at the rates that are named. */
  | {
      readonly shape: 'steps';
      readonly from_per_s: number;
      readonly to_per_s: number;
      readonly steps: number;
      readonly each_ms: number;
    }
  | {
      readonly shape: 'spike';
      readonly base_per_s: number;
      readonly peak_per_s: number;
      readonly before_ms: number;
      readonly rise_ms: number;
      readonly peak_ms: number;
      readonly fall_ms: number;
      readonly after_ms: number;
    }
  /** Rises from nothing, stays for long, and falls to nothing. */
  | { readonly shape: 'soak'; readonly rate_per_s: number; readonly rise_ms: number; readonly for_ms: number }
  | { readonly shape: 'stages'; readonly stages: readonly LoadStage[] }
  | { readonly shape: 'closed'; readonly at_once: number; readonly for_ms: number };

export type Arrivals = Extract<Demand, { kind: 'open' }>['arrivals'];

export function demandOf(shape: LoadShape, arrivals: Arrivals): Demand {
  if (shape.shape === 'closed') return { kind: 'closed', at_once: shape.at_once, for_ms: shape.for_ms };
  return { kind: 'open', stages: stagesOf(shape).filter(({ for_ms }) => for_ms > 0), arrivals };
}

function stagesOf(shape: Exclude<LoadShape, { shape: 'closed' }>): readonly LoadStage[] {
  const level = (rate_per_s: number, for_ms: number): LoadStage => slope(rate_per_s, rate_per_s, for_ms);
  switch (shape.shape) {
    case 'constant':
      return [level(shape.rate_per_s, shape.for_ms)];
    case 'ramp':
      return [slope(shape.from_per_s, shape.to_per_s, shape.for_ms), level(shape.to_per_s, shape.hold_ms)];
    case 'steps': {
      const { from_per_s, to_per_s, steps, each_ms } = shape;
      return Array.from({ length: steps }, (_, index) => {
        // The last one is named, and not to be what rounding leaves of it.
        const rate = index === steps - 1 ? to_per_s : from_per_s + ((to_per_s - from_per_s) * index) / (steps - 1);
        return level(rate, each_ms);
      });
    }
    case 'spike':
      return [
        level(shape.base_per_s, shape.before_ms),
        slope(shape.base_per_s, shape.peak_per_s, shape.rise_ms),
        level(shape.peak_per_s, shape.peak_ms),
        slope(shape.peak_per_s, shape.base_per_s, shape.fall_ms),
        level(shape.base_per_s, shape.after_ms),
      ];
    case 'soak':
      return [
        slope(0, shape.rate_per_s, shape.rise_ms),
        level(shape.rate_per_s, shape.for_ms),
        slope(shape.rate_per_s, 0, shape.rise_ms),
      ];
    case 'stages':
      return shape.stages;
  }
}

const slope = (from_per_s: number, to_per_s: number, for_ms: number): LoadStage => ({ from_per_s, to_per_s, for_ms });

/** Visits per second where they are most. A closed load has none: it goes as fast as the agent lets it. */
export function peakOf(demand: Demand): number | undefined {
  if (demand.kind === 'closed') return undefined;
  return Math.max(...demand.stages.flatMap(({ from_per_s, to_per_s }) => [from_per_s, to_per_s]));
}

/** Of an open load; Poisson arrivals are so many in the mean. */
export function visitsIn(demand: Demand): number | undefined {
  return demand.kind === 'closed' ? undefined : arrivalsIn(demand.stages);
}

/** Six standard deviations: of a thousand million loads two have more. */
const DEVIATIONS = 6;

/** So many there are at most, as far as that can be said beforehand. */
export function visitsAtMost(demand: Demand): number | undefined {
  const mean = visitsIn(demand);
  if (mean === undefined || demand.kind === 'closed') return undefined;
  return Math.ceil(demand.arrivals === 'even' ? mean : mean + DEVIATIONS * Math.sqrt(mean) + DEVIATIONS);
}
