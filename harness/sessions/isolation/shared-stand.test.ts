import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stand } from '../../model/session.ts';
import { shareStand } from './shared-stand.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Counts sets that stand, and can be told to fail. */
function openYard() {
  const yard = { begun: 0, standing: 0, most: 0, fails: false };
  const shared = shareStand(async ({ signal }) => {
    yard.begun += 1;
    await settled();
    signal.throwIfAborted();
    if (yard.fails) throw new Error('no agent today');
    yard.standing += 1;
    yard.most = Math.max(yard.most, yard.standing);
    return {
      agents: [],
      ports: [5001],
      restart: async () => {},
      [Symbol.asyncDispose]: async () => {
        await settled();
        yard.standing -= 1;
      },
    };
  }, 'all');
  const join = (user: string, signal = new AbortController().signal) =>
    shared.join({ id: user, user, agents: 0, signal });
  return { yard, shared, join };
}

test('a set stands exactly while somebody uses it, and there is never a second one', async () => {
  const act = fc.record({ do: fc.constantFrom('join', 'leave', 'abort', 'wait'), who: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const { yard, join } = openYard();
      const joined: { stand: Promise<Stand | undefined>; client: AbortController }[] = [];
      const leave = async (who: number): Promise<void> => {
        const [one] = joined.splice(who % Math.max(1, joined.length), 1);
        await (await one?.stand)?.[Symbol.asyncDispose]();
      };
      for (const [index, each] of acts.entries()) {
        if (each.do === 'join') {
          const client = new AbortController();
          joined.push({ client, stand: join(`u${index}`, client.signal).catch(() => undefined) });
        } else if (each.do === 'leave') void leave(each.who);
        else if (each.do === 'abort') joined[each.who]?.client.abort(new Error('gone'));
        else await settled();
      }
      const stands = await Promise.all(joined.map(({ stand }) => stand));
      const users = stands.filter((stand) => stand !== undefined).length;
      for (let wait = 0; wait < 10; wait += 1) await settled();
      expect(yard.standing).toBe(users > 0 ? 1 : 0);
      for (const stand of stands) await stand?.[Symbol.asyncDispose]();
      for (let wait = 0; wait < 10; wait += 1) await settled();
      expect(yard.standing).toBe(0);
      expect(yard.most).toBeLessThanOrEqual(1);
    }),
  );
});

test('a set that could not be started is told to all who wait for it, and the next tries again', async () => {
  const { yard, join, shared } = openYard();
  yard.fails = true;
  const told = await Promise.allSettled([join('u1'), join('u2')]);
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(shared.owner()).toBeUndefined();
  yard.fails = false;
  await join('u3');
  expect(yard).toMatchObject({ begun: 2, standing: 1 });
  expect(shared.owner()).toBe('u3');
});

test('a session that asks for more agents than there are is refused with how many there are, and leaves nothing', async () => {
  const { yard, shared } = openYard();
  const asked = { id: 'u1', user: 'u1', agents: 2, signal: new AbortController().signal };
  await expect(shared.join(asked)).rejects.toThrow(/there are 0 of them/);
  expect(yard.standing).toBe(0);
});
