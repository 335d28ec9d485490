/**
 * A history as a real run of a correct agent writes it, of any length and without a network: what is measured on it must
 * be the harness and nothing else, and every run of a benchmark must meet the same events. It keeps nothing but the users
 * who are there at the same time, so that memory measured around it is not its own.
 */

import { WAITING_MAX } from '../harness/engines/node/read-back.ts';
import type { StreamResponse, Task } from '../harness/model/a2a.ts';
import { HISTORY_SCHEMA, type Unstamped } from '../harness/model/history.ts';
import { type ProtocolOp, READING_BACK, type SendOp } from '../harness/model/op.ts';
import { PLAN_SCHEMA, type Plan } from '../harness/model/plan.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../harness/plan/defaults.ts';

/**
 * `more-users`: the longer the history, the more users, each with three tasks. `more-reads`: a hundred users with three
 * tasks each, who read them again and again; only the number of events grows.
 */
export type Shape = 'more-users' | 'more-reads';

export interface GeneratedEvent {
  readonly event: Unstamped;
  readonly scenario: string;
  readonly time_ms: number;
}

export const TASKS_PER_USER = 3;
const SCENARIO = 'generated';
const AGENT = 'agent';
const USERS_AT_ONCE = 50;
const USERS_WHO_READ = 100;
const EVENTS_PER_MS = 10;
const VITALS_EVERY_EVENTS = EVENTS_PER_MS * 1000;
/** What a user of `more-users` writes, its three tasks read back in the end. */
const EVENTS_PER_USER = 18 + 2 * TASKS_PER_USER;
const STARTED_AT_MS = Date.UTC(2026, 10, 21);

export const generatedPlan: Plan = {
  schema: PLAN_SCHEMA,
  muster: '0.1.0',
  seed: 1,
  target: { kind: 'fixture', name: 'echo' },
  identity: { kind: 'bearer' },
  phrasebook: { short: { text: '{token}', echoes: true }, slow: { text: 'slow 4 20 {token}', echoes: true } },
  policy: DEFAULT_POLICY,
  limits: DEFAULT_LIMITS,
  ports: DEFAULT_PORTS,
  gates: [],
  flags: ['--fixture', 'echo'],
  scenario_names: [SCENARIO],
  scenarios: [
    {
      name: SCENARIO,
      title: 'Users send, stream and read',
      family: 'concurrent users',
      capabilities: ['streaming'],
      users: USERS_WHO_READ,
      devices: 1,
      process: 'any',
      load: { shape: 'closed' },
      faults: [],
      must_exercise: ['user-isolation', 'answer-is-mine', 'stream-shape', 'fold-equals-get', 'no-stuck-task'],
    },
  ],
};

export function usersOf(events: number, shape: Shape): number {
  return shape === 'more-reads' ? USERS_WHO_READ : Math.max(2, Math.round(events / EVENTS_PER_USER));
}

/** About so many events: a run of one scenario, in which tasks are read back as the engine does it, the oldest first. */
export function* generateHistory(events: number, shape: Shape): Generator<GeneratedEvent, void> {
  const users = usersOf(events, shape);
  const clock = { events: 0, op_id: 0 };
  const place = (event: Unstamped, scenario = SCENARIO): GeneratedEvent => {
    clock.events += 1;
    return { event, scenario, time_ms: clock.events / EVENTS_PER_MS };
  };
  for (const event of opening()) yield place(event, event.type === 'run' ? '' : SCENARIO);
  const reads = shape === 'more-reads' ? Math.max(0, Math.floor((events / users - EVENTS_PER_USER) / 2)) : 0;
  let next = 0;
  let read = 0;
  let there: Generator<Unstamped, void, Clock>[] = [];
  while (next < users || there.length > 0) {
    while (there.length < USERS_AT_ONCE && next < users) {
      there.push(session(next, reads, clock));
      next += 1;
    }
    const stillThere: typeof there = [];
    for (const one of there) {
      const { value, done } = one.next(clock);
      if (done === true) continue;
      yield place(value);
      stillThere.push(one);
      if (clock.events % VITALS_EVERY_EVENTS === 0) yield place(vitals(stillThere.length));
    }
    there = stillThere;
    // All arrived at the same time as those who are there now, or before, and stay equally long.
    for (const left = next - there.length; (left - read) * TASKS_PER_USER > WAITING_MAX; read += 1) {
      for (const event of readBack(read, clock)) yield place(event);
    }
  }
  yield place({ type: 'scenario', phase: 'settling' });
  yield place({ type: 'scenario', phase: 'reading-back' });
  for (; read < users; read += 1) {
    for (const event of readBack(read, clock)) yield place(event);
  }
  yield place({ type: 'agent', phase: 'probed', agent: AGENT, answers: true });
  yield place({ type: 'agent', phase: 'stopped', agent: AGENT });
  yield place({ type: 'scenario', phase: 'ended' });
  yield place(vitals(0));
  yield place({ type: 'run', phase: 'ended', reason: 'finished' }, '');
}

