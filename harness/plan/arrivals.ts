/** Load shapes as pure functions: when each user is due, in milliseconds after the load begins, in ascending order. */
import type { LoadProfile } from '../model/scenario.ts';

export function arrivals(load: LoadProfile, users: number): readonly number[] {
  return Array.from({ length: users }, (_, index) => dueOf(load, index, users));
}

function dueOf(load: LoadProfile, index: number, users: number): number {
  switch (load.shape) {
    case 'closed':
      return 0;
    case 'constant':
      return round((index * 1000) / load.rate_per_s);
    case 'ramp': {
      // The rate is linear in time, so the number of arrivals is quadratic in it: n(t) = from·t + (to − from)·t² / 2T.
      const { from_per_s: from, to_per_s: to } = load;
      const length_s = (2 * users) / (from + to);
      const slope = (to - from) / length_s;
      // Solved for t in the form that neither divides by a slope of nearly nothing nor cancels digits out.
      const due_s = (2 * index) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * index)));
      return round(due_s * 1000);
    }
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
