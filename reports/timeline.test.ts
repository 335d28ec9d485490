import { expect, test } from 'vitest';
import type { HistoryEvent } from '../harness/model/history.ts';
import { contradictionOf } from './html/contradiction.ts';
import { BOB_READS_ALICE, CANCELLED_CAME_BACK } from './samples/cancelled-came-back.ts';
import { timeline } from './timeline.ts';

test('each device has a lane, the agent has the last one, and arrows point where things went', () => {
  const { lanes, rows } = timeline(CANCELLED_CAME_BACK);
  expect(lanes.map(({ name }) => name)).toEqual(['alice', 'alice · device 2', 'agent']);
  expect(rows.map(({ from, to }) => [from, to])).toEqual([
    ...[
      [0, 2],
      [2, 0],
      [2, 0],
      [2, 0],
      [1, 2],
      [2, 1],
      [2, 0],
      [2, 0],
      [0, 2],
      [2, 0],
    ],
  ]);
  expect(rows.map(({ impossible }) => impossible).lastIndexOf(false)).toBe(8);
  expect(rows.at(-1)?.label).toBe('Task 3f2a9c1e… COMPLETED, “flight 1 hotel 2 car 3 rail 4 tour 5”');
});

test('a user to whom the scenario gave a name goes by it, on each device', () => {
  const { lanes } = timeline({ ...CANCELLED_CAME_BACK, names: { alice: 'human-eve' } });
  expect(lanes.map(({ name }) => name)).toEqual(['human-eve (alice)', 'human-eve (alice) · device 2', 'agent']);
});

test('a user called agent has a lane of its own', () => {
  const [invoke] = CANCELLED_CAME_BACK.evidence;
  if (invoke?.type !== 'invoke') throw new Error('The sample must begin with an invoke.');
  const { lanes, rows } = timeline({ ...CANCELLED_CAME_BACK, evidence: [{ ...invoke, user: 'agent' }] });
  expect(lanes).toEqual([
    { name: 'agent', kind: 'user' },
    { name: 'agent', kind: 'agent' },
  ]);
  expect(rows.map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
});

test('an answer whose question is not in evidence goes to the first user of the finding', () => {
  const { lanes } = timeline({ ...CANCELLED_CAME_BACK, evidence: CANCELLED_CAME_BACK.evidence.slice(-1) });
  expect(lanes.map(({ name }) => name)).toEqual(['alice', 'agent']);
});

test('long evidence keeps its end and its numbers', () => {
  const evidence = Array.from({ length: 12 }, () => CANCELLED_CAME_BACK.evidence).flat();
  const { rows, left_out } = timeline({ ...CANCELLED_CAME_BACK, evidence });
  expect([left_out, rows[0]?.number, rows.at(-1)?.number]).toEqual([80, 81, 120]);
});

test('what was told earlier stands beside what is told now, and the row that first told it is known', () => {
  const told = contradictionOf(CANCELLED_CAME_BACK);
  expect(told?.earlier).toMatchObject({ through: 'CancelTask', number: 6 });
  expect(told?.lines).toEqual([
    ['state', 'CANCELED', 'COMPLETED', true],
    ['text', 'flight 1 hotel 2 ', 'flight 1 hotel 2 car 3 rail 4 tour 5', true],
  ]);
});

test('a chunk that a later answer has lost is a contradiction too, and one more chunk is none', () => {
  const [asked, ...streamed] = CANCELLED_CAME_BACK.evidence.slice(0, 4);
  const [get, got] = CANCELLED_CAME_BACK.evidence.slice(-2);
  if (asked === undefined || get === undefined || got?.type !== 'ok' || got.value.task === undefined)
    throw new Error('sample');
  const lost = { ...got.value.task, artifacts: [{ artifactId: 'itinerary', parts: [{ text: 'hotel 2 ' }] }] };
  const finding = (evidence: typeof CANCELLED_CAME_BACK.evidence) => ({ ...CANCELLED_CAME_BACK, evidence });
  expect(contradictionOf(finding([asked, ...streamed, get, { ...got, value: { task: lost } }]))?.lines).toContainEqual([
    ...['text', 'flight 1 hotel 2 ', 'hotel 2 ', true],
  ]);
  expect(contradictionOf(finding([asked, ...streamed, get, got]))).toBeUndefined();
});

test('a task that is suddenly unknown contradicts that it was known', () => {
  const [get] = CANCELLED_CAME_BACK.evidence.slice(-2);
  if (get?.type !== 'invoke') throw new Error('sample');
  const error = { code: 'TaskNotFoundError', message: 'no such task', status: 404 };
  const gone = { seq: 905, time_ms: 4600, scenario: 'cancel-race', type: 'fail', op_id: get.op_id, error } as const;
  const evidence = [...CANCELLED_CAME_BACK.evidence.slice(0, -1), gone];
  expect(contradictionOf({ ...CANCELLED_CAME_BACK, evidence })?.lines).toEqual([
    ['task', 'CANCELED', 'TaskNotFoundError', true],
  ]);
});

test('nothing is contradicted where two users were told of two tasks', () => {
  expect(contradictionOf(BOB_READS_ALICE)).toBeUndefined();
});

test('a user who arrives is shown with the mark that others must not see', () => {
  const arrived: HistoryEvent = {
    seq: 1,
    time_ms: 0,
    scenario: 'cancel-race',
    type: 'user',
    user: 'bob',
    device: 0,
    phase: 'arrived',
    due_ms: 0,
    canary: 'canary-bob',
    identity: 'bearer',
  };
  const { rows } = timeline({ ...BOB_READS_ALICE, evidence: [arrived, ...BOB_READS_ALICE.evidence] });
  expect(rows[0]).toMatchObject({ label: 'arrives, marked canary-bob', from: 0, to: 0 });
});

test('a push goes from the agent to the user whose webhook it is, and says what was shown and answered', () => {
  const push: HistoryEvent = {
    seq: 9,
    time_ms: 9,
    scenario: 'push-under-load',
    type: 'push',
    hook: 'alice-second',
    user: 'alice',
    device: 0,
    index: 0,
    credentials: 'of-another',
    credentials_of: 'alice-first',
    answered: 503,
    payload: { statusUpdate: { taskId: 't1', status: { state: 'TASK_STATE_COMPLETED' } } },
  };
  const { lanes, rows } = timeline({ ...CANCELLED_CAME_BACK, evidence: [push] });
  expect(lanes.map(({ name }) => name)).toEqual(['alice', 'agent']);
  expect(rows).toMatchObject([{ from: 1, to: 0 }]);
  expect(rows[0]?.label).toBe(
    'push to alice-second: status COMPLETED, with the credentials of alice-first, answered 503',
  );
});
