/** The story of the failing sample: bob cancels alice's booking on her second device, and it comes back as COMPLETED. */
import type { StreamResponse, TaskState } from '../../harness/model/a2a.ts';
import type { HistoryEvent } from '../../harness/model/history.ts';
import type { FindingRecord } from '../../harness/model/record.ts';

const SCENARIO = 'cancel-race';
export const TASK = '3f2a9c1e-77d0-4b52-9a41-0c5b6f1e2d33';
const CONTEXT = 'b81d02fa-5c1c-4a8e-8f0e-6d7d2a4b9c10';
const TOKEN = 'canary-alice-4k2';
const STREAMED = 'e2f7a1f0-0000-4000-8000-000000000041';

const at = (seq: number, time_ms: number) => ({ seq, time_ms, scenario: SCENARIO });

const chunk = (text: string, lastChunk = false): StreamResponse => ({
  artifactUpdate: {
    taskId: TASK,
    contextId: CONTEXT,
    artifact: { artifactId: 'itinerary', parts: [{ text }] },
    append: true,
    lastChunk,
  },
});

const task = (state: TaskState, texts: readonly string[]) => ({
  id: TASK,
  contextId: CONTEXT,
  status: { state, timestamp: '2026-11-21T09:30:01.000Z' },
  ...(texts.length === 0 ? {} : { artifacts: [{ artifactId: 'itinerary', parts: texts.map((text) => ({ text })) }] }),
});

const streamed = (seq: number, time_ms: number, index: number, payload: StreamResponse): HistoryEvent => ({
  ...at(seq, time_ms),
  type: 'event',
  op_id: 41,
  index,
  payload,
});

const FLIGHT = 'flight 1 ';
const HOTEL = 'hotel 2 ';

export const CANCEL_EVIDENCE: readonly HistoryEvent[] = [
  {
    ...at(812, 4010),
    type: 'invoke',
    op_id: 41,
    user: 'alice',
    device: 0,
    step: 0,
    due_ms: 4009,
    op: {
      op: 'SendStreamingMessage',
      agent: 'agent',
      behaviour: 'slow',
      messageId: STREAMED,
      text: `slow 5 90 ${TOKEN}`,
      token: TOKEN,
      echoes: true,
    },
  },
  streamed(815, 4036, 0, { task: task('TASK_STATE_WORKING', []) }),
  streamed(821, 4124, 1, chunk(FLIGHT)),
  streamed(830, 4212, 2, chunk(HOTEL)),
  {
    ...at(831, 4213),
    type: 'invoke',
    op_id: 44,
    user: 'alice',
    device: 1,
    step: 1,
    due_ms: 4213,
    op: { op: 'CancelTask', agent: 'agent', taskId: TASK },
  },
  { ...at(842, 4350), type: 'ok', op_id: 44, value: { task: task('TASK_STATE_CANCELED', [FLIGHT, HOTEL]) } },
  streamed(843, 4358, 3, {
    statusUpdate: { taskId: TASK, contextId: CONTEXT, status: { state: 'TASK_STATE_CANCELED' } },
  }),
  { ...at(844, 4359), type: 'ok', op_id: 41, value: { events: 4, ended: 'by-agent' } },
  {
    ...at(901, 4560),
    type: 'invoke',
    op_id: 52,
    user: 'alice',
    device: 0,
    step: 2,
    due_ms: 4560,
    op: { op: 'GetTask', agent: 'agent', taskId: TASK },
  },
  {
    ...at(904, 4588),
    type: 'ok',
    op_id: 52,
    value: { task: task('TASK_STATE_COMPLETED', [FLIGHT, HOTEL, 'car 3 ', 'rail 4 ', 'tour 5']) },
  },
];

export const CANCELLED_CAME_BACK: FindingRecord = {
  check: 'terminal-is-final',
  kind: 'terminal-left',
  fingerprints: ['terminal-is-final/terminal-left/GetTask'],
  spec: '§3.1.5',
  message: 'A cancelled task came back as COMPLETED',
  expected: 'Once CancelTask has answered CANCELED, the task stays CANCELED.',
  seen: '238 ms after the cancel was confirmed, GetTask says COMPLETED, with all five chunks.',
  users: ['alice'],
  tasks: [TASK],
  at: {
    seq: 904,
    user: 'alice',
    device: 0,
    step: 2,
    agent: 'agent',
    operation: 'GetTask',
    message: STREAMED,
    task: TASK,
  },
  evidence: CANCEL_EVIDENCE,
  occurrences: 7,
  replay: "npx muster run cancel-race --command 'node travel.js' --seed 7 --users 50",
};

const BOBS = '9d417b6c-10fe-4a3c-b1c5-2f1f5b0e7a21';

export const BOB_READS_ALICE: FindingRecord = {
  check: 'user-isolation',
  kind: 'foreign-canary',
  fingerprints: ['user-isolation/foreign-canary/SendMessage'],
  spec: '§13.1',
  message: 'The answer to bob holds a text that only alice had sent',
  expected: 'What one user sends is never part of what another user receives.',
  seen: `The reply to bob contains “${TOKEN}”, the mark of alice.`,
  users: ['alice', 'bob'],
  tasks: [TASK, BOBS],
  evidence: [
    ...CANCEL_EVIDENCE.slice(0, 2),
    {
      ...at(816, 4041),
      type: 'invoke',
      op_id: 42,
      user: 'bob',
      device: 0,
      step: 0,
      due_ms: 4040,
      op: {
        op: 'SendMessage',
        agent: 'agent',
        behaviour: 'short',
        messageId: 'e2f7a1f0-0000-4000-8000-000000000042',
        text: 'short canary-bob-9x1',
        token: 'canary-bob-9x1',
        echoes: true,
      },
    },
    ...CANCEL_EVIDENCE.slice(2, 3),
    {
      ...at(824, 4152),
      type: 'ok',
      op_id: 42,
      value: {
        task: {
          id: BOBS,
          contextId: CONTEXT,
          status: { state: 'TASK_STATE_COMPLETED' },
          artifacts: [{ artifactId: 'answer', parts: [{ text: `booked for ${TOKEN}` }] }],
        },
      },
    },
  ],
  occurrences: 1,
  replay: "npx muster run cancel-race --command 'node travel.js' --seed 7 --users 50",
};
