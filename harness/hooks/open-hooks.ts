/**
 * Receives what an agent posts to webhooks: one HTTP server on loopback for all hooks of a scenario, on a port that the system
 * gives once the first is opened. Whatever an agent sends, it holds up nobody but itself, and takes no more memory than the limits
 * of the plan say.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type StreamResponse, TERMINAL_STATES } from '../model/a2a.ts';
import type { PushEvent, Unstamped } from '../model/history.ts';
import type { HookBehaviour, HookOwner, Hooks } from '../model/hooks.ts';
import type { Outcome, ProtocolOp } from '../model/op.ts';
import { reasonOf } from '../model/reason-of.ts';
import { recordOf } from '../model/record-of.ts';
import { readBody } from './read-body.ts';
import { startSecrets } from './secrets.ts';

export interface HooksOptions {
  /** What is posted beyond this is not read. */
  readonly bytes_max: number;
  /** To one hook; what comes after that is answered with 429 and not told. */
  readonly pushes_max: number;
  /** Reads a payload as one item of a stream. Throws what is wrong with it. */
  readonly read: (json: unknown) => StreamResponse;
  readonly emit: (event: Unstamped<PushEvent>) => void;
  readonly signal: AbortSignal;
}

/** Of so many tasks, the latest, it is known which message they were sent last. */
const TURNS_MAX = 10_000;

interface Hook extends HookOwner {
  readonly name: string;
  readonly behaviour: HookBehaviour;
  readonly configured: { configId?: string; taskId?: string };
  pushes: number;
  failures: number;
  isEnded: boolean;
  readonly ended: PromiseWithResolvers<void>;
}

export function openHooks(options: HooksOptions): Hooks {
  const byName = new Map<string, Hook>();
  const byPath = new Map<string, Hook>();
  const secrets = startSecrets();
  const made = new Map<string, ReturnType<typeof secrets.make>>();
  // Two generations: to look for the oldest of a table costs more than all else that is done for a message.
  let turns = new Map<string, number>();
  let formerTurns = turns;
  let listening: Promise<Server> | undefined;

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, path = '', rest] = (request.url ?? '').split('/');
    const hook = byPath.get(path);
    if (hook === undefined || request.method !== 'POST') {
      request.resume();
      answer(response, hook === undefined ? 404 : 405);
      return;
    }
    const body = await readBody(request, options.bytes_max);
    if (body === undefined) return;
    if (hook.pushes >= options.pushes_max) {
      answer(response, 429);
      return;
    }
    const isRedirected = rest !== undefined;
    const answered = isRedirected ? 200 : statusOf(hook);
    const { credentials, of } = secrets.compare(hook.name, request.headers);
    const told = payloadOf(body, options.read);
    const taskId = 'payload' in told ? taskIn(told.payload) : undefined;
    const turn = taskId === undefined ? undefined : (turns.get(taskId) ?? formerTurns.get(taskId));
    options.emit({
      type: 'push',
      hook: hook.name,
      user: hook.user,
      device: hook.device,
      index: hook.pushes,
      ...hook.configured,
      ...(turn === undefined ? {} : { turn }),
      credentials,
      ...(of === undefined ? {} : { credentials_of: of }),
      answered,
      ...(isRedirected ? { redirected: true } : {}),
      ...told,
    });
    hook.pushes += 1;
    if ('payload' in told && isOver(told.payload)) {
      hook.isEnded = true;
      hook.ended.resolve();
    }
    if (answered === 'none') return;
    if (hook.behaviour.does === 'answer-slowly') await pauseUnlessStopped(hook.behaviour.after_ms, options.signal);
    answer(response, answered, answered === 307 ? { location: `/${path}/elsewhere` } : {});
  };

  const listen = async (): Promise<Server> => {
    const server = createServer((request, response) => {
      // Whoever hangs up has said what he had to say.
      receive(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };

  return {
    async open({ name, behaviour, credentials }, owner) {
      if (byName.has(name))
        return failure('hook-exists', `there is a hook "${name}" already: give each a name of its own`);
      const path = randomBytes(12).toString('base64url');
      made.set(name, secrets.make(name, credentials));
      const ended = Promise.withResolvers<void>();
      const hook = { name, behaviour, ...owner, configured: {}, pushes: 0, failures: 0, isEnded: false, ended };
      byName.set(name, hook);
      byPath.set(path, hook);
      listening ??= listen();
      const { port } = (await listening).address() as AddressInfo;
      return { type: 'ok', value: { value: `http://127.0.0.1:${port}/${path}` } };
    },
    noteTurn(taskId, op_id, name) {
      const hook = name === undefined ? undefined : byName.get(name);
      if (hook !== undefined) hook.configured.taskId = taskId;
      turns.set(taskId, op_id);
      if (turns.size < TURNS_MAX) return;
      formerTurns = turns;
      turns = new Map();
    },
    configure(op) {
      const named = namedHook(op);
      const hook = named && byName.get(named.hook);
      if (named === undefined || hook === undefined) return undefined;
      const { taskId } = 'taskId' in op ? op : { taskId: undefined };
      Object.assign(hook.configured, { configId: named.configId, ...(taskId === undefined ? {} : { taskId }) });
      return made.get(hook.name);
    },
    async untilEnd(name, timeout_ms) {
      const hook = byName.get(name);
      if (hook === undefined) return failure('no-such-hook', `there is no hook "${name}": open it first`);
      const stop = new AbortController();
      const late = pauseUnlessStopped(timeout_ms, AbortSignal.any([stop.signal, options.signal]));
      await Promise.race([hook.ended.promise, late]);
      stop.abort();
      if (hook.isEnded) return { type: 'ok', value: {} };
      return failure('not-pushed', `the hook "${name}" was not told within ${timeout_ms} ms that its task is over`);
    },
    async [Symbol.asyncDispose]() {
      const server = await listening?.catch(() => undefined);
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The answer that the hook's behaviour has for this request. */
function statusOf(hook: Hook): PushEvent['answered'] {
  const { behaviour } = hook;
  if (behaviour.does === 'hang') return 'none';
  if (behaviour.does === 'redirect') return 307;
  if (behaviour.does !== 'fail' || hook.failures >= behaviour.times) return 200;
  hook.failures += 1;
  return behaviour.status;
}

function payloadOf(
  body: string,
  read: HooksOptions['read'],
): Pick<PushEvent & { payload: StreamResponse }, 'payload'> | { readonly problem: string } {
  try {
    return { payload: read(JSON.parse(body)) };
  } catch (error) {
    return { problem: `${reasonOf(error)}: ${body.slice(0, 200)}`.toWellFormed() };
  }
}

const namedHook = (op: ProtocolOp): { readonly hook: string; readonly configId: string } | undefined => {
  if ('push' in op && op.push !== undefined) return op.push;
  return 'configId' in op && op.hook !== undefined ? { hook: op.hook, configId: op.configId } : undefined;
};

const taskIn = ({ task, message, statusUpdate, artifactUpdate }: StreamResponse): string | undefined =>
  task?.id ?? statusUpdate?.taskId ?? artifactUpdate?.taskId ?? message?.taskId;

const isOver = ({ task, statusUpdate }: StreamResponse): boolean =>
  TERMINAL_STATES.has(String(recordOf(recordOf(task ?? statusUpdate)['status'])['state']));

function answer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  if (!response.destroyed) response.writeHead(status, headers).end();
}

const failure = (code: string, message: string): Outcome => ({ type: 'fail', error: { code, message } });

const pauseUnlessStopped = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
