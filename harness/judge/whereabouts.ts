/**
 * Where in a run the impossible event of a finding stands, so that nobody has to read the evidence to find it: who asked what of
 * which agent, about which message and task, and at which place of which stream. Only what the evidence says is told.
 */
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import type { Whereabouts } from '../model/whereabouts.ts';

/** Nothing without evidence. */
export function whereaboutsOf(evidence: readonly HistoryEvent[]): Whereabouts | undefined {
  const event = evidence.at(-1);
  if (event === undefined) return undefined;
  const invoke = invokeOf(event, evidence);
  const named = namedBy(event);
  const task = named.task ?? taskAskedFor(invoke);
  const message = messageOf(invoke, task, evidence);
  return {
    seq: event.seq,
    ...(invoke === undefined ? userOf(event) : { user: invoke.user, device: invoke.device, step: invoke.step }),
    ...agentOf(event, invoke),
    ...(invoke === undefined ? {} : { operation: invoke.op.op }),
    ...(invoke?.transport === undefined ? {} : { transport: invoke.transport }),
    ...(message === undefined ? {} : { message }),
    ...(task === undefined ? {} : { task }),
    ...(named.context === undefined ? {} : { context: named.context }),
    ...(event.type === 'event' ? { index: event.index } : {}),
  };
}

function invokeOf(event: HistoryEvent, evidence: readonly HistoryEvent[]): InvokeEvent | undefined {
  if (event.type === 'invoke') return event;
  if (!('op_id' in event)) return undefined;
  return evidence.find((each): each is InvokeEvent => each.type === 'invoke' && each.op_id === event.op_id);
}

function userOf(event: HistoryEvent): Pick<Whereabouts, 'user' | 'device'> {
  return event.type === 'user' ? { user: event.user, device: event.device } : {};
}

function agentOf(event: HistoryEvent, invoke: InvokeEvent | undefined): Pick<Whereabouts, 'agent'> {
  if (invoke !== undefined) return isProtocolOp(invoke.op) ? { agent: invoke.op.agent } : {};
  if (event.type === 'agent') return { agent: event.agent };
  return event.type === 'fault' ? { agent: event.fault.target } : {};
}

/** The task and context that an answer or an update tells of. */
function namedBy(event: HistoryEvent): { readonly task?: string; readonly context?: string } {
  const told = recordOf(event.type === 'event' ? event.payload : event.type === 'ok' ? event.value : undefined);
  const task = recordOf(told['task']);
  const update = recordOf(told['statusUpdate'] ?? told['artifactUpdate']);
  const id = textOf(task['id'] ?? update['taskId']);
  const context = textOf(task['contextId'] ?? update['contextId'] ?? recordOf(told['message'])['contextId']);
  return { ...(id === undefined ? {} : { task: id }), ...(context === undefined ? {} : { context }) };
}

const taskAskedFor = (invoke: InvokeEvent | undefined): string | undefined =>
  invoke !== undefined && 'taskId' in invoke.op ? textOf(invoke.op.taskId) : undefined;

/** That of the op itself, or the one whose answer is the first to tell of the task. */
function messageOf(
  invoke: InvokeEvent | undefined,
  task: string | undefined,
  evidence: readonly HistoryEvent[],
): string | undefined {
  if (invoke !== undefined && 'messageId' in invoke.op) return textOf(invoke.op.messageId);
  if (task === undefined) return undefined;
  for (const event of evidence) {
    const sent = namedBy(event).task === task ? invokeOf(event, evidence)?.op : undefined;
    if (sent !== undefined && 'messageId' in sent) return textOf(sent.messageId);
  }
  return undefined;
}

/** What an agent sent may be anything. */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
