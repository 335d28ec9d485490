/**
 * What an op says of whether its agent serves its users: read alike by the check that judges recoveries and by what measures
 * them, so that both always mean the same. For a fault on the peer only tasks that need the peer say anything.
 */
import { recordOf } from './asked.ts';
import type { HistoryEvent, InvokeEvent } from './history.ts';
import { isProtocolOp } from './op.ts';
import type { FaultPlan } from './scenario.ts';

export type Sign = 'success' | 'failure';

/** For a fault on the one and on the other; nothing where the event proves nothing either way. */
export type Signs = Readonly<Record<FaultPlan['target'], Sign | undefined>>;

/** Errors that are about what was asked for: an agent that lost its tasks says so, and that proves nothing either way. */
const REFUSAL =
  /^(TaskNotFound|TaskNotCancelable|UnsupportedOperation|PushNotificationNotSupported|ContentTypeNotSupported|InvalidParams|MethodNotFound)Error$/;
const FAILED_STATES: ReadonlySet<unknown> = new Set(['TASK_STATE_FAILED', 'TASK_STATE_REJECTED']);
const NO_SIGNS: Signs = { agent: undefined, peer: undefined };

/**
 * Events in the order of the history, each with its op. An `event` of a stream is a first sign of life; only `ok`, `fail` and
 * `info` are outcomes. Memory: the last state per open stream that delegates.
 */
export function startSigns(): (event: HistoryEvent, invoke: InvokeEvent | undefined) => Signs {
  const states = new Map<number, unknown>();
  return (event, invoke) => {
    if (invoke === undefined || !isProtocolOp(invoke.op)) return NO_SIGNS;
    const { op, op_id } = invoke;
    const delegates = (op.op === 'SendMessage' || op.op === 'SendStreamingMessage') && op.behaviour === 'delegates';
    if (event.type === 'event') {
      const state = delegates ? stateOf(event.payload) : undefined;
      if (state !== undefined) states.set(op_id, state);
      return { agent: op.agent === 'agent' ? 'success' : undefined, peer: undefined };
    }
    const lastState = event.type === 'ok' && op.op === 'SendMessage' ? stateOf(event.value) : states.get(op_id);
    states.delete(op_id);
    return {
      agent: op.agent === 'agent' ? signOfAgent(event) : undefined,
      peer: delegates ? signOfPeer(event, lastState) : undefined,
    };
  };
}

function signOfAgent(event: HistoryEvent): Sign | undefined {
  if (event.type === 'ok') return event.value?.ended === 'by-reader' && !event.value.events ? undefined : 'success';
  return saysNothing(event) ? undefined : 'failure';
}

function signOfPeer(event: HistoryEvent, lastState: unknown): Sign | undefined {
  if (event.type === 'ok') return FAILED_STATES.has(lastState) ? 'failure' : 'success';
  return event.type === 'fail' || event.type === 'info' ? 'failure' : undefined;
}

function saysNothing(event: HistoryEvent): boolean {
  if (event.type !== 'fail' && event.type !== 'info') return true;
  const { code } = event.error;
  return code === 'aborted' || code === 'no-socket' || REFUSAL.test(code);
}

/** Of a task, or of what a stream tells of one; what an agent sent may be anything. */
function stateOf(told: unknown): unknown {
  const { task, statusUpdate } = recordOf(told);
  return recordOf(recordOf(task ?? statusUpdate)['status'])['state'];
}
