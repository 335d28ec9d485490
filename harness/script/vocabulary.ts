/**
 * The words of a script. Each is used with `yield*`, asks for one op and gives back its result, typed. A script cannot
 * read a clock, sleep or await, so the same completions always lead to the same ops.
 */
import type { Message, StreamResponse, Task, Transport } from '../model/a2a.ts';
import type { HookBehaviour, HookCredentials } from '../model/hooks.ts';
import type { HostileName } from '../model/hostile.ts';
import {
  type Completion,
  type ExpectOp,
  isProtocolOp,
  type ListTasksOp,
  type Outcome,
  type ProtocolOp,
  type SendOp,
  type Together,
} from '../model/op.ts';
import type { Act } from '../model/scenario.ts';
import type { Utterance } from '../model/speech.ts';

/** What one operation brought. The members beside `outcome` are there when it is `ok`. */
export interface Answer {
  readonly outcome: Outcome;
  readonly task?: Task;
  readonly message?: Message;
  readonly tasks?: readonly Task[];
  readonly nextPageToken?: string;
  /** Of a push configuration: the id that the agent gave it. */
  readonly configId?: string;
}

/** An open stream. `task` is the id of its task, once an event has named it. */
export interface Stream {
  readonly step: number;
  readonly outcome: Outcome;
  readonly events: readonly StreamResponse[];
  readonly task?: string;
}

/** Ends a script early, as a user gives up whose booking never got a number. Recorded, and not a failure of muster. */
export class GaveUp extends Error {
  override name = 'GaveUp';
}

export interface SendOptions {
  readonly taskId?: string;
  readonly contextId?: string;
  /** Answer as soon as there is a task (§3.2.2); blocking unless given. */
  readonly returnImmediately?: boolean;
  /** Tasks that the message refers to, without being sent to them (§3.4.3). */
  readonly referenceTaskIds?: readonly string[];
  /**
   * Goes in one tick with other sends: as a `barrier`, but each request is on its way already, and only its last byte waits. Over gRPC
   * and without a socket all of the request waits.
   */
  readonly together?: Together;
  /** A push configuration that goes along with the message, under this id (§3.2.2). */
  readonly push?: { readonly hook: Hook; readonly configId: string };
}

/** SendMessage (§3.1.1). */
export function* sendMessage(agent: string, words: Utterance, options: SendOptions = {}): Act<Answer> {
  return answerOf(yield sendOp('SendMessage', agent, words, options));
}

/** SendStreamingMessage (§3.1.2): goes on when the first event is there, or the stream has failed. */
export function* openStream(agent: string, words: Utterance, options: SendOptions = {}): Act<Stream> {
  return streamOf(yield sendOp('SendStreamingMessage', agent, words, options));
}

/** SubscribeToTask (§3.1.6): goes on when the snapshot is there, or the subscription has failed. */
export function* subscribe(agent: string, task: string | undefined): Act<Stream> {
  return streamOf(yield { op: 'SubscribeToTask', agent, taskId: known(task, 'subscribe to') });
}

/** Waits for so many more events of a stream; fewer come when it ends before. */
export function* readEvents(stream: Stream, count: number): Act<Stream> {
  return { ...stream, ...streamOf(yield { op: 'read', stream: stream.step, count }), step: stream.step };
}

/** Waits until a stream has ended; `outcome` then says how. */
export function* readToEnd(stream: Stream): Act<Stream> {
  return { ...stream, ...streamOf(yield { op: 'read', stream: stream.step }), step: stream.step };
}

/** Goes away from a stream, as a client that closes its laptop does. */
export function* leave(stream: Stream): Act<void> {
  yield { op: 'leave', stream: stream.step };
}

/** Reads no more of a stream, and keeps it open, as a client that hangs does. */
export function* hold(stream: Stream): Act<void> {
  yield { op: 'hold', stream: stream.step };
}

