/**
 * What an op says of whether its agent serves its users: read alike by the check that judges recoveries and by what measures
 * them, so that both always mean the same. For a fault on a peer only tasks that need that peer say anything.
 */
import type { HistoryEvent, InvokeEvent } from './history.ts';
import { linksOf } from './links.ts';
import { type AgentName, isProtocolOp } from './op.ts';
import { isPeer, type PeerName, peersNeeded } from './peers.ts';
import { recordOf } from './record-of.ts';
import type { FaultPlan } from './scenario.ts';
import { stringsIn } from './strings-in.ts';

export type Sign = 'success' | 'failure';

/** Nothing where the event proves nothing either way. */
export interface Signs {
  /** The agent that was asked, and what that says of it. */
  readonly asked: { readonly agent: AgentName; readonly sign: Sign | undefined } | undefined;
  /** Those that it took. */
  readonly peers: readonly PeerName[];
  readonly peer: Sign | undefined;
}

/** What it says of recovering from a fault on this target. */
export function signFor({ asked, peers, peer }: Signs, target: FaultPlan['target']): Sign | undefined {
  if (isPeer(target)) return peers.includes(target) ? peer : undefined;
  return asked?.agent === (linksOf(target) ?? target) ? asked.sign : undefined;
}

/** Errors that are about what was asked for: an agent that lost its tasks says so, and that proves nothing either way. */
const REFUSAL =
  /^(TaskNotFound|TaskNotCancelable|UnsupportedOperation|PushNotificationNotSupported|ContentTypeNotSupported|InvalidParams|MethodNotFound)Error$/;
const STAND_IN = 'a stand-in';
const FAILED_STATES: ReadonlySet<unknown> = new Set(['TASK_STATE_FAILED', 'TASK_STATE_REJECTED', STAND_IN]);
const NO_SIGNS: Signs = { asked: undefined, peers: [], peer: undefined };

/**
 * Events in the order of the history, each with its op. An `event` of a stream is a first sign of life; only `ok`, `fail` and
 * `info` are outcomes. Memory: the last state per open stream that delegates.
 */
export function startSigns(): (event: HistoryEvent, invoke: InvokeEvent | undefined) => Signs {
  const states = new Map<number, unknown>();
  return (event, invoke) => {
    if (invoke === undefined || !isProtocolOp(invoke.op)) return NO_SIGNS;
    const { op, op_id } = invoke;
    const peers = peersNeeded(op);
    const delegates = peers.length > 0;
    const told = event.type === 'event' ? event.payload : event.type === 'ok' ? event.value : undefined;
    if (delegates) {
      const state = standsIn(told, 'fallback' in op ? op.fallback : undefined) ? STAND_IN : stateOf(told);
      if (state !== undefined && states.get(op_id) !== STAND_IN) states.set(op_id, state);
    }
    if (event.type === 'event') return { asked: { agent: op.agent, sign: 'success' }, peers, peer: undefined };
    const lastState = states.get(op_id);
    states.delete(op_id);
    return {
      asked: { agent: op.agent, sign: signOfAgent(event) },
      peers,
      peer: delegates ? signOfPeer(event, lastState) : undefined,
    };
  };
}

/** The agent answered in its peer's place, and said so in the words that its phrasebook gives. */
function standsIn(told: unknown, mark: string | undefined): boolean {
  return mark !== undefined && stringsIn(told).some((text) => text.includes(mark));
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
  return code === 'aborted' || code === 'no-socket' || code === 'not-in-protocol' || REFUSAL.test(code);
}

/** Of a task, or of what a stream tells of one; what an agent sent may be anything. */
function stateOf(told: unknown): unknown {
  const { task, statusUpdate } = recordOf(told);
  return recordOf(recordOf(task ?? statusUpdate)['status'])['state'];
}
