/** The metrics of a scenario whose agent is frozen for a while, as a series that is easy to recognise in a chart. */
import type { ScenarioMetrics, SlicePoint } from '../../harness/model/record.ts';
import { operation } from './base.ts';

const STARTED_MS = 20_000;

function slice(second: number): SlicePoint {
  const at_ms = STARTED_MS + second * 1000;
  if (second >= 10 && second < 14) return { at_ms, ok: 4, fail: 2, info: 30, dropped: 6, p50_ms: null, p95_ms: null };
  const slow = second >= 14 ? 900 / (second - 13) : 0;
  const wobble = (second * 7) % 5;
  return {
    at_ms,
    ok: 44 + wobble,
    fail: 0,
    info: 0,
    dropped: 0,
    p50_ms: 32 + wobble + slow / 4,
    p95_ms: 88 + 3 * wobble + slow,
  };
}

export const FROZEN: ScenarioMetrics = {
  started_ms: STARTED_MS,
  ended_ms: STARTED_MS + 30_000,
  users: 200,
  dropped: 24,
  operations: [
    operation(
      'SendMessage',
      1180,
      { p50: 33.1, p95: 96.4, p99: 870.2, max: 4108 },
      { fail: 8, info: 120, errors: { timeout: 120, 'connection-reset': 8 } },
    ),
    operation('GetTask', 61, { p50: 4.2, p95: 9.8, p99: null, max: 22.5 }),
  ],
  slice_ms: 1000,
  series: Array.from({ length: 30 }, (_, second) => slice(second)),
  faults: [
    {
      fault_id: 0,
      fault: { fault: 'freeze', target: 'agent', begins: { at_ms: 10_000 }, for_ms: 4000 },
      asked_ms: STARTED_MS + 10_000,
      applied_ms: STARTED_MS + 10_012,
      healed_ms: STARTED_MS + 14_020,
      proof: 'process state T, then S',
      recovery_ms: 180,
      recovery: {
        overlaid: false,
        before: { samples: 460, error_rate: 0, p95_ms: 99.2 },
        first_success_ms: 180,
        tried_in_vain: 3,
        lost_during: { samples: 144, failed: 5, unknown: 120 },
        lost_after: { samples: 720, failed: 3, unknown: 0 },
        error_rate_back_ms: 420,
        p95_back_ms: null,
        stuck: 1,
        broken_off: 12,
        resumed: 11,
        sent_again: 4,
        doubled: 1,
        users_all: 200,
        users: [
          {
            user: 'u17',
            first_success_ms: null,
            tried_in_vain: 3,
            lost_during: { samples: 2, failed: 0, unknown: 2 },
            lost_after: { samples: 3, failed: 3, unknown: 0 },
            stuck: 1,
            broken_off: 2,
            resumed: 1,
            sent_again: 0,
            doubled: 0,
          },
          {
            user: 'u4',
            first_success_ms: 212,
            tried_in_vain: 0,
            lost_during: { samples: 3, failed: 1, unknown: 1 },
            lost_after: { samples: 6, failed: 0, unknown: 0 },
            stuck: 0,
            broken_off: 1,
            resumed: 1,
            sent_again: 1,
            doubled: 1,
          },
        ],
      },
    },
  ],
};

export const CALM: ScenarioMetrics = {
  started_ms: 0,
  ended_ms: 12_000,
  users: 50,
  dropped: 0,
  operations: [
    operation(
      'SendStreamingMessage',
      600,
      { p50: 212, p95: 260, p99: 301, max: 340 },
      { first_event: { count: 600, p50: 11, p95: 24, p99: 40, max: 52 } },
    ),
  ],
  slice_ms: 1000,
  series: Array.from({ length: 12 }, (_, second) => ({
    at_ms: second * 1000,
    ok: 50 + ((second * 3) % 4),
    fail: 0,
    info: 0,
    dropped: 0,
    p50_ms: 212 + ((second * 5) % 7),
    p95_ms: 255 + ((second * 11) % 13),
  })),
  faults: [],
};

/** As calm, but for answers that were held back while alice cancelled. */
export const DELAYED: ScenarioMetrics = {
  ...CALM,
  faults: [
    {
      fault_id: 0,
      fault: { fault: 'latency', latency_ms: 120, target: 'agent', begins: { at_ms: 4200 }, for_ms: 130 },
      asked_ms: 4204,
      applied_ms: 4206,
      healed_ms: 4333,
      proof: '3 answers held back',
      recovery_ms: 14,
    },
  ],
};
