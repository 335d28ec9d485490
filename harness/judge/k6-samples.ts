/**
 * Samples of k6 as numbers of a load, through the same adders as everything else. Each call leaves its duration with its outcome, which
 * is an op that is over; what else k6 measures of it comes in samples of their own. Of arrivals that k6 makes itself it does not tell when
 * they were due, so these count from when they were sent; who came too late for want of a VU is told as dropped.
 */
import type { Measures } from '../model/measurement.ts';
import { OPERATION_NAMES, type OperationName } from '../model/op.ts';
import { positionOf } from './feed.ts';
import {
  addMeasurement,
  addStreamEvent,
  addTerminal,
  addTraffic,
  addVisit,
  beginLoad,
  isInVain,
  type Measurement,
} from './measurement.ts';
import type { Metrics } from './metrics.ts';

/** As `k6 --out json` writes it; `at_ms` since 1970. */
export interface SampleOfK6 {
  readonly metric: string;
  readonly value: number;
  readonly at_ms: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The call began so much later than it was due. */
  readonly late_ms?: number;
}

const NO_TRAFFIC = { connections: 0, bytes_in: 0, bytes_out: 0 };

/** Those that say something; k6 tells of more. */
export const K6_METRICS: ReadonlySet<string> = new Set([
  'muster_load_began',
  'muster_visits',
  'muster_visit_due',
  'muster_task_duration',
  'dropped_iterations',
  'data_received',
  'data_sent',
  'a2a_call_duration',
  'a2a_time_to_first_event',
  'a2a_event_gap',
  'a2a_task_duration',
  'a2a_connect',
]);

/**
 * `zero_ms`: when the run began, since 1970. Samples may come in any order. `also` is told of visits and ops as others tell them, for
 * whoever follows the load while it runs.
 */
export function startK6Feed(metrics: Metrics, zero_ms: number, also?: Measures): (sample: SampleOfK6) => void {
  const visit = (due_ms: number, came: boolean, user: number): void => {
    addVisit(metrics, due_ms, came, user);
    also?.visit(due_ms, came, user);
  };
  return ({ metric, value, at_ms, tags, late_ms = 0 }) => {
    const ended_ms = at_ms - zero_ms;
    const began_ms = ended_ms - value;
    const due_ms = began_ms - late_ms;
    const op = tags['operation'] ?? '';
    const user = positionOf(tags['user'] ?? '');
    switch (metric) {
      case 'muster_load_began':
        return beginLoad(metrics, value - zero_ms);
      case 'muster_visits':
        return visit(ended_ms, true, user);
      case 'muster_visit_due':
        return visit(value - zero_ms, tags['came'] === 'true', user);
      case 'dropped_iterations':
        for (let one = 0; one < value; one += 1) visit(ended_ms, false, user);
        return;
      case 'data_received':
        return addTraffic(metrics, { ...NO_TRAFFIC, bytes_in: value });
      case 'data_sent':
        return addTraffic(metrics, { ...NO_TRAFFIC, bytes_out: value });
    }
    if (!isOperation(op)) return;
    switch (metric) {
      case 'a2a_call_duration': {
        const measurement = { op, user, due_ms, sent_ms: began_ms, ended_ms, ...outcomeIn(tags) };
        addMeasurement(metrics, measurement);
        return also?.op(measurement);
      }
      case 'a2a_time_to_first_event':
        return addStreamEvent(metrics, op, ended_ms, { due_ms });
      case 'a2a_event_gap':
        return addStreamEvent(metrics, op, ended_ms, { last_ms: began_ms });
      case 'a2a_task_duration':
      case 'muster_task_duration':
        // Of a task that another call began the extension does not know since when, and the script tells it.
        if (tags['state'] !== undefined && SENDS.has(op)) {
          addTerminal(metrics, { began_by: op, state: tags['state'], took_ms: value });
        }
        return;
      case 'a2a_connect':
        return addTraffic(metrics, { ...NO_TRAFFIC, connections: 1 });
    }
  };
}

const isOperation = (name: string): name is OperationName => OPERATION_NAMES.includes(name);

const SENDS: ReadonlySet<OperationName> = new Set(['SendMessage', 'SendStreamingMessage']);

type Outcome = Pick<Measurement, 'outcome' | 'error' | 'left' | 'in_vain'>;

/** What is not certain is unknown. */
function outcomeIn({ outcome, reason, ended, state }: SampleOfK6['tags']): Outcome {
  if (outcome === 'ok') {
    return {
      outcome,
      ...(ended === 'by-reader' ? { left: true } : {}),
      ...(isInVain(state) ? { in_vain: true } : {}),
    };
  }
  return { outcome: outcome === 'fail' ? outcome : 'info', error: reason ?? 'unknown' };
}
