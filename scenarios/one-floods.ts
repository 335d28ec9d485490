/** One user asks from many devices at once, beside others who ask one thing at a time. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, sendMessage } from '../harness/script/vocabulary.ts';

const DEVICES = 8;
const ROUNDS = 10;

export const oneFloods = defineScenario({
  name: 'one-floods',
  title: 'Users who ask one thing at a time are served beside one who asks for much at once',
  family: 'concurrent users',
  needs: ['slow'],
  identities: true,
  users: 6,
  devices: DEVICES,
  load: { shape: 'closed' },
  mustExercise: ['fair'],
  *script({ agent, say, users, index, device }) {
    if (index > 0 && device > 0) return;
    yield* barrier('all here', DEVICES + users.length - 1);
    for (let round = 0; round < ROUNDS; round += 1) yield* sendMessage(agent, say.slow({ chunks: 1, gap_ms: 10 }));
  },
});