interface Clock {
  readonly events: number;
  op_id: number;
}

/** One user: a message, a stream of six events, a look at the task, a message in the first conversation. */
function* session(user: number, reads: number, clock: Clock): Generator<Unstamped, void, Clock> {
  const who = { user: nameOf(user), device: 0 };
  yield {
    type: 'user',
    phase: 'arrived',
    ...who,
    due_ms: clock.events / EVENTS_PER_MS,
    canary: canaryOf(user),
    identity: 'bearer',
  };
  yield* call(user, clock, 0, sendOf(user, 0), finalTask(user, 0));
  yield* stream(user, clock);
  yield* call(user, clock, 3, readOf(user, 1), finalTask(user, 1));
  yield* call(user, clock, 4, sendOf(user, 2), finalTask(user, 2));
  for (let read = 0; read < reads; read += 1) {
    const task = read % TASKS_PER_USER;
    yield* call(user, clock, 5 + read, readOf(user, task), finalTask(user, task));
  }
  yield { type: 'user', phase: 'left', ...who };
}

function* call(user: number, clock: Clock, step: number, op: ProtocolOp, task: Task): Generator<Unstamped, void> {
  const op_id = begin(clock);
  yield { type: 'invoke', op_id, user: nameOf(user), device: 0, step, due_ms: clock.events / EVENTS_PER_MS, op };
  yield { type: 'ok', op_id, value: { task } };
}

function* stream(user: number, clock: Clock): Generator<Unstamped, void> {
  const op_id = begin(clock);
  const who = { user: nameOf(user), device: 0 };
  const now_ms = (): number => clock.events / EVENTS_PER_MS;
  yield { type: 'invoke', op_id, ...who, step: 1, due_ms: now_ms(), op: sendOf(user, 1) };
  const payloads = streamOf(user);
  let index = 0;
  for (const payload of payloads) {
    yield { type: 'event', op_id, index, payload };
    index += 1;
    if (index > 1) continue;
    const read_id = begin(clock);
    yield { type: 'invoke', op_id: read_id, ...who, step: 2, due_ms: now_ms(), op: { op: 'read', stream: 1 } };
    yield { type: 'ok', op_id: read_id, value: { events: payloads.length - 1 } };
  }
  yield { type: 'ok', op_id, value: { events: payloads.length, ended: 'by-agent' } };
}

function* readBack(user: number, clock: Clock): Generator<Unstamped, void> {
  for (let task = 0; task < TASKS_PER_USER; task += 1) {
    yield* call(user, clock, READING_BACK, readOf(user, task), finalTask(user, task));
  }
}

function begin(clock: Clock): number {
  clock.op_id += 1;
  return clock.op_id;
}

function sendOf(user: number, task: number): SendOp {
  const token = tokenOf(user, task);
  const isStream = task === 1;
  return {
    op: isStream ? 'SendStreamingMessage' : 'SendMessage',
    agent: AGENT,
    behaviour: isStream ? 'slow' : 'short',
    text: isStream ? `slow 4 20 ${token}` : token,
    token,
    echoes: true,
    messageId: `b3c4-${nameOf(user)}-0-${task}`,
    ...(task === 2 ? { contextId: contextIdOf(user, 0) } : {}),
  };
}

