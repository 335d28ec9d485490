import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTurns } from './turns.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('turns come in the order of asking, one at a time, and who goes away is passed over', async () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('end' as const) }),
    fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const turns = openTurns();
      const asked: AbortController[] = [];
      const had: number[] = [];
      const gone = new Set<number>();
      const ends: (() => void)[] = [];
      for (const each of acts) {
        if (each.do === 'take') {
          const client = new AbortController();
          const number = asked.push(client) - 1;
          turns.take(client.signal).then(
            (end) => {
              had.push(number);
              ends.push(end);
            },
            () => gone.add(number),
          );
        } else if (each.do === 'end') ends.at(-1)?.();
        else asked[each.who]?.abort();
        await settled();
        // Whoever had a turn and has not ended it is at most one: the next comes only by an end.
        expect(had.length).toBeLessThanOrEqual(1 + acts.filter((one) => one.do === 'end').length);
      }
      for (let rest = 0; rest < asked.length; rest += 1) {
        ends.at(-1)?.();
        await settled();
      }
      expect(had).toEqual([...had].sort((a, b) => a - b));
      expect(new Set([...had, ...gone]).size).toBe(asked.length);
      expect(had.filter((number) => gone.has(number))).toEqual([]);
    }),
  );
});

test('ending a turn twice lets one in, not two', async () => {
  const turns = openTurns();
  const { signal } = new AbortController();
  const end = await turns.take(signal);
  let in_at_once = 0;
  for (let client = 0; client < 2; client += 1) void turns.take(signal).then(() => (in_at_once += 1));
  end();
  end();
  await settled();
  expect(in_at_once).toBe(1);
});

test('a client that has gone already is not queued', async () => {
  const turns = openTurns();
  await expect(turns.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  await turns.take(new AbortController().signal);
});
