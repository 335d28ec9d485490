/**
 * A load in words, the same in every report: what was asked for beside what came of it, and every percentile with its count. A rate
 * that was not reached never stands alone.
 */
import type { LoadRecord } from '../harness/model/load-record.ts';
import type { Latency, RunRecord } from '../harness/model/record.ts';
import { count, duration, fraction, percentile, rate, size, whole } from './measure.ts';
import { clip, visible } from './visible.ts';

export interface Loaded {
  readonly scenario: RunRecord['scenarios'][number];
  readonly load: LoadRecord;
}

/** A run has at most one. */
export function loadOf({ scenarios }: RunRecord): Loaded | undefined {
  for (const scenario of scenarios) {
    const load = scenario.metrics?.load;
    if (load !== undefined) return { scenario, load };
  }
  return undefined;
}

export type Fact = readonly [figure: string, words: string];

/** The most important first; what was not measured is left out. */
export function loadFacts(load: LoadRecord): readonly Fact[] {
  const { due, sent, dropped, from_due, goodput, unanswered, outcomes, objective_ms } = load;
  return [
    [
      `${rate(sent.per_s)} of ${rate(due.per_s)}/s`,
      `users who came, of those who were due (${whole(sent.count)} of ${whole(due.count)}, ${whole(dropped)} dropped)`,
    ],
    [
      percentile(from_due.p95),
      `p95 from due; p50 ${percentile(from_due.p50)}, p99 ${percentile(from_due.p99)} (n = ${whole(from_due.count)})`,
    ],
    [fraction(unanswered, outcomes), `errors: ${whole(unanswered)} of ${count(outcomes, 'operation')}`],
    [
      fraction(goodput.good, goodput.due),
      `goodput: ${rate(goodput.per_s)} a second answered within ${duration(objective_ms)} (${whole(goodput.good)} of ${whole(goodput.due)})`,
    ],
  ];
}

export const percentiles = ({ p50, p95, p99 }: Latency): string => [p50, p95, p99].map(percentile).join(' · ');

/** Terms and what they are, of what a load has beyond its headline; nothing is told of what there was none of. */
export function streamWords(load: LoadRecord): readonly Fact[] {
  const { events, first_event, gap, stalls, stall_ms, terminal, operations } = load;
  const ended = new Map<string, number>();
  for (const operation of operations) {
    for (const [state, times] of Object.entries(operation.ended)) ended.set(state, (ended.get(state) ?? 0) + times);
  }
  return [
    ...(events.count === 0
      ? []
      : ([
          ['events', `${rate(events.per_s)} a second (${whole(events.count)})`],
          ['first event', `${percentiles(first_event)} from due (n = ${whole(first_event.count)})`],
          [
            'gaps between events',
            `p50 ${percentile(gap.p50)}, p99 ${percentile(gap.p99)}, longest ${percentile(gap.max)} (n = ${whole(gap.count)})`,
          ],
          ['stalls', `${whole(stalls)} gaps over ${duration(stall_ms)}`],
        ] as const)),
    ...(terminal.count === 0
      ? []
      : ([
          ['until a task is over', `${percentiles(terminal)} from sent (n = ${whole(terminal.count)})`],
          ['tasks ended as', [...ended].map(([state, times]) => `${stateWord(state)} × ${whole(times)}`).join(', ')],
        ] as const)),
  ];
}

const stateWord = (state: string): string => clip(visible(state.replace(/^TASK_STATE_/, '').toLowerCase()), 30);

export function sharingWords({ fairness, bytes_in, bytes_out, connections }: LoadRecord): readonly Fact[] {
  const { index, users } = fairness;
  return [
    [
      'fairness',
      `${index === null ? 'nothing to share' : `${Number(index.toFixed(3))} (Jain)`} over ${count(users, 'user')}`,
    ],
    ...(bytes_in + bytes_out === 0
      ? []
      : ([['bytes', `${size(bytes_in)} received, ${size(bytes_out)} sent`]] as const)),
    ...(connections === 0 ? [] : ([['connections', `${whole(connections)} opened`]] as const)),
  ];
}

/** Whether muster was up to it: its lateness, and the worst of its vital signs. */
export function generatorWords(load: LoadRecord, { vitals }: RunRecord): readonly Fact[] {
  const { lag } = load;
  const most = (of: (reading: (typeof vitals)[number]) => number): number => Math.max(...vitals.map(of));
  const descriptors = vitals.flatMap((reading) => reading.descriptors ?? []);
  const ports = vitals.flatMap((reading) => reading.ports ?? []);
  return [
    [
      'sent late by',
      `p50 ${percentile(lag.p50)}, p99 ${percentile(lag.p99)}, at most ${percentile(lag.max)} (n = ${whole(lag.count)})`,
    ],
    ...(vitals.length === 0
      ? []
      : ([
          ['CPU', `${Math.round(most(({ cpu_percent }) => cpu_percent))} % of a core, fullest core ${fullest(vitals)}`],
          ['event loop late by', `${duration(most(({ loop_delay_ms_p99 }) => loop_delay_ms_p99))} at most`],
        ] as const)),
    ...(descriptors.length === 0
      ? []
      : ([
          [
            'descriptors',
            `${whole(Math.max(...descriptors.map(({ open }) => open)))} open of ${whole(Math.min(...descriptors.map(({ limit }) => limit)))}`,
          ],
        ] as const)),
    ...(ports.length === 0
      ? []
      : ([
          [
            'ports',
            `${whole(Math.max(...ports.map(({ time_wait }) => time_wait)))} timing out of ${whole(Math.min(...ports.map(({ range }) => range)))}`,
          ],
        ] as const)),
  ];
}

function fullest(vitals: RunRecord['vitals']): string {
  const cores = vitals.flatMap(({ cores_percent }) => cores_percent ?? []);
  return cores.length === 0 ? 'not measured' : `${Math.round(Math.max(...cores))} %`;
}

/** How the load was shaped and made, in one line. */
export function loadWords({ profile, engine, checks, for_ms, ran_ms, stages }: LoadRecord): string {
  const lasted = ran_ms < for_ms ? `${duration(ran_ms)} of ${duration(for_ms)}` : duration(for_ms);
  const judged = { on: 'checks on', sample: 'checks on a sample of users', off: 'checks off' }[checks];
  const shape = stages.length > 1 ? `, ${count(stages.length, 'stage')}` : '';
  return `Profile ${clip(visible(profile), 60)} for ${lasted}${shape}, by the ${engine} engine, ${judged}`;
}
