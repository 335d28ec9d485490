/** How users draft, and what they know of a draft: whose turn comes when, and what the board of one that went well looks like. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { awaitShared, expect, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { saidIn, stateOf } from '../said.ts';

export const TEAMS = ['north', 'east', 'south', 'west'] as const;
/** A commissioner and its teams. */
export const AGENTS = 1 + TEAMS.length;

const NAMES = [
  ...['Ada', 'Ben', 'Cleo', 'Dov', 'Elif', 'Finn', 'Gro', 'Hugo', 'Ida', 'Jon', 'Kaya', 'Leo'],
  ...['Mia', 'Nils', 'Oda', 'Paul', 'Quinn', 'Rosa', 'Sami', 'Tove', 'Uma', 'Vito', 'Wren', 'Yara'],
];
const POSITIONS = ['wing', 'back', 'keeper'];
const PLAYERS = NAMES.map((name, index) => `${name}-${POSITIONS[index % POSITIONS.length]}`);

/** Counted from 0. Who was last in a round is first in the next. */
export const teamAt = (turn: number): string =>
  (Math.floor(turn / TEAMS.length) % 2 === 0 ? TEAMS[turn % TEAMS.length] : TEAMS.at(-1 - (turn % TEAMS.length))) ?? '';

/** Where a user drafts: with which commissioner, and in which conversation. */
export interface Place {
  readonly agent: string;
  readonly contextId: string;
}

export interface Choice {
  readonly team: string;
  readonly player: string;
}

export interface Board {
  readonly task: string | undefined;
  readonly text: string;
  readonly picks: readonly Choice[];
}

/** Everybody drafts with the seed that the first user has drawn. */
export function* sharedSeed({ index, random }: Pick<ScriptContext, 'index' | 'random'>): Act<string> {
  if (index === 0) yield* share('seed', `s${random.between(1, 1_000_000)}`);
  return yield* awaitShared('seed');
}

/** Nothing where it could not be opened. */
export function* openDraft(
  { words }: Speaker,
  agent: string | undefined,
  { rounds, seed }: { readonly rounds: number; readonly seed: string },
): Act<Place | undefined> {
  if (agent === undefined) return undefined;
  const { task } = yield* sendMessage(agent, words('draft/open', { rounds, seed }));
  return stateOf(task) === COMPLETED && task?.contextId !== undefined
    ? { agent, contextId: task.contextId }
    : undefined;
}

/** Nothing where there was no answer. */
export function* readBoard({ words }: Speaker, { agent, contextId }: Place): Act<Board | undefined> {
  const { outcome, task } = yield* sendMessage(agent, words('draft/board'), { contextId });
  if (outcome.type !== 'ok') return undefined;
  const text = saidIn(task);
  const picks = [...text.matchAll(/^\d+ (\w+): (\S+)$/gm)].map(([, team = '', player = '']) => ({ team, player }));
  return { task: task?.id, text, picks };
}

/** Of a player, or of the turn of a team that lost it. */
export const SKIPPED = 'skipped';
export const COMPLETED = 'TASK_STATE_COMPLETED';
export const REJECTED = 'TASK_STATE_REJECTED';

type Speaker = Pick<ScriptContext, 'words'>;

export const freeOn = ({ picks }: Board): readonly string[] =>
  PLAYERS.filter((each) => picks.every(({ player }) => player !== each));

/** What is true of every draft that is over and in which nobody was away. */
export function* expectWhole(board: Board, rounds: number): Act<void> {
  yield* expectInTurn(board, rounds);
  const players = board.picks.map(({ player }) => player);
  yield* expect({
    that: 'picked-once',
    title: 'Nobody is picked twice in a draft, and no turn is lost',
    expected: `${rounds * TEAMS.length} different players`,
    seen: players.join(' '),
    holds: new Set(players).size === rounds * TEAMS.length && !players.includes(SKIPPED),
    tasks: [board.task],
  });
  const teams = TEAMS.map((team) => board.picks.filter((pick) => pick.team === team).map(({ player }) => player));
  yield* expect({
    that: 'teams-remember',
    title: 'A team knows whom it has: it fills each position before it takes a second player for one',
    expected: 'players for as many positions as there are',
    seen: TEAMS.map((team, index) => `${team} has ${teams[index]?.join(' ')}`).join(', '),
    holds: teams.every((players) => positionsOf(players) >= Math.min(players.length, POSITIONS.length)),
    tasks: [board.task],
  });
}

const positionsOf = (players: readonly string[]): number => new Set(players.map((player) => player.split('-')[1])).size;

export function* expectInTurn({ picks, task }: Board, rounds: number): Act<void> {
  const order = (teams: readonly string[]): string => teams.join(' ');
  const expected = order(Array.from({ length: rounds * TEAMS.length }, (_, turn) => teamAt(turn)));
  const seen = order(picks.map(({ team }) => team));
  yield* expect({
    that: 'in-turn',
    title: 'The teams of a draft have their turns in order, which turns round after each round',
    expected,
    seen,
    holds: seen === expected,
    tasks: [task],
  });
}

/** The first one's is what the others are held against. */
export function* expectSame(name: string, isFirst: boolean, { text, task }: Board): Act<void> {
  if (isFirst) yield* share(name, text);
  const first = yield* awaitShared(name);
  yield* expect({
    that: 'same-seed-same-draft',
    title: 'Drafts with the same seed come out the same, whoever else drafts at the same time',
    expected: first.replaceAll('\n', ', '),
    seen: text.replaceAll('\n', ', '),
    holds: text === first,
    tasks: [task],
  });
}