/** Throws away what has waited since the stream was held, and leaves it. */
export function* letGo(stream: Stream): Act<void> {
  yield { op: 'letGo', stream: stream.step };
}

/** GetTask (§3.1.3). */
export function* getTask(agent: string, task: string | undefined): Act<Answer> {
  return answerOf(yield { op: 'GetTask', agent, taskId: known(task, 'get') });
}

/** CancelTask (§3.1.5). */
export function* cancelTask(agent: string, task: string | undefined): Act<Answer> {
  return answerOf(yield { op: 'CancelTask', agent, taskId: known(task, 'cancel') });
}

/** What to list, and how much of each task. With artifacts unless said otherwise. */
export type ListOptions = Omit<ListTasksOp, 'op' | 'agent'>;

/** ListTasks (§3.1.4), one page. */
export function* listTasks(agent: string, options: ListOptions = {}): Act<Answer> {
  return answerOf(yield { op: 'ListTasks', agent, includeArtifacts: true, ...options });
}

/** ListTasks, page after page: until there is no next one, one has failed, or there were `pages_max`. Gives the last answer. */
export function* listPages(agent: string, pages_max: number, options: ListOptions = {}): Act<Answer> {
  let page = yield* listTasks(agent, options);
  for (let pages = 1; pages < pages_max && page.nextPageToken !== undefined; pages += 1) {
    page = yield* listTasks(agent, { ...options, pageToken: page.nextPageToken });
  }
  return page;
}

/** A webhook of one's own. */
export interface Hook {
  readonly name: string;
  readonly url: string;
}

/** Opens a webhook under a name that no other has; `does` says how it treats what it is sent. */
export function* openHook(
  name: string,
  behaviour: HookBehaviour = { does: 'take' },
  credentials: HookCredentials = 'bearer',
): Act<Hook> {
  const { outcome } = yield { op: 'openHook', hook: name, behaviour, credentials };
  if (outcome.type !== 'ok') throw new GaveUp(outcome.error.message);
  return { name, url: outcome.value.value ?? '' };
}

/** Waits until a hook was posted the end of a task; for `settle_ms_max` and `push_ms_max` of the policy at most. */
export function* awaitPush(hook: Hook): Act<Outcome> {
  const { outcome } = yield { op: 'awaitPush', hook: hook.name };
  return outcome;
}

/** CreateTaskPushNotificationConfig (§3.1.7): for a hook, or for any address. */
export function* createPushConfig(
  agent: string,
  task: string | undefined,
  configId: string,
  to: Hook | string,
): Act<Answer> {
  const taskId = known(task, 'be told of');
  const where = typeof to === 'string' ? { url: to } : { url: to.url, hook: to.name };
  return answerOf(yield { op: 'CreateTaskPushNotificationConfig', agent, taskId, configId, ...where });
}

/** Get or DeleteTaskPushNotificationConfig (§3.1.8, §3.1.10), or ListTaskPushNotificationConfigs (§3.1.9). */
export function* pushConfig(
  agent: string,
  operation: 'GetTaskPushNotificationConfig' | 'DeleteTaskPushNotificationConfig' | 'ListTaskPushNotificationConfigs',
  task: string | undefined,
  configId: string,
): Act<Answer> {
  const taskId = known(task, 'have push configurations');
  const op: ProtocolOp =
    operation === 'ListTaskPushNotificationConfigs'
      ? { op: operation, agent, taskId }
      : { op: operation, agent, taskId, configId };
  return answerOf(yield op);
}

/** Which transports the agent can be spoken to over, in the order of its card. */
export function* transportsOf(agent: string): Act<readonly Transport[]> {
  const { outcome } = yield { op: 'transports', agent };
  const value = outcome.type === 'ok' ? (outcome.value.value ?? '') : '';
  return value === '' ? [] : (value.split(',') as Transport[]);
}

