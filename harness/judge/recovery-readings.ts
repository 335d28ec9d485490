/** How gates read what faults cost: over all faults of a run that were healed, or those on one target. */
import type { LostRecord, RecoveryRecord } from '../model/record.ts';
import { OUTCOMES_MIN } from './calm-window.ts';
import { type Asked, fraction, type Measured, type Read, type Reading } from './gate-readings.ts';

export const recovery: Read = (asked, measured) => readReturn(asked, measured, firstSuccess);

export const errorRateBack: Read = (asked, measured) =>
  readReturn(asked, measured, ({ error_rate_back_ms: back_ms, before, ...rest }) =>
    backTo(back_ms, before.error_rate, rest),
  );

export const p95Back: Read = (asked, measured) =>
  readReturn(asked, measured, ({ p95_back_ms: back_ms, before, ...rest }) => backTo(back_ms, before.p95_ms, rest));

export const lost: Read = (asked, measured) =>
  readSum(asked, measured, ({ lost_during, lost_after }) => [lost_during, lost_after]);

export const lostAfter: Read = (asked, measured) => readSum(asked, measured, ({ lost_after }) => [lost_after]);

export const resumed: Read = (asked, measured) => {
  const { value, samples } = readOf(asked, measured, ({ resumed, broken_off }) => [resumed, broken_off]);
  return fraction(asked, value ?? 0, samples);
};

export const doubled: Read = (asked, measured) =>
  readOf(asked, measured, ({ doubled, sent_again }) => [doubled, sent_again]);

/** `never`: it was tried, and did not come back; null where too little was asked to know. */
type Return = number | 'never' | null;

/** The slowest return counts. What was tried in vain to the end never came back, and misses its gate without a number. */
function readReturn(asked: Asked, measured: Measured, returnOf: (recovery: RecoveryRecord) => Return): Reading {
  const returns = recoveriesOf(asked, measured).flatMap((recovery) => returnOf(recovery) ?? []);
  const times = returns.filter((one) => one !== 'never');
  if (times.length < returns.length) return { value: null, samples: returns.length, missed: true };
  return { value: times.length === 0 ? null : Math.max(...times), samples: times.length };
}

function firstSuccess({ first_success_ms, tried_in_vain, overlaid }: RecoveryRecord): Return {
  return first_success_ms ?? (tried_in_vain > 0 && !overlaid ? 'never' : null);
}

function backTo(
  back_ms: number | null,
  before: number | null,
  { lost_after, overlaid }: Pick<RecoveryRecord, 'lost_after' | 'overlaid'>,
): Return {
  const isKnown = before !== null && lost_after.samples >= OUTCOMES_MIN && !overlaid;
  return back_ms ?? (isKnown ? 'never' : null);
}

/** An op that two faults met is lost to both. */
function readSum(
  asked: Asked,
  measured: Measured,
  partsOf: (recovery: RecoveryRecord) => readonly LostRecord[],
): Reading {
  const parts = recoveriesOf(asked, measured).flatMap(partsOf);
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  if (samples === 0) return { value: null, samples };
  return { value: parts.reduce((sum, { failed, unknown }) => sum + failed + unknown, 0), samples };
}

export function readStuck(asked: Asked, measured: Measured): Reading {
  const recoveries = recoveriesOf(asked, measured);
  const samples = recoveries.length;
  return { value: samples === 0 ? null : recoveries.reduce((sum, { stuck }) => sum + stuck, 0), samples };
}

/** So many of so many, of all faults together. */
function readOf(
  asked: Asked,
  measured: Measured,
  countsOf: (recovery: RecoveryRecord) => readonly [some: number, all: number],
): Reading {
  const counts = recoveriesOf(asked, measured).map(countsOf);
  const samples = counts.reduce((sum, [, all]) => sum + all, 0);
  return { value: samples === 0 ? null : counts.reduce((sum, [some]) => sum + some, 0), samples };
}

function recoveriesOf(asked: Asked, { faults }: Measured): RecoveryRecord[] {
  return faults
    .filter(({ fault, healed_ms }) => healed_ms !== null && (asked.of === undefined || fault.target === asked.of))
    .flatMap(({ recovery }) => recovery ?? []);
}
