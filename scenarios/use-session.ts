/** What most scenarios about ports do with a session: open it, talk to each of its agents, and end it. */
import type { Outcome } from '../harness/model/op.ts';
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { closeSession, openSession, sendMessage } from '../harness/script/vocabulary.ts';

export function* useSession(
  { say }: Pick<ScriptContext, 'say'>,
  session: string,
  agents: number,
): Act<Outcome['type']> {
  const { outcome, agents: names } = yield* openSession(session, agents);
  for (const agent of names) yield* sendMessage(agent, say.short());
  if (outcome.type === 'ok') yield* closeSession(session);
  return outcome.type;
}
