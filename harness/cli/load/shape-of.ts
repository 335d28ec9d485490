/** From a shape as profiles write it, in words that people use, to the one that planning knows, with its units in its names. */
import type { LoadShape } from '../../plan/make-load.ts';
import type { ShapeInProfile } from './profile-schema.ts';

export function shapeOf(given: Exclude<ShapeInProfile, { shape: 'knee' }>): LoadShape {
  switch (given.shape) {
    case 'constant':
      return { shape: 'constant', rate_per_s: given.rate_per_s, for_ms: given.for };
    case 'ramp': {
      const { from_per_s, to_per_s, hold = 0 } = given;
      return { shape: 'ramp', from_per_s, to_per_s, for_ms: given.for, hold_ms: hold };
    }
    case 'steps': {
      const { from_per_s, to_per_s, steps, each } = given;
      return { shape: 'steps', from_per_s, to_per_s, steps, each_ms: each };
    }
    case 'spike': {
      const { base_per_s, peak_per_s, before, rise, peak, fall, after } = given;
      const times = { before_ms: before, rise_ms: rise, peak_ms: peak, fall_ms: fall, after_ms: after };
      return { shape: 'spike', base_per_s, peak_per_s, ...times };
    }
    case 'soak':
      return { shape: 'soak', rate_per_s: given.rate_per_s, rise_ms: given.rise, for_ms: given.for };
    case 'stages':
      return {
        shape: 'stages',
        stages: given.stages.map(({ from_per_s, to_per_s, for: for_ms }) => ({ from_per_s, to_per_s, for_ms })),
      };
    case 'closed':
      return { shape: 'closed', at_once: given.at_once, for_ms: given.for };
  }
}
