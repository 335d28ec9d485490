import { Task } from '@a2a-js/sdk';
import { expect, test } from 'vitest';
import { JunkAnswer, recordedTask } from './recorded.ts';

/** A task whose metadata is nested so deep. */
function nested(levels: number): Task {
  let metadata: Record<string, unknown> = {};
  for (let level = 0; level < levels; level += 1) metadata = { inner: metadata };
  return { ...Task.fromJSON({ id: 't', status: { state: 'TASK_STATE_WORKING' } }), metadata };
}

test('what is nested too deep to be written down is junk, and what is merely deep is not', () => {
  expect(recordedTask(nested(50)).id).toBe('t');
  expect(() => recordedTask(nested(3_000))).toThrow(JunkAnswer);
});
