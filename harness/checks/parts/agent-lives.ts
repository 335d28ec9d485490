/**
 * Agents die and are started again, and one that keeps its tasks in memory then begins anew, perhaps with the same ids.
 * So a task is named by its agent, that agent's life, and its id; an op during which its agent died names no task at
 * all. Memory: one entry per agent.
 */

import { LETHAL_FAULTS } from '../../model/fault-kinds.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp } from '../../model/op.ts';

export interface AgentLives {
  add(event: HistoryEvent): void;
  /** Nothing when the agent died since the op was invoked, or the op went to no agent. */
  keyOf(invoke: InvokeEvent, taskId: string): string | undefined;
}

interface Life {
  readonly number: number;
  readonly began_seq: number;
}

const BIRTH: Life = { number: 0, began_seq: -1 };

export function followLives(): AgentLives {
  const lives = new Map<string, Life>();
  return {
    add(event) {
      const agent = endedLife(event);
      if (agent === undefined) return;
      lives.set(agent, { number: (lives.get(agent) ?? BIRTH).number + 1, began_seq: event.seq });
    },
    keyOf({ op, seq }, taskId) {
      if (!isProtocolOp(op)) return undefined;
      const life = lives.get(op.agent) ?? BIRTH;
      return seq < life.began_seq ? undefined : keyOf(op.agent, life.number, taskId);
    },
  };
}

/** Checks ask for the same key one after the other: it is put together, and hashed by their maps, once. */
let latest = { agent: '', life: 0, taskId: '', key: '\n0\n' };

function keyOf(agent: string, life: number, taskId: string): string {
  if (latest.taskId !== taskId || latest.agent !== agent || latest.life !== life)
    latest = { agent, life, taskId, key: `${agent}\n${life}\n${taskId}` };
  return latest.key;
}

/** The agent whose memory is not to be trusted any more: a kill counts from the moment it was asked for. */
function endedLife(event: HistoryEvent): string | undefined {
  if (event.type === 'fault' && event.phase === 'asked')
    return LETHAL_FAULTS.has(event.fault.fault) ? event.fault.target : undefined;
  if (event.type !== 'agent') return undefined;
  return event.phase === 'exited' || event.phase === 'stopped' || event.phase === 'starting' ? event.agent : undefined;
}
