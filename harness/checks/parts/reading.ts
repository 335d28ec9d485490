/**
 * What an agent sent is typed by wish only: a history may hold any JSON where a Task should be. Checks read it through
 * these, which give nothing instead of throwing. Ids go into `Map`s, never into objects, so `__proto__` is an id like any.
 */
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp, type Op, READING_BACK, type SendOp } from '../../model/op.ts';
import { type Json, recordOf } from '../../model/record-of.ts';

const NO_ITEMS: readonly unknown[] = Object.freeze([]);

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** A string that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function stateOf(task: Json): string | undefined {
  return textOf(recordOf(task['status'])['state']);
}

const RUNNING_STATES: ReadonlySet<string> = new Set(['TASK_STATE_SUBMITTED', 'TASK_STATE_WORKING']);

export const isTerminal = (state: string | undefined): state is string =>
  state !== undefined && TERMINAL_STATES.has(state);

export const isInterrupted = (state: string | undefined): boolean =>
  state !== undefined && INTERRUPTED_STATES.has(state);

/** Of a state that the specification knows; nothing is said of a state that it does not. */
export const isNotTerminal = (state: string | undefined): state is string =>
  state !== undefined && (RUNNING_STATES.has(state) || INTERRUPTED_STATES.has(state));

/** `TASK_STATE_WORKING` as `WORKING`. */
export const stateWord = (state: string): string => clip(state.replace(/^TASK_STATE_/, ''), 40);

/** For a sentence: at most so many characters, never half of a surrogate pair. */
export function clip(text: string, characters_max = 100): string {
  if (text.length <= characters_max) return text.toWellFormed();
  return `${text.slice(0, characters_max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`.toWellFormed();
}

export const isSend = (op: Op): op is SendOp => op.op === 'SendMessage' || op.op === 'SendStreamingMessage';

/** What is asked for takes the agent's peer. */
export const needsPeer = (op: Op): op is SendOp => isSend(op) && op.behaviour === 'delegates';

export const isStreaming = (op: Op): boolean => op.op === 'SendStreamingMessage' || op.op === 'SubscribeToTask';

/** The task that an op names. */
export const taskIdOf = (op: Op): string | undefined =>
  isProtocolOp(op) && 'taskId' in op ? textOf(op.taskId) : undefined;

/** The ops that a check may look at. */
export const SENDS = ['SendMessage', 'SendStreamingMessage'] as const;
export const STREAMS = ['SendStreamingMessage', 'SubscribeToTask'] as const;

/** What may be an answer, or a part of one: the events that come with the op that they belong to. */
export const ANSWERS = ['event', 'ok', 'fail', 'info'] as const;

/** All users have left: what they were given can be compared. In a run that was cut off before, nobody knows what was to come. */
export const usersHaveLeft = (event: HistoryEvent): boolean => event.type === 'scenario' && event.phase === 'settling';

/** Ops of the final reading back of every task have this step. */
export const isReadBack = (invoke: InvokeEvent): boolean => invoke.step === READING_BACK;
