/**
 * Runs a script against a recorded history instead of an agent: it is given the completions of old and must ask for the
 * same ops again. That it does is what makes a history explain a run.
 */
import type { FailEvent, HistoryEvent, InvokeEvent, OkEvent, StreamEvent } from '../model/history.ts';
import { type Completion, type Op, READING_BACK, type Script, type Step } from '../model/op.ts';
import { completeLeftOut, startKeeping } from './left-out.ts';
import { completeOpen, completeRead, type StreamState } from './streams.ts';
import { GaveUp } from './vocabulary.ts';

export interface Recollection {
  /** The ops that the script asked for, in order, but for those that the plan leaves out. */
  readonly asked: readonly Op[];
  /** The ops that the history has for this user and device. */
  readonly recorded: readonly Op[];
  /** `cut`: the history ends before the script does. */
  readonly ended: 'finished' | 'gave-up' | 'cut';
}

type OpRecord = {
  readonly invoke: InvokeEvent;
  readonly events: StreamEvent[];
  end?: OkEvent | FailEvent;
};

/** `history` is that of one scenario; events of others in it are not looked at. */
export function recall(
  script: Script,
  history: Iterable<HistoryEvent>,
  who: { readonly user: string; readonly device: number; readonly steps?: readonly Step[] },
): Recollection {
  const records = recordsOf(history, who);
  const recorded = [...records.values()].map(({ invoke }) => invoke.op);
  const reachOf = startKeeping(who.steps);
  const asked: Op[] = [];
  const streams = new Map<Step, { readonly record: OpRecord; readonly state: StreamState }>();
  try {
    let next = script.next();
    for (let step = 0; !next.done; step += 1) {
      const reach = reachOf(next.value, step);
      if (reach === 'over') break;
      if (reach === 'left-out') {
        next = script.next(completeLeftOut(step));
        continue;
      }
      asked.push(next.value);
      const record = records.get(step);
      const completion = record && completionOf(record, streams);
      if (completion === undefined) return { asked, recorded, ended: 'cut' };
      next = script.next(completion);
    }
    return { asked, recorded, ended: 'finished' };
  } catch (error) {
    if (error instanceof GaveUp) return { asked, recorded, ended: 'gave-up' };
    throw error;
  }
}

function completionOf(
  record: OpRecord,
  streams: Map<Step, { readonly record: OpRecord; readonly state: StreamState }>,
): Completion | undefined {
  const { op, step } = record.invoke;
  if (op.op === 'SendStreamingMessage' || op.op === 'SubscribeToTask') {
    const state: StreamState = { events: record.events.map(({ payload }) => payload), read: 0 };
    streams.set(step, { record, state });
    if (record.events.length === 0) {
      if (record.end === undefined) return undefined;
      state.ended = outcomeOf(record.end);
    }
    return completeOpen(step, state);
  }
  if (record.end === undefined) return undefined;
  if (op.op === 'read') {
    const stream = streams.get(op.stream);
    if (stream === undefined) return undefined;
    const { end } = stream.record;
    if (end !== undefined && end.seq < record.end.seq) stream.state.ended = outcomeOf(end);
    return completeRead(step, stream.state, record.end.type === 'ok' ? (record.end.value.events ?? 0) : 0);
  }
  return { step, outcome: outcomeOf(record.end), events: [] };
}

function outcomeOf(end: OkEvent | FailEvent): Completion['outcome'] {
  return end.type === 'ok' ? { type: 'ok', value: end.value } : { type: end.type, error: end.error };
}

function recordsOf(
  history: Iterable<HistoryEvent>,
  who: { readonly user: string; readonly device: number },
): ReadonlyMap<Step, OpRecord> {
  const byOp = new Map<number, OpRecord>();
  for (const event of history) {
    if (event.type === 'invoke') {
      // The ops of the reading back are the harness's own and not the script's.
      if (event.user === who.user && event.device === who.device && event.step !== READING_BACK) {
        byOp.set(event.op_id, { invoke: event, events: [] });
      }
    } else if (event.type === 'event') {
      byOp.get(event.op_id)?.events.push(event);
    } else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') {
      const record = byOp.get(event.op_id);
      if (record) record.end = event;
    }
  }
  return new Map([...byOp.values()].map((record) => [record.invoke.step, record]));
}
