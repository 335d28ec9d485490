/**
 * Samples of k6 as numbers of a load, through the same adders as everything else. Each call leaves its duration with its outcome, which
 * is an op that is over; what else k6 measures of it comes in samples of their own. k6 does not tell when a call was due, so it counts
 * from when it was sent; who came too late for want of a VU is told as dropped.
 */
import { OPERATION_NAMES, type OperationName } from '../model/op.ts';
import { positionOf } from './feed.ts';
import { addMeasurement, addSample, addStreamEvent, addTraffic, addVisit, type Measurement } from './measurement.ts';
import type { Metrics } from './metrics.ts';

/** As `k6 --out json` writes it; `at_ms` since 1970. */
export interface SampleOfK6 {
  readonly metric: string;
  readonly value: number;
  readonly at_ms: number;
  readonly tags: Readonly<Record<string, string>>;
}

const NO_TRAFFIC = { connections: 0, bytes_in: 0, bytes_out: 0 };

/** `zero_ms`: when the run began, since 1970. Samples may come in any order; those of other metrics say nothing. */
export function startK6Feed(metrics: Metrics, zero_ms: number): (sample: SampleOfK6) => void {
  return ({ metric, value, at_ms, tags }) => {
    const ended_ms = at_ms - zero_ms;
    const began_ms = ended_ms - value;
    const op = tags['operation'] ?? '';
    const user = positionOf(tags['user'] ?? '');
    switch (metric) {
      case 'iteration_duration':
        return addVisit(metrics, began_ms, true, user);
      case 'dropped_iterations':
        for (let one = 0; one < value; one += 1) addVisit(metrics, ended_ms, false, user);
        return;
      case 'data_received':
        return addTraffic(metrics, { ...NO_TRAFFIC, bytes_in: value });
      case 'data_sent':
        return addTraffic(metrics, { ...NO_TRAFFIC, bytes_out: value });
    }
    if (!isOperation(op)) return;
    switch (metric) {
      case 'a2a_call_duration':
        return addMeasurement(metrics, { op, user, due_ms: began_ms, sent_ms: began_ms, ended_ms, ...outcomeIn(tags) });
      case 'a2a_time_to_first_event':
        return addStreamEvent(metrics, op, ended_ms, { due_ms: began_ms });
      case 'a2a_event_gap':
        return addStreamEvent(metrics, op, ended_ms, { last_ms: began_ms });
      case 'a2a_task_duration':
        // Of a task that another call began nobody knows here since when.
        if (op === 'SendMessage' || op === 'SendStreamingMessage') addSample(metrics, op, 'terminal', value);
        return;
      case 'a2a_connect':
        return addTraffic(metrics, { ...NO_TRAFFIC, connections: 1 });
    }
  };
}

const isOperation = (name: string): name is OperationName => OPERATION_NAMES.includes(name);

/** What is not certain is unknown. */
function outcomeIn({ outcome, reason, ended }: SampleOfK6['tags']): Pick<Measurement, 'outcome' | 'error' | 'left'> {
  if (outcome === 'ok') return ended === 'by-reader' ? { outcome, left: true } : { outcome };
  return { outcome: outcome === 'fail' ? outcome : 'info', error: reason ?? 'unknown' };
}
