/** The laws of the geometry: what a block is, whatever the range. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PortsPlan } from '../model/plan.ts';
import { blockStarts, firstPlace, portsOfBlock } from './blocks.ts';

const plans: fc.Arbitrary<PortsPlan> = fc
  .record({
    first: fc.integer({ min: 1024, max: 2000 }),
    length: fc.integer({ min: 1, max: 300 }),
    block: fc.integer({ min: 1, max: 12 }),
    spacing: fc.integer({ min: 1, max: 12 }),
    exclude: fc.array(fc.integer({ min: 1024, max: 2300 }), { maxLength: 10 }),
  })
  .map(({ length, ...rest }) => ({ from: 'range', ...rest, last: rest.first + length - 1 }));

test('every block lies in the range, begins at a multiple of the spacing and holds no excluded port', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      for (const start of blockStarts(plan)) {
        const ports = portsOfBlock(start, plan.block);
        expect(ports.every((port) => port >= plan.first && port <= plan.last)).toBe(true);
        expect((start - plan.first) % plan.spacing).toBe(0);
        expect(ports.some((port) => plan.exclude.includes(port))).toBe(false);
      }
    }),
  );
});

test('excluding nothing gives as many blocks as fit', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const room = plan.last - plan.first + 1 - plan.block;
      const fitting = room < 0 ? 0 : Math.floor(room / plan.spacing) + 1;
      expect(blockStarts({ ...plan, exclude: [] })).toHaveLength(fitting);
    }),
  );
});

test('the default range holds 401 blocks of five', () => {
  const plan: PortsPlan = { from: 'range', first: 5000, last: 9004, block: 5, spacing: 10, exclude: [] };
  expect(blockStarts(plan)).toHaveLength(401);
});

test('the first place is one of the places, and neighbouring pids begin apart', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_194_304 }), fc.integer({ min: 1, max: 1000 }), (pid, places) => {
      expect(firstPlace(pid, places)).toBeGreaterThanOrEqual(0);
      expect(firstPlace(pid, places)).toBeLessThan(places);
    }),
  );
  expect(new Set([100, 101, 102, 103, 104].map((pid) => firstPlace(pid, 400))).size).toBe(5);
  expect(firstPlace(100, 0)).toBe(0);
});
