/** A user picks for the team whose turn it is, from two devices in the same moment: now different players, now the same one. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, expect, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { stateOf } from '../said.ts';
import { COMPLETED, expectInTurn, freeOn, openDraft, readBoard, TEAMS, teamAt } from './drafting.ts';

const ROUNDS = 3;
const DEVICES = 2;
const UNKNOWN = 'unknown';

export const draftPickRaced = defineScenario({
  name: 'draft-pick-raced',
  title: 'Of two picks for one turn one is taken, and only that one is on the board',
  family: 'worlds',
  needs: ['draft/open', 'draft/next', 'draft/pick', 'draft/board'],
  users: 3,
  devices: DEVICES,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/one-pick-a-turn', 'as-expected/in-turn', 'overlaps/together'],
  *script(context) {
    if (context.device > 0) {
      for (let round = 0; round < ROUNDS; round += 1) yield* race(context, round);
      return;
    }
    const { agent, words, user } = context;
    const seed = `${user}x${context.random.between(1, 1_000)}`;
    const place = yield* openDraft(context, agent, { rounds: ROUNDS, seed });
    yield* share(`${user}/draft`, place?.contextId);
    if (place === undefined) return;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = yield* readBoard(context, place);
      const [one = '', other = ''] = before === undefined ? [] : freeOn(before);
      yield* share(`${user}/${round}/players`, round % 2 === 0 ? `${one} ${other}` : `${one} ${one}`);
      const mine = yield* race(context, round);
      const states: string[] = [];
      for (let device = 0; device < DEVICES; device += 1) states.push(yield* awaitShared(`${user}/${round}/${device}`));
      const his = (yield* awaitShared(`${user}/${round}/1/task`)) || undefined;
      const board = yield* readBoard(context, place);
      if (board === undefined || states.includes(UNKNOWN)) return;
      const taken = states.filter((state) => state === COMPLETED).length;
      const picks = board.picks.length - (before?.picks.length ?? 0);
      yield* expect({
        that: 'one-pick-a-turn',
        title: 'Of two picks at once for the same turn one is taken, and the board has one more',
        expected: '1 is taken, and the board has 1 more',
        seen: `${taken} were taken, and the board has ${picks} more: ${board.text.replaceAll('\n', ', ')}`,
        holds: taken === 1 && picks === 1,
        tasks: [before?.task, mine, his, board.task],
      });
      if (taken !== 1 || picks !== 1) return;
      for (let rest = 1; rest < TEAMS.length; rest += 1)
        yield* sendMessage(agent, words('draft/next'), { contextId: place.contextId });
    }
    const board = yield* readBoard(context, place);
    if (board !== undefined) yield* expectInTurn(board, ROUNDS);
  },
});

/** The task of this device's pick. */
function* race({ agent, words, user, device }: ScriptContext, round: number): Act<string | undefined> {
  const contextId = yield* awaitShared(`${user}/draft`);
  const player = (yield* awaitShared(`${user}/${round}/players`)).split(' ')[device] ?? '';
  const pick = words('draft/pick', { team: teamAt(round * TEAMS.length), player });
  const together = { name: `${user}/${round}`, parties: DEVICES };
  const { outcome, task } = yield* sendMessage(agent, pick, { contextId, together });
  yield* share(`${user}/${round}/${device}/task`, task?.id ?? '');
  yield* share(`${user}/${round}/${device}`, outcome.type === 'ok' ? stateOf(task) : UNKNOWN);
  return task?.id;
}
