/** At each turn somebody picks for a team whose turn it is not, and somebody for a player who is gone, before who may picks whom he may. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, sendMessage } from '../../../harness/script/vocabulary.ts';
import { stateOf } from '../said.ts';
import { COMPLETED, freeOn, openDraft, type Place, REJECTED, readBoard, TEAMS, teamAt } from './drafting.ts';

const ROUNDS = 2;

export const draftTurns = defineScenario({
  name: 'draft-turns',
  title: 'Nobody picks before it is his turn, and nobody picks who was picked before',
  family: 'worlds',
  needs: ['draft/open', 'draft/pick', 'draft/board'],
  users: 2,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/waits-for-its-turn', 'as-expected/turn-comes', 'as-expected/gone-is-gone'],
  *script(context) {
    const { agent, random, user } = context;
    const place = yield* openDraft(context, agent, { rounds: ROUNDS, seed: user });
    if (place === undefined) return;
    for (let turn = 0; turn < ROUNDS * TEAMS.length; turn += 1) {
      const board = yield* readBoard(context, place);
      if (board === undefined) return;
      const team = teamAt(turn);
      const player = random.pick(freeOn(board));
      const hasty = random.pick(TEAMS.filter((each) => each !== team));
      const waits = yield* tryPick(context, place, { team: hasty, player }, REJECTED, {
        that: 'waits-for-its-turn',
        title: 'A team whose turn it is not cannot pick',
      });
      if (!waits) return;
      const gone = board.picks.at(-1)?.player;
      if (gone !== undefined) {
        const isGone = { that: 'gone-is-gone', title: 'A player who was picked cannot be picked again' };
        if (!(yield* tryPick(context, place, { team, player: gone }, REJECTED, isGone))) return;
      }
      const comes = { that: 'turn-comes', title: 'The team whose turn it is picks whom it likes' };
      if (!(yield* tryPick(context, place, { team, player }, COMPLETED, comes))) return;
    }
  },
});

/** Whether it came out so. What comes after a wrong turn says nothing. */
function* tryPick(
  { words }: ScriptContext,
  { agent, contextId }: Place,
  pick: { readonly team: string; readonly player: string },
  expected: string,
  what: { readonly that: string; readonly title: string },
): Act<boolean> {
  const { outcome, task } = yield* sendMessage(agent, words('draft/pick', pick), { contextId });
  if (outcome.type !== 'ok') return false;
  const seen = `${pick.team} picks ${pick.player}: ${stateOf(task)}`;
  const holds = stateOf(task) === expected;
  yield* expect({ ...what, expected, seen, holds, tasks: [task?.id] });
  return holds;
}
