/**
 * Isolation strategies side by side, for every report in the same words. Where nothing was measured a dash stands, and `too few`
 * where the samples do not carry a percentile.
 */
import type { IsolationRecord, Latency, RunRecord } from '../harness/model/record.ts';
import { duration, percentile, whole } from './measure.ts';

export interface Column {
  readonly head: string;
  readonly told: (record: IsolationRecord) => string;
}

const DASH = '–';

const p50 = ({ count, p50: middle, max }: Latency): string =>
  count === 0 ? DASH : max === 0 ? 'none' : percentile(middle);

const refusals = ({ refused, failed }: IsolationRecord): string =>
  failed === 0 ? whole(refused) : `${whole(refused)}, ${whole(failed)} failed`;

export const coldStarts = ({ cold_starts: { count, p50: middle } }: IsolationRecord): string =>
  count === 0 ? DASH : `${whole(count)} × ${percentile(middle)}`;

export const memory = ({ memory: measured }: IsolationRecord): string =>
  measured === null ? DASH : `${Math.round(measured.per_session_mb)} MB`;

export const findings = ({ findings: found }: IsolationRecord): string => (found === null ? DASH : whole(found));

/** Most important first: a narrow terminal has room for some of them only. */
export const SHORT_COLUMNS: readonly Column[] = [
  { head: 'strategy', told: ({ strategy }) => strategy },
  { head: 'findings', told: findings },
  { head: 'at once', told: ({ at_once_max }) => whole(at_once_max) },
  { head: 'refused', told: refusals },
  { head: 'conflicts', told: ({ conflicts }) => whole(conflicts) },
  { head: 'wait p50', told: ({ waiting }) => p50(waiting) },
  { head: 'boot p50', told: ({ boot }) => p50(boot) },
  { head: 'memory', told: memory },
  { head: 'cold starts', told: coldStarts },
];

const spread = (latency: Latency): string => {
  if (latency.count === 0) return DASH;
  if (latency.max === 0) return 'none';
  return `${percentile(latency.p50)} / ${percentile(latency.p95)} / ${duration(latency.max ?? 0)}`;
};

/** How many waited and booted is how many were opened. */
export const LONG_COLUMNS: readonly Column[] = [
  { head: 'strategy', told: ({ strategy }) => strategy },
  { head: 'isolation findings', told: findings },
  { head: 'port conflicts', told: ({ conflicts }) => whole(conflicts) },
  { head: 'refused', told: refusals },
  { head: 'opened (n)', told: ({ opened, asked }) => `${whole(opened)} of ${whole(asked)}` },
  { head: 'at once', told: ({ at_once_max }) => whole(at_once_max) },
  { head: 'waited p50 / p95 / max', told: ({ waiting }) => spread(waiting) },
  { head: 'boot p50 / p95 / max', told: ({ boot }) => spread(boot) },
  {
    head: 'cold starts p50 / p95 / max',
    told: ({ cold_starts }) =>
      cold_starts.count === 0 ? DASH : `${whole(cold_starts.count)} × ${spread(cold_starts)}`,
  },
  { head: 'memory a session', told: memory },
];

/** Those that were carried out, and of the others the reasons why not. `refusals` is what users were told. */
export function comparison(record: RunRecord): {
  readonly strategies: readonly IsolationRecord[];
  readonly missing: readonly string[];
  readonly refusals: readonly string[];
} {
  const all = record.isolation ?? [];
  const scenarioOf = ({ scenario }: IsolationRecord) => record.scenarios.find(({ name }) => name === scenario);
  return {
    strategies: all.filter(({ asked }) => asked > 0),
    refusals: all.flatMap(({ strategy, refusal }) => (refusal === null ? [] : `${strategy}: ${refusal}`)),
    missing: all
      .filter(({ asked }) => asked === 0)
      .map((each) => `${each.strategy}: ${scenarioOf(each)?.reasons.join(' ') || 'it was not carried out'}`),
  };
}
