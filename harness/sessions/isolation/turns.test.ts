import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTurns } from './turns.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('turns come in the order of asking, so many at a time, and who goes away is passed over', async () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('end' as const) }),
    fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(act, { maxLength: 40 }), async (at_once, acts) => {
      const turns = openTurns(at_once);
      const asked: AbortController[] = [];
      const had: number[] = [];
      const gone = new Set<number>();
      const busy: (() => void)[] = [];
      for (const each of acts) {
        if (each.do === 'take') {
          const client = new AbortController();
          const number = asked.push(client) - 1;
          turns.take(client.signal).then(
            (end) => {
              had.push(number);
              busy.push(end);
            },
            () => gone.add(number),
          );
        } else if (each.do === 'end') busy.shift()?.();
        else asked[each.who]?.abort();
        await settled();
        const waiting = asked.length - had.length - gone.size;
        expect(busy.length).toBeLessThanOrEqual(at_once);
        if (waiting > 0) expect(busy.length).toBe(at_once);
      }
      for (let rest = 0; rest < asked.length; rest += 1) {
        busy.shift()?.();
        await settled();
      }
      expect(had).toEqual([...had].sort((a, b) => a - b));
      expect(new Set([...had, ...gone]).size).toBe(asked.length);
      expect(had.filter((number) => gone.has(number))).toEqual([]);
    }),
  );
});

test('ending a turn twice lets one in, not two', async () => {
  const turns = openTurns(1);
  const { signal } = new AbortController();
  const end = await turns.take(signal);
  let let_in = 0;
  for (let client = 0; client < 2; client += 1) {
    void turns.take(signal).then(() => {
      let_in += 1;
    });
  }
  end();
  end();
  await settled();
  expect(let_in).toBe(1);
});

test('a client that has gone already is not queued', async () => {
  const turns = openTurns(1);
  await expect(turns.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  await turns.take(new AbortController().signal);
});
