/**
 * How gates read what only a load has. A run has at most one, so its parts are added; where nothing was due there is no reading,
 * since nothing asked is nothing met.
 */
import {
  type Asked,
  fraction,
  type Measured,
  NO_READING,
  type Read,
  type Reading,
  sumOf,
  talliesOf,
} from './gate-readings.ts';
import { mergeLatencies, percentileOf, startLatencies } from './latency.ts';
import type { LoadMetrics } from './load-metrics.ts';
import type { Tally } from './tally.ts';

export const ratePerS: Read = (_, measured) => {
  const loads = loadsOf(measured);
  return perSecond(
    loads,
    sumOf(loads, ({ sent }) => sent),
    sumOf(loads, ({ due }) => due),
  );
};

export const dropped: Read = (asked, measured) => {
  const loads = loadsOf(measured);
  return fraction(
    asked,
    sumOf(loads, (load) => load.dropped),
    sumOf(loads, ({ due }) => due),
  );
};

/** Of a single operation, what it was asked; otherwise also those who were dropped, and could not ask at all. */
export const goodput: Read = (asked, measured) => {
  const tallies = talliesOf(asked, measured);
  return fraction(asked, goodOf(tallies), dueOf(asked, measured));
};

export const goodputPerS: Read = (asked, measured) =>
  perSecond(loadsOf(measured), goodOf(talliesOf(asked, measured)), dueOf(asked, measured));

export const eventsPerS: Read = (asked, measured) => {
  const events = sumOf(talliesOf(asked, measured), (tally) => tally.events);
  return perSecond(loadsOf(measured), events, events);
};

export const stalls: Read = (asked, measured) => {
  const tallies = talliesOf(asked, measured);
  const samples = sumOf(tallies, ({ gap }) => gap.histogram.totalCount);
  if (samples === 0 || loadsOf(measured).length === 0) return NO_READING;
  return { value: sumOf(tallies, (tally) => tally.stalls), samples };
};

/** Of a single user, or where nobody got anything, there is nothing to share. */
export const fairness: Read = (_, measured) => {
  const shares = loadsOf(measured).flatMap(sharesOf);
  return { value: shares.length < 2 ? null : jain(shares), samples: shares.length };
};

export const lagP99: Read = (_, measured) => {
  const lag = loadsOf(measured).reduce((all, load) => mergeLatencies(all, load.lag), startLatencies());
  const samples = lag.histogram.totalCount;
  return { value: percentileOf(lag, 99), samples };
};

/** The fraction of good answers that each user got, of those who asked anything. */
export function sharesOf({ users_asked, users_good }: LoadMetrics): readonly number[] {
  return [...users_asked.entries()].flatMap(([user, asked]) => (asked === 0 ? [] : [(users_good[user] ?? 0) / asked]));
}

/** Jain, Chiu, Hawe 1984: 1 where all have the same, 1/n where one of n has all; null where nobody has anything. */
export function jain(shares: readonly number[]): number | null {
  const sum = sumOf(shares, (share) => share);
  const squares = sumOf(shares, (share) => share * share);
  return squares === 0 ? null : (sum * sum) / (shares.length * squares);
}

const loadsOf = ({ metrics }: Measured): readonly LoadMetrics[] => metrics.flatMap(({ load }) => load ?? []);

const goodOf = (tallies: readonly Tally[]): number => sumOf(tallies, ({ good }) => good);

function dueOf(asked: Asked, measured: Measured): number {
  const due = sumOf(talliesOf(asked, measured), (tally) => tally.asked);
  return asked.of === undefined ? due + sumOf(loadsOf(measured), (load) => load.dropped) : due;
}

function perSecond(loads: readonly LoadMetrics[], count: number, samples: number): Reading {
  const ran_ms = Math.max(0, ...loads.map((load) => load.ran_ms));
  return ran_ms === 0 || samples === 0 ? { value: null, samples } : { value: (count * 1000) / ran_ms, samples };
}
