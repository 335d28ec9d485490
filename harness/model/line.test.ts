/** A line is what a list of the same people would be, whoever comes and goes in between. */
import { array, assert, boolean, nat, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { everybodyIn, join, leave, type Place, startLine } from './line.ts';
import { onceStopped, openStop } from './stop.ts';

test('who has come and not left is there, in the order of coming, and may leave twice', () => {
  assert(
    property(array(tuple(boolean(), nat(20))), (moves) => {
      const line = startLine<number>();
      const places: Place<number>[] = [];
      let there: number[] = [];
      for (const [isComing, which] of moves) {
        const leaving = places[which];
        if (isComing) {
          there.push(places.length);
          places.push(join(line, places.length));
        } else if (leaving !== undefined) {
          leave(leaving);
          there = there.filter((one) => one !== which);
        }
        expect(everybodyIn(line)).toEqual(there);
        expect(line.length).toBe(there.length);
      }
    }),
  );
});

test('who is told of a stop may let others go, and who comes later is told nothing', () => {
  const parent = openStop();
  const stop = openStop(parent);
  const told: string[] = [];
  onceStopped(stop, () => told.push('first'));
  onceStopped(stop, () => told.push('let go'))();
  onceStopped(stop, () => told.push('second'));
  parent.stop();
  stop.stop();
  onceStopped(stop, () => told.push('too late'));
  expect(told).toEqual(['first', 'second']);
  expect(stop.aborted).toBe(true);
  expect(parent.waiting.length).toBe(0);
});
