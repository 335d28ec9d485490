/**
 * How an agent came back from a fault, in the words of every report: a time, or why there is none. Nobody is told to have
 * never recovered who was not asked, or who was hurt again before there was an answer.
 */
import type { FaultRecord, LostRecord, RecoveryRecord, RunRecord } from '../harness/model/record.ts';
import { count, duration, whole } from './measure.ts';

/** As many as a rate or a p95 needs, before and after. */
const OUTCOMES_MIN = 20;

export type Comeback = 'back' | 'never' | 'unknown';

export function comebackOf({ recovery_ms, recovery }: FaultRecord): Comeback {
  if (recovery_ms !== null) return 'back';
  return recovery === undefined || (recovery.tried_in_vain > 0 && !recovery.overlaid) ? 'never' : 'unknown';
}

export function firstSuccess(record: FaultRecord): string {
  const { healed_ms, recovery_ms, recovery } = record;
  if (healed_ms === null) return 'never healed';
  if (recovery_ms !== null) return duration(recovery_ms);
  if (comebackOf(record) === 'never') return 'never';
  return recovery?.overlaid === true ? 'another fault came' : 'nothing asked';
}

/** When a rate or a p95 was as before. */
export function backAsBefore(back_ms: number | null, before: number | null, recovery: RecoveryRecord): string {
  if (back_ms !== null) return duration(back_ms);
  if (before === null || recovery.lost_after.samples < OUTCOMES_MIN) return 'too few';
  return recovery.overlaid ? 'not before the next fault' : 'never';
}

export function lostWords({ samples, failed, unknown }: LostRecord): string {
  if (failed + unknown === 0) return `0 of ${whole(samples)}`;
  return `${whole(failed)} failed, ${whole(unknown)} unknown of ${whole(samples)}`;
}

export interface ToldRecovery {
  readonly scenario: string;
  readonly record: FaultRecord;
  readonly recovery: RecoveryRecord;
}

export function recoveriesOf(run: RunRecord): readonly ToldRecovery[] {
  return run.scenarios.flatMap(({ name, metrics }) =>
    (metrics?.faults ?? []).flatMap((record) =>
      record.recovery === undefined ? [] : [{ scenario: name, record, recovery: record.recovery }],
    ),
  );
}

/** `3 of 4`, or a dash where there was none to be resumed or doubled. */
export const someOf = (some: number, all: number): string => (all === 0 ? '–' : `${whole(some)} of ${whole(all)}`);

/** Lost, stuck and hit by it, as far as there is something to say. */
export function harmWords(recovery: RecoveryRecord): string {
  const { lost_during, lost_after, stuck, users, users_all } = recovery;
  const { broken_off, resumed, sent_again, doubled } = recovery;
  const lost = lost_during.failed + lost_during.unknown + lost_after.failed + lost_after.unknown;
  if (lost + stuck === 0) return `nothing lost (n = ${whole(lost_during.samples + lost_after.samples)})`;
  return [
    `lost ${lostWords(lost_during)} while it was there, ${lostWords(lost_after)} after`,
    ...(stuck > 0 ? [`${count(stuck, 'task')} stuck`] : []),
    ...(broken_off > 0 ? [`${someOf(resumed, broken_off)} broken-off tasks resumed`] : []),
    ...(sent_again > 0 ? [`${someOf(doubled, sent_again)} repeated messages doubled`] : []),
    users_all > 1
      ? `${users.length === 20 ? '20 or more' : whole(users.length)} of ${count(users_all, 'user')} hurt`
      : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
