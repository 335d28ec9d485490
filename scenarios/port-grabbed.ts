/**
 * A neighbour grabs the port of an agent in the moment in which the agent is started. One that binds its port itself comes too
 * late, and moves to another block; one that is handed the socket never notices.
 */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { useSession } from './use-session.ts';

const grabbed = {
  family: 'port exhaustion',
  needs: ['short'],
  blocks: 5,
  neighbours: [{ neighbour: 'thief', answers: ['card', 'page'] }],
  users: 1,
  load: { shape: 'closed' },
} as const;

export const portGrabbed = defineScenario({
  ...grabbed,
  name: 'port-grabbed',
  title: 'What answers on a port in place of an agent is never taken for it, and the agent moves to other ports',
  process: 'own',
  socket: 'bound-by-agent',
  mustExercise: ['ports-hold/stolen', 'strangers/asked', 'sessions-stand'],
  *script({ user, say }) {
    yield* useSession({ say }, user, 1);
  },
});

export const portKept = defineScenario({
  ...grabbed,
  name: 'port-kept',
  title: 'Nobody can grab the port of an agent that is handed the socket',
  socket: 'handed-over',
  mustExercise: ['strangers/kept-out', 'sessions-stand'],
  *script({ user, say }) {
    yield* useSession({ say }, user, 2);
  },
});
