/**
 * Tasks whose stream broke off in the middle, and whether their users took them up again under the same id: what was told of a task
 * after that, to a user's own op, shows it. Memory: an entry per open stream, and the latest 10,000 tasks that broke off.
 */
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp, READING_BACK } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';

const TASKS_MAX = 10_000;

export interface BrokenTask {
  readonly user: string;
  readonly agent: string;
  /** When the stream was asked for, and when it broke. */
  readonly asked_seq: number;
  readonly broke_seq: number;
  isResumed: boolean;
}

export interface BrokenTasks {
  add(event: HistoryEvent, invoke: InvokeEvent): void;
  list(): readonly BrokenTask[];
}

export function startBrokenTasks(): BrokenTasks {
  const open = new Map<number, { readonly id: string; state: string | undefined }>();
  const broken = new Map<string, BrokenTask>();

  const follow = (event: HistoryEvent & { readonly type: 'event' }, { op_id }: InvokeEvent): void => {
    const { id, state } = toldOf(event.payload);
    if (id === undefined) return;
    const one = open.get(op_id) ?? { id, state };
    open.set(op_id, one);
    if (one.id === id) one.state = state ?? one.state;
  };

  const end = (event: HistoryEvent, { op_id, seq, user }: InvokeEvent, agent: string): void => {
    const one = open.get(op_id);
    open.delete(op_id);
    if (one === undefined || isOver(one.state) || !breaksOff(event)) return;
    const key = `${agent} ${one.id}`;
    if (!broken.has(key)) broken.set(key, { user, agent, asked_seq: seq, broke_seq: event.seq, isResumed: false });
    const [oldest] = broken.keys();
    if (broken.size > TASKS_MAX && oldest !== undefined) broken.delete(oldest);
  };

  return {
    add(event, invoke) {
      const { op, seq, step } = invoke;
      if (!isProtocolOp(op)) return;
      if (event.type === 'event' || (event.type === 'ok' && step !== READING_BACK)) {
        const { id, state } = toldOf(event.type === 'event' ? event.payload : event.value);
        const one = id === undefined ? undefined : broken.get(`${op.agent} ${id}`);
        if (one !== undefined && seq > one.broke_seq && isGood(state)) one.isResumed = true;
      }
      if (event.type === 'event') follow(event, invoke);
      else end(event, invoke, op.agent);
    },
    list: () => [...broken.values()],
  };
}

const isOver = (state: string | undefined): boolean =>
  state !== undefined && (TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state));

const isGood = (state: string | undefined): boolean =>
  state !== undefined && (state === 'TASK_STATE_COMPLETED' || INTERRUPTED_STATES.has(state));

/** Not where its reader left, or muster gave up. */
function breaksOff(event: HistoryEvent): boolean {
  if (event.type === 'ok') return event.value?.ended === 'by-agent';
  return (event.type === 'fail' || event.type === 'info') && event.error.code !== 'aborted';
}

/** What an agent sent may be anything. */
function toldOf(told: unknown): { readonly id: string | undefined; readonly state: string | undefined } {
  const { task, statusUpdate } = recordOf(told);
  const whole = recordOf(task);
  const update = recordOf(statusUpdate);
  const id = whole['id'] ?? update['taskId'];
  const state = recordOf(whole['status'] ?? update['status'])['state'];
  return {
    id: typeof id === 'string' && id !== '' ? id : undefined,
    state: typeof state === 'string' ? state : undefined,
  };
}
