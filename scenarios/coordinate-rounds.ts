/** What users of a mesh do: have work done by whichever server, and ask whichever server what was done. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { pause, sendMessage } from '../harness/script/vocabulary.ts';

/** Longer than servers have to join, `join_ms_max` of the policy. */
export const JOINED_MS = 2_300;

/** Asks one of `servers` in each round, and then one of `observers` for what it knows of it. */
export function* coordinateRounds(
  { say, random }: ScriptContext,
  rounds: number,
  servers: readonly string[],
  observers: readonly string[] = servers,
): Act<void> {
  for (let round = 0; round < rounds; round += 1) {
    const { task } = yield* sendMessage(random.pick(servers), say.coordinates());
    const contextId = task?.contextId;
    if (contextId !== undefined) yield* sendMessage(random.pick(observers), say.observes(), { contextId });
    yield* pause(random.between(10, 60));
  }
}
