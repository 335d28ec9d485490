/**
 * Each task is read once more by its owner when his scripts are over, so that the checks can hold what was told against
 * what is. Most of it is the last phase of a scenario; in a long run the oldest tasks are read while others still come,
 * so that neither this list nor what the checks remember grows with the run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import QuickLRU from 'quick-lru';
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../model/a2a.ts';
import { READING_BACK } from '../../model/op.ts';
import type { Plan } from '../../model/plan.ts';
import type { SeenTask, World } from './world.ts';

/** So many tasks wait for the last phase, the latest ones: a fault late in the run is to meet tasks of before. */
export const WAITING_MAX = 1_000;
const AT_ONCE = 32;
const PAUSE_MS = 100;

/** `unread`: nobody knows, or a fault was in the way. */
type Look = 'over' | 'going-on' | 'unread';

export interface ReadBack {
  /** A message of this user was answered with this task. */
  note(task: SeenTask): void;
  /** No script of the user at this position is running any more. */
  left(index: number): void;
  /** The last phase: reads until each task is over, or the time to settle is. */
  finish(): Promise<void>;
}

type ReadBackWorld = Pick<World, 'clock' | 'emit' | 'nextOpId' | 'wireOf' | 'dealtTo' | 'headersOf' | 'signal'> & {
  readonly plan: Pick<Plan, 'policy'>;
};

export function openReadBack(world: ReadBackWorld, waiting_max = WAITING_MAX): ReadBack {
  const known = new QuickLRU<string, true>({ maxSize: 10 * waiting_max });
  const ofUser = new Map<number, SeenTask[]>();
  const waiting: SeenTask[] = [];
  const again: SeenTask[] = [];
  const readers = new Set<Promise<void>>();

  const readOldest = async (): Promise<void> => {
    while (waiting.length > waiting_max && !world.signal.aborted) {
      const task = waiting.shift();
      if (task !== undefined && (await look(world, task)) !== 'over') again.push(task);
    }
  };

  return {
    note(task) {
      const key = `${task.agent}/${task.taskId}`;
      if (known.has(key)) return;
      known.set(key, true);
      ofUser.set(task.index, [...(ofUser.get(task.index) ?? []), task]);
    },
    left(index) {
      waiting.push(...(ofUser.get(index) ?? []));
      ofUser.delete(index);
      if (waiting.length <= waiting_max || readers.size >= AT_ONCE) return;
      const reader = readOldest().finally(() => readers.delete(reader));
      readers.add(reader);
    },
    async finish() {
      await Promise.all(readers);
      await readToEnd(world, [...again, ...waiting, ...[...ofUser.values()].flat()]);
    },
  };
}

async function readToEnd(world: ReadBackWorld, tasks: readonly SeenTask[]): Promise<void> {
  const deadline_ms = world.clock() + world.plan.policy.settle_ms_max;
  const queue = tasks.values();
  const reader = async (): Promise<void> => {
    for (const task of queue) {
      while (!world.signal.aborted && (await look(world, task)) === 'going-on' && world.clock() < deadline_ms) {
        await delay(PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, tasks.length) }, reader));
}

async function look(world: ReadBackWorld, { agent, taskId, user, index }: SeenTask): Promise<Look> {
  const transport = world.dealtTo(agent, index, READING_BACK);
  const wire = world.wireOf(agent, transport);
  if (wire === undefined) return 'over';
  const op_id = world.nextOpId();
  const op = { op: 'GetTask', agent, taskId } as const;
  const over = transport === undefined ? {} : { transport };
  world.emit({ type: 'invoke', op_id, user, device: 0, step: READING_BACK, due_ms: world.clock(), ...over, op });
  const outcome = await wire.perform(op, {
    headers: await world.headersOf(index),
    signal: world.signal,
    timeout_ms: world.plan.policy.answer_ms_max,
    onEvent: () => {},
  });
  if (outcome.type !== 'ok') {
    world.emit({ type: outcome.type, op_id, error: outcome.error });
    // What an agent has forgotten it will not remember later.
    return outcome.error.code === 'TaskNotFoundError' ? 'over' : 'unread';
  }
  world.emit({ type: 'ok', op_id, value: outcome.value });
  const state = outcome.value.task?.status.state ?? '';
  // One that waits for its user waits for somebody who has left.
  return TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state) ? 'over' : 'going-on';
}
