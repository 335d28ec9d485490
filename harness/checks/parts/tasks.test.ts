/** The table of tasks: what one check notes is its own, in order, and nobody takes what was forgotten for what never was. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InvokeEvent } from '../../model/history.ts';
import { REMEMBERED_MIN } from './latest.ts';
import { startScene } from './scene.ts';

const read = (seq: number, agent: string): InvokeEvent => ({
  seq,
  time_ms: seq,
  scenario: 'example',
  type: 'invoke',
  op_id: seq,
  user: 'alice',
  device: 0,
  step: 0,
  due_ms: seq,
  op: { op: 'GetTask', agent, taskId: 't' },
});

test('a note is found again by agent, life and id, and is nobody else’s', () => {
  const step = fc.record({
    agent: fc.constantFrom('agent', 'agent-2'),
    id: fc.constantFrom('a', 'b', '__proto__', ''),
    column: fc.nat({ max: 1 }),
    does: fc.constantFrom('set', 'delete', 'exit'),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const scene = startScene();
      const columns = [scene.tasks.perTask<number>(), scene.tasks.perTask<number>()];
      const expected = [new Map<string, number>(), new Map<string, number>()];
      const lives = new Map<string, number>();
      for (const [seq, { agent, id, column, does }] of steps.entries()) {
        if (does === 'exit') {
          lives.set(agent, (lives.get(agent) ?? 0) + 1);
          const exit = { type: 'agent', phase: 'exited', asked: false, code: 1, signal: null } as const;
          scene.add({ ...exit, seq, time_ms: seq, scenario: 'example', agent });
          continue;
        }
        const task = scene.tasks.of(read(seq, agent), id);
        const key = `${agent} ${lives.get(agent) ?? 0} ${id}`;
        if (task === undefined) throw new Error('an agent that was asked after it had begun is alive');
        expect(columns[column]?.get(task)).toBe(expected[column]?.get(key));
        if (does === 'set') {
          columns[column]?.set(task, seq + 1);
          expected[column]?.set(key, seq + 1);
        } else {
          columns[column]?.delete(task);
          expected[column]?.delete(key);
        }
      }
      expect(columns.map((column) => [...column.values()])).toEqual(expected.map((each) => [...each.values()]));
    }),
  );
});

test('an op during which its agent died names no task', () => {
  const scene = startScene();
  const before = read(1, 'agent');
  scene.add({ type: 'agent', phase: 'stopped', agent: 'agent', seq: 2, time_ms: 2, scenario: 'example' });
  expect(scene.tasks.of(before, 't')).toBeUndefined();
  expect(scene.tasks.of(read(3, 'agent'), 't')).toBeDefined();
});

test('only notes that were made are counted as forgotten, each by whoever made it', () => {
  const { tasks } = startScene();
  const [some, none] = [tasks.perTask<true>(), tasks.perTask<true>()];
  for (let at = 0; at < 2 * REMEMBERED_MIN; at += 1) {
    const task = tasks.of(read(at, 'agent'), `t${at}`);
    if (task !== undefined && at % 2 === 0) some.set(task, true);
  }
  const remembered = [...some.values()].length;
  expect(some.forgotten).toBeGreaterThan(0);
  expect(remembered + some.forgotten).toBe(REMEMBERED_MIN);
  expect(remembered).toBeGreaterThanOrEqual(REMEMBERED_MIN / 2);
  expect(none.forgotten).toBe(0);
});