const readOf = (user: number, task: number): ProtocolOp => ({
  op: 'GetTask',
  agent: AGENT,
  taskId: taskIdOf(user, task),
});

/** A Task, four chunks of its answer, and its end. */
function streamOf(user: number): StreamResponse[] {
  const task = finalTask(user, 1);
  const { id: taskId, artifacts: _, ...begun } = task;
  const chunks = [0, 1, 2, 3].map((chunk): StreamResponse => {
    const artifact = { artifactId: `${taskId}/answer`, name: 'answer', parts: [chunkOf(user, chunk)] };
    const place = { taskId, contextId: contextIdOf(user, 1) };
    return { artifactUpdate: { ...place, artifact, append: chunk > 0, lastChunk: chunk === 3 } };
  });
  return [
    { task: { id: taskId, ...begun, status: statusOf('TASK_STATE_WORKING') } },
    ...chunks,
    { statusUpdate: { taskId, contextId: contextIdOf(user, 1), status: task.status } },
  ];
}

function finalTask(user: number, task: number): Task {
  const id = taskIdOf(user, task);
  const contextId = contextIdOf(user, task);
  const { text, messageId } = sendOf(user, task);
  const parts = task === 1 ? [0, 1, 2, 3].map((chunk) => chunkOf(user, chunk)) : [{ text, mediaType: 'text/plain' }];
  return {
    id,
    contextId,
    status: statusOf('TASK_STATE_COMPLETED'),
    artifacts: [{ artifactId: `${id}/answer`, name: 'answer', parts }],
    history: [{ messageId, contextId, taskId: id, role: 'ROLE_USER', parts: [{ text }] }],
  };
}

const chunkOf = (user: number, chunk: number) => ({
  text: `${chunk + 1}/4 ${tokenOf(user, 1)}\n`,
  mediaType: 'text/plain',
});

const statusOf = (state: Task['status']['state']): Task['status'] => ({
  state,
  timestamp: new Date(STARTED_AT_MS).toISOString(),
});

const nameOf = (user: number): string => `u${user + 1}`;
const tokenOf = (user: number, task: number): string => `${canaryOf(user)}x0x${task}`;
const idOf = (kind: string, number: number): string =>
  `${number.toString(16).padStart(8, '0')}-${kind}-4000-8000-0123456789ab`;
const taskIdOf = (user: number, task: number): string => idOf('aaaa', user * TASKS_PER_USER + task);
/** The third message goes on with the conversation of the first. */
const contextIdOf = (user: number, task: number): string => idOf('cccc', user * TASKS_PER_USER + (task % 2));

/** As the plan makes them, ten letters of base 32 after `mq`; an odd factor keeps different users different. */
function canaryOf(user: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let rest = (BigInt(user) * 0x9e3779b97f5n + 0x1234567n) % (1n << 50n);
  let letters = '';
  for (let place = 0; place < 10; place += 1) {
    letters += alphabet[Number(rest % 32n)];
    rest /= 32n;
  }
  return `mq${letters}`;
}

function opening(): Unstamped[] {
  const card = { name: 'echo', version: '1.0.0', streaming: true, pushNotifications: false } as const;
  return [
    {
      type: 'run',
      phase: 'started',
      schema: HISTORY_SCHEMA,
      started_at: new Date(STARTED_AT_MS).toISOString(),
      nonce: 'b3c4',
      environment: { node: 'v24', platform: 'linux', cpus: 2, memory_mb: 8192 },
    },
    { type: 'scenario', phase: 'started' },
    { type: 'agent', phase: 'starting', agent: AGENT, how: 'in-process' },
    {
      type: 'agent',
      phase: 'ready',
      agent: AGENT,
      url: 'http://127.0.0.1:8040',
      transport: 'jsonrpc',
      card: { ...card, transports: ['jsonrpc'] },
      boot_ms: 40,
    },
  ];
}

const vitals = (open_ops: number): Unstamped => ({
  type: 'vitals',
  loop_delay_ms_p99: 12,
  cpu_percent: 40,
  rss_mb: 150,
  open_ops,
});
