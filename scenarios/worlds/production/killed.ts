/**
 * The agent is killed while users pay in and watch. Whoever gets no answer sends the same message again, as after any break he must: what
 * he was told of is there afterwards, and nothing that he sent twice is done twice.
 */
import type { Act } from '../../../harness/model/scenario.ts';
import type { Utterance } from '../../../harness/model/speech.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  type Answer,
  expect,
  getTask,
  openStream,
  pause,
  readEvents,
  sendMessage,
} from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import { sumIn } from './sum-in.ts';

const DEPOSITS = 6;
const PIECES = 20;
const TRIES_MAX = 60;
const AGAIN_MS = 100;

export const productionKilled = defineScenario({
  name: 'production-killed',
  title: 'What was paid in before, during and after a kill is there, once',
  family: 'worlds',
  needs: ['production/deposit', 'production/balance', 'slow'],
  capabilities: ['streaming'],
  identities: true,
  process: 'own',
  users: 6,
  load: { shape: 'closed' },
  // In the middle: the deposits of all are twice as many.
  faults: [{ fault: 'kill', target: 'agent', begins: { after_events: 18, of: 'ok' }, for_ms: 30 }],
  mustExercise: ['as-expected/deposits-are-there-once', 'as-expected/pieces-are-there-once', 'durable'],
  *script({ agent, say, words, random }) {
    const slow = say.slow({ chunks: PIECES, gap_ms: 100 });
    // Some of it is said before the kill, for certain.
    const begun = yield* openStream(agent, slow);
    yield* readEvents(begun, 3);
    let paid = 0;
    for (let count = 0; count < DEPOSITS; count += 1) {
      const amount = random.between(1, 99);
      const deposit = words('production/deposit', { amount: String(amount), ms: '20' });
      const { outcome } = yield* untilAnswered(agent, deposit);
      if (outcome.type !== 'ok') return;
      paid += amount;
    }
    const answer = yield* untilAnswered(agent, words('production/balance', {}));
    if (answer.outcome.type !== 'ok') return;
    const seen = sumIn(answer.task);
    yield* expect({
      that: 'deposits-are-there-once',
      title: 'What a user has paid in while the agent was killed is there, each deposit once',
      expected: String(paid),
      seen,
      holds: seen === String(paid),
      tasks: [answer.task?.id],
    });
    if (begun.task !== undefined) yield* expectPieces(agent, begun.task, slow);
  },
});

function* untilAnswered(agent: string, utterance: Utterance): Act<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = yield* sendMessage(agent, utterance);
    if (answer.outcome.type === 'ok' || tries === TRIES_MAX) return answer;
    yield* pause(AGAIN_MS);
  }
}

function* expectPieces(agent: string, taskId: string, { token }: Utterance): Act<void> {
  let read = yield* getTask(agent, taskId);
  for (let tries = 1; read.task?.status.state === 'TASK_STATE_WORKING' && tries < TRIES_MAX; tries += 1) {
    yield* pause(AGAIN_MS);
    read = yield* getTask(agent, taskId);
  }
  // Failing is honest, and no answer says nothing.
  if (read.task?.status.state !== 'TASK_STATE_COMPLETED') return;
  const expected = Array.from({ length: PIECES }, (_, index) => `${index + 1}/${PIECES} ${token}`).join(' ');
  const seen = saidIn(read.task).trim().replaceAll('\n', ' ');
  yield* expect({
    that: 'pieces-are-there-once',
    title: 'Of an answer that was given in part before a kill each piece is there once',
    expected,
    seen,
    holds: seen === expected,
    tasks: [taskId],
  });
}
