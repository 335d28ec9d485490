/** What makes something scarce is one limit each: this ties it to the life of a fault, and looks how often it was met. */
import type { LoweredLimit, ProcessAgent, Scarce } from '../model/live.ts';
import type { AppliedFault } from './fault.ts';
import { inflict } from './inflict.ts';

const LOOK_MS = 25;

/** `left` as `ProcessAgent.limit` takes it. `hits` counts looks at which nothing was left, each at most once in a while. */
export function applyLimit(
  agent: ProcessAgent,
  what: Scarce,
  left: number,
  signal: AbortSignal,
): Promise<AppliedFault> {
  let hits = 0;
  let looking: NodeJS.Timeout | undefined;
  let limiting: Promise<LoweredLimit> | undefined;
  const bite = async (): Promise<string> => {
    limiting = agent.limit(what, left);
    const limit = await limiting;
    const look = (): void => {
      if (limit.spent() > 0) hits += 1;
    };
    look();
    looking = setInterval(look, LOOK_MS);
    return limit.proof;
  };
  const heal = async (): Promise<string> => {
    const limit = await limiting?.catch(() => undefined);
    clearInterval(looking);
    if (limit === undefined) return 'nothing was limited';
    const healed = await limit.lift();
    return hits === 0 ? `it never came to the limit; ${healed}` : `it was at the limit at ${hits} looks; ${healed}`;
  };
  return inflict(`limit the ${what} of "${agent.name}"`, { bite, heal, hits: () => hits }, signal);
}
