/**
 * A crowd that is always in a hurry asks again and again, and a few who are in none ask once. Served means ended, and when a task has ended
 * the agent says; the crowd is still at it when its first member has all his answers.
 */
import type { Task } from '../../../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, expect, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { help, problemAt } from './problems.ts';

const CROWD = 10;
const PATIENT = 2;
const ROUNDS = 8;

export const helpdeskNobodyStarves = defineScenario({
  name: 'helpdesk-nobody-starves',
  title: 'However many are in a hurry, who is in none is served while they still ask',
  family: 'worlds',
  needs: ['helpdesk/ask'],
  users: CROWD + PATIENT,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/patient-are-served'],
  *script(context) {
    if (context.index < CROWD) yield* hurry(context);
    else yield* waitPatiently(context);
  },
});

function* hurry({ agent, words, index }: ScriptContext): Act<void> {
  let last: Task | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round === 1) yield* share(`hurries/${index}`, 'yes');
    const { task } = yield* sendMessage(agent, help(words, problemAt(index + round).problem, 'high'));
    last = task ?? last;
  }
  yield* share(`over/${index}`, last?.status.timestamp ?? '-');
}

function* waitPatiently({ agent, words, index }: ScriptContext): Act<void> {
  for (let other = 0; other < CROWD; other += 1) yield* awaitShared(`hurries/${other}`);
  const { outcome, task } = yield* sendMessage(agent, help(words, problemAt(index).problem));
  const ends: number[] = [];
  for (let other = 0; other < CROWD; other += 1) ends.push(Date.parse(yield* awaitShared(`over/${other}`)));
  const served = Date.parse(task?.status.timestamp ?? '');
  if (outcome.type !== 'ok' || Number.isNaN(served) || ends.some(Number.isNaN)) return;
  const first = Math.min(...ends);
  yield* expect({
    that: 'patient-are-served',
    title: 'Who is in no hurry is served while those who are go on asking',
    expected: 'his one task ends before the first of those in a hurry has had all his answers',
    seen: `it ended ${Math.abs(served - first)} ms ${served <= first ? 'before' : 'after'} one of ${CROWD} had had all ${ROUNDS}`,
    holds: served <= first,
    tasks: [task?.id],
  });
}
