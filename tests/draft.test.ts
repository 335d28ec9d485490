/** The draft from outside: a session of it has all its teams, and what comes of it depends on the seed and on nothing else. */
import { expect, test } from 'vitest';
import { answerOf, caller } from '../fixtures/agents/caller.ts';
import { openSessions } from '../harness/cli/open-sessions.ts';
import { upSettings } from '../harness/cli/up/settings.ts';
import { openBench } from './muster.ts';

test('real and simulated agents give the same drafts for the same seed', async () => {
  using bench = openBench();
  const boardsOf = async (mode: string, seed: string): Promise<readonly string[]> => {
    const out = `${mode}-${seed}`;
    const args = ['run', 'draft-conversations', '--fixture', 'draft', '--mode', mode, '--seed', seed, '--out', out];
    expect(await bench.muster(...args), out).toMatchObject({ code: 0 });
    return bench
      .history(out)
      .flatMap((event) =>
        event.type === 'invoke' && event.op.op === 'expect' && event.op.that === 'same-seed-same-draft'
          ? event.op.seen
          : [],
      )
      .toSorted();
  };
  const real = await boardsOf('real', '5');
  expect(real).toHaveLength(8);
  expect(await boardsOf('simulated', '5')).toEqual(real);
  expect(new Set(real).size).toBe(2);
});

test('a session of the draft is a commissioner with its four teams, and each session drafts for itself', async () => {
  const asked = { sessions: 1, json: true, agents: undefined };
  expect(await upSettings({ ...asked, fixture: ['draft'] })).toMatchObject({ agents: 5 });
  expect(await upSettings({ ...asked, fixture: ['echo', 'delegator'] })).toMatchObject({ agents: 1 });
  await using sessions = await openSessions({ fixture: 'draft' });
  const boards: string[] = [];
  for (const user of ['ann', 'bob']) {
    const { agents } = await sessions.open({ user, agents: 5 });
    expect(agents.map(({ card }) => card['name'])).toEqual([
      'draft',
      ...['north', 'east', 'south', 'west'].map((team) => `draft-${team}`),
    ]);
    const ann = await caller(new URL('/', agents[0]?.url).href, 'JSONRPC', 'ann');
    const { contextId } = await ann.send('open a draft of 1 rounds with seed s, for x');
    boards.push(answerOf(await ann.send('draft: go on, for x', { contextId })));
  }
  expect(boards[0]).toMatch(/4 west: \w+-\w+\n/);
  expect(boards[1]).toBe(boards[0]);
});
