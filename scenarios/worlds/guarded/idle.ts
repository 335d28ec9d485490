/** A session that was idle is over, and its user goes on with a fresh token, which finds what the other one made. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, getTask, pause, sendMessage } from '../../../harness/script/vocabulary.ts';
import { decisionOf, toldOf } from './refusals.ts';

/** A kiosk may be idle for 300 ms, and others for a quarter of an hour. */
const NAMES = ['kiosk-1', 'kiosk-2', 'kiosk-3', 'patient-1'];
const IDLE_MS = 450;

export const guardedIdle = defineScenario({
  name: 'guarded-idle',
  title: 'A session that was idle is over, and a fresh token goes on where it ended',
  family: 'worlds',
  needs: ['guarded/audit', 'short'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/idle-session-is-over', 'as-expected/fresh-token-goes-on'],
  *script({ agent, index, say }) {
    const { task, outcome } = yield* sendMessage(agent, say.short());
    if (outcome.type !== 'ok') return;
    yield* pause(IDLE_MS);
    const late = yield* getTask(agent, task?.id);
    const isKiosk = NAMES[index]?.startsWith('kiosk') === true;
    if (decisionOf(late.outcome) === 'unknown') return;
    yield* expect({
      that: isKiosk ? 'idle-session-is-over' : 'session-goes-on',
      title: isKiosk
        ? 'Who was idle has to show a fresh token'
        : 'Who was not idle for long need not show a fresh token',
      expected: isKiosk ? 'unauthenticated' : 'his task',
      seen: toldOf(late.outcome),
      holds: decisionOf(late.outcome) === (isKiosk ? 'no-token' : 'taken'),
      tasks: [task?.id],
    });
    // Whoever was refused has fetched another token by now, as clients do.
    const again = yield* getTask(agent, task?.id);
    if (decisionOf(again.outcome) === 'unknown') return;
    yield* expect({
      that: 'fresh-token-goes-on',
      title: 'With a fresh token a user finds what he has made with another one',
      expected: 'his task',
      seen: toldOf(again.outcome),
      holds: again.outcome.type === 'ok',
      tasks: [task?.id],
    });
  },
});
