/**
 * Agents die and are started again, and one that keeps its tasks in memory then begins anew, perhaps with the same ids.
 * So a task is named by its agent, that agent's life, and its id; an op during which its agent died names no task at
 * all. Memory: one entry per agent.
 */

import { LETHAL_FAULTS } from '../../model/fault-kinds.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp } from '../../model/op.ts';
import type { AgentLives, Life } from '../../model/scene.ts';

const NEVER = -1;

export function followLives(): AgentLives & { add(event: HistoryEvent): void } {
  const lives = new Map<string, Life>();
  const currentOf = (agent: string): Life => {
    const known = lives.get(agent);
    if (known !== undefined) return known;
    const first: Life = { number: 0, began_seq: NEVER };
    lives.set(agent, first);
    return first;
  };
  const lifeOf = ({ op, seq }: InvokeEvent): Life | undefined => {
    if (!isProtocolOp(op)) return undefined;
    const life = currentOf(op.agent);
    return seq < life.began_seq ? undefined : life;
  };
  return {
    lifeOf,
    add(event) {
      const agent = endedLife(event);
      if (agent === undefined) return;
      lives.set(agent, { number: currentOf(agent).number + 1, began_seq: event.seq });
    },
    keyOf(invoke, name) {
      const life = lifeOf(invoke);
      return life === undefined || !isProtocolOp(invoke.op) ? undefined : `${invoke.op.agent}\n${life.number}\n${name}`;
    },
  };
}

/** The agent whose memory is not to be trusted any more: a kill counts from the moment it was asked for. */
function endedLife(event: HistoryEvent): string | undefined {
  if (event.type === 'fault' && event.phase === 'asked')
    return LETHAL_FAULTS.has(event.fault.fault) ? event.fault.target : undefined;
  if (event.type !== 'agent') return undefined;
  return event.phase === 'exited' || event.phase === 'stopped' || event.phase === 'starting' ? event.agent : undefined;
}
