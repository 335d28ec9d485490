/**
 * The last phase of every scenario: each task is read once more by its owner, again and again until it has ended or its
 * time to settle is over, so that the checks can hold what was told against what is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../model/a2a.ts';
import { READING_BACK } from '../../model/op.ts';
import type { SeenTask, World } from './world.ts';

const AT_ONCE = 32;
const PAUSE_MS = 100;

export async function readBack(world: World, tasks: readonly SeenTask[]): Promise<void> {
  const deadline_ms = world.clock() + world.plan.policy.settle_ms_max;
  const queue = tasks.values();
  const worker = async (): Promise<void> => {
    for (const task of queue) {
      while (!world.signal.aborted && !(await hasEnded(world, task)) && world.clock() < deadline_ms) {
        await delay(PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, tasks.length) }, worker));
}

/** True when the task needs no further look: it is over, waits for its user, or cannot be read. */
async function hasEnded(world: World, { agent, taskId, user, index }: SeenTask): Promise<boolean> {
  const wire = world.wireOf(agent);
  if (wire === undefined) return true;
  const op_id = world.nextOpId();
  const op = { op: 'GetTask', agent, taskId } as const;
  world.emit({ type: 'invoke', op_id, user, device: 0, step: READING_BACK, due_ms: world.clock(), op });
  const outcome = await wire.perform(op, {
    headers: world.headersOf(index),
    signal: world.signal,
    timeout_ms: world.plan.policy.answer_ms_max,
    onEvent: () => {},
  });
  if (outcome.type !== 'ok') {
    world.emit({ type: outcome.type, op_id, error: outcome.error });
    return true;
  }
  world.emit({ type: 'ok', op_id, value: outcome.value });
  const state = outcome.value.task?.status.state ?? '';
  return TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state);
}