/** Does all of it over this transport, which the agent has to offer. */
export function* over<T>(transport: Transport, act: Act<T>): Act<T> {
  let next = act.next();
  while (!next.done) {
    const op = next.value;
    next = act.next(yield isProtocolOp(op) ? { ...op, transport } : op);
  }
  return next.value;
}

/** Sends what no well-meaning client would. `id` stands wherever the request needs one. */
export function* hostileRequest(agent: string, request: HostileName, id: string): Act<Outcome> {
  const { outcome } = yield { op: 'HostileRequest', agent, request, id };
  return outcome;
}

/** Does nothing for so many milliseconds. */
export function* pause(ms: number): Act<void> {
  yield { op: 'pause', ms };
}

/** Waits until `parties` scripts have come to this barrier; all go on in one tick. */
export function* barrier(name: string, parties: number): Act<void> {
  yield { op: 'barrier', name, parties };
}

/** Makes a value known to the other users and devices of the scenario, once. */
export function* share(name: string, value: string | undefined): Act<void> {
  yield { op: 'share', name, value: known(value, `share as "${name}"`) };
}

/** Waits for a shared value. Gives up when the one who was to share it has left without doing so. */
export function* awaitShared(name: string): Act<string> {
  const { outcome } = yield { op: 'await', name };
  if (outcome.type !== 'ok') throw new GaveUp(outcome.error.message);
  return outcome.value.value ?? '';
}

/**
 * Holds an agent to what only the script can know: a finding of `as-expected` where it does not hold. Ask for it only after answers
 * that are `ok`: what a fault has prevented is no broken promise.
 */
export function* expect(
  what: Omit<ExpectOp, 'op' | 'tasks'> & { readonly tasks?: readonly (string | undefined)[] },
): Act<void> {
  const tasks = (what.tasks ?? []).filter((task) => task !== undefined);
  yield { op: 'expect', ...what, tasks };
}

/** Has the processes of an agent measured from outside; a history event tells the result. */
export function* measure(agent: string): Act<void> {
  yield { op: 'measure', of: agent };
}

/** Opens a session: agents of one's own on a block of ports. The answer names them, or says why it was refused. */
export function* openSession(
  session: string,
  agents: number,
): Act<{ readonly outcome: Outcome; readonly agents: readonly string[] }> {
  const { outcome } = yield { op: 'openSession', session, agents };
  return { outcome, agents: outcome.type === 'ok' ? (outcome.value.value ?? '').split(',') : [] };
}

/** Ends a session: its agents stop and its ports are returned. */
export function* closeSession(session: string): Act<Outcome> {
  const { outcome } = yield { op: 'closeSession', session };
  return outcome;
}

function sendOp(op: SendOp['op'], agent: string, words: Utterance, { push, ...options }: SendOptions): SendOp {
  const told = push && { push: { configId: push.configId, url: push.hook.url, hook: push.hook.name } };
  return { op, agent, ...words, ...options, ...told };
}

function known(value: string | undefined, act: string): string {
  if (value === undefined) throw new GaveUp(`there is no task to ${act}: the op that was to make it brought none`);
  return value;
}

function answerOf({ outcome }: Completion): Answer {
  if (outcome.type !== 'ok') return { outcome };
  const { task, message, tasks, nextPageToken, config } = outcome.value;
  const configId = config?.['id'];
  return {
    outcome,
    ...(task && { task }),
    ...(message && { message }),
    ...(tasks && { tasks }),
    ...(nextPageToken !== undefined && { nextPageToken }),
    ...(typeof configId === 'string' && { configId }),
  };
}

function streamOf({ step, outcome, events }: Completion): Stream {
  const task = events.map(taskIdOf).find((id) => id !== undefined);
  return { step, outcome, events, ...(task !== undefined && { task }) };
}

function taskIdOf(event: StreamResponse): string | undefined {
  return event.task?.id ?? event.statusUpdate?.taskId ?? event.artifactUpdate?.taskId;
}
