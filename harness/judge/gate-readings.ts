/** How gates read numbers of operations: each reading tells of how many samples it is, and gives no value where there are too few. */
import type { FaultRecord } from '../model/record.ts';
import { type Latencies, maxOf, mergeLatencies, type Percentile, percentileOf, startLatencies } from './latency.ts';
import type { Metrics } from './metrics.ts';
import { type Tally, unansweredOf } from './tally.ts';

/** What a gate is held against. */
export interface Measured {
  /** One per applicable scenario. */
  readonly metrics: readonly Metrics[];
  /** Of all of them, with their recoveries. */
  readonly faults: readonly FaultRecord[];
  readonly findings: number;
  /** How many times any check could have failed. */
  readonly evidence: number;
}

export interface Reading {
  readonly value: number | null;
  readonly samples: number;
  /** Known to be missed although no number can be given. */
  readonly missed?: boolean;
}

/** What of a gate a reading depends on: an operation or target, where it names one, and its unit. */
export interface Asked {
  readonly of?: string;
  readonly unit?: '%';
}

export type Read = (asked: Asked, measured: Measured) => Reading;

export const NO_READING: Reading = { value: null, samples: 0 };

type Latent = 'from_due' | 'from_sent' | 'first_event' | 'gap' | 'terminal';

export const percentile =
  (which: Latent, of: Percentile): Read =>
  (asked, measured) =>
    readLatency(asked, measured, which, (latencies) => percentileOf(latencies, of));

export const longest =
  (which: Latent): Read =>
  (asked, measured) =>
    readLatency(asked, measured, which, maxOf);

function readLatency(
  asked: Asked,
  measured: Measured,
  which: Latent,
  take: (latencies: Latencies) => number | null,
): Reading {
  let all = startLatencies();
  for (const tally of talliesOf(asked, measured)) all = mergeLatencies(all, tally[which]);
  return { value: take(all), samples: all.histogram.totalCount };
}

/** Outcomes that were no answer among all outcomes; an error of §3.3.2 is an answer. */
export function readErrorRate(asked: Asked, measured: Measured): Reading {
  const tallies = talliesOf(asked, measured);
  return fraction(
    asked,
    sumOf(tallies, unansweredOf),
    sumOf(tallies, ({ ok, fail, info }) => ok + fail + info),
  );
}

export function fraction({ unit }: Asked, some: number, samples: number): Reading {
  return samples === 0 ? NO_READING : { value: (some * (unit === '%' ? 100 : 1)) / samples, samples };
}

export function talliesOf({ of }: Asked, measured: Measured): readonly Tally[] {
  return measured.metrics.flatMap(({ tallies }) =>
    [...tallies].filter(([op]) => of === undefined || op === of).map(([, tally]) => tally),
  );
}

export function sumOf<T>(all: readonly T[], pick: (one: T) => number): number {
  return all.reduce((sum, one) => sum + pick(one), 0);
}
