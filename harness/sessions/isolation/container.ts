/**
 * Every session has a container of its own, from whichever engine answers. An engine keeps what muster started, however muster
 * ends: so the process inside lives on a line from muster, the warden removes each container, and what even then is left, with
 * our label and a dead owner, is removed by the next run.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandFor, removalOf, trialOf } from './container-client.ts';
import { type ContainerEngine, type ContainerRequest, containerEngines } from './container-engines.ts';
import { GATE_INSIDE, type Home, homeOf, idsOfHomes, pidIn, SOCKET_PATH_BYTES_MAX } from './container-home.ts';
import { greetingFor, type Inside, LIFELINE, type Orders } from './inside.ts';
import type { Ground, IsolationStrategy, Program } from './isolation.ts';
import { type Asked, FIRST_PORT, type Inner, standInside, whyNotInside } from './stand-inside.ts';

const PREFIX = 'muster-c-';
const START_MS_MAX = 30_000;
const POLL_MS = 10;

export const container: IsolationStrategy = {
  title: `Each session has a container of its own and in it ports from ${FIRST_PORT}`,
  async whyNot(ground) {
    if (process.platform !== 'linux')
      return `containers with the files of this machine need Linux, and this is ${process.platform}`;
    const obstacle = whyNotInside(ground);
    if (obstacle !== undefined) return obstacle;
    const path = homeOf(nextId(ground, '00000000-9999')).gate;
    if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX)
      return `the folder for temporary files is too deep for a socket (${path}): set TMPDIR to a shorter one`;
    const engine = await engineFor(ground);
    return typeof engine === 'string' ? engine : undefined;
  },
  async open(ground) {
    const engine = await engineFor(ground);
    if (typeof engine === 'string') throw new Error(`Failed to open containers: ${engine}.`);
    // What cannot be removed is another user's.
    await removeAll(engine, (id) => ground.isDead(ownerOf(id))).catch(() => {});
    const group = randomUUID().slice(0, 8);
    let opened = 0;
    return {
      standUp: (session) =>
        ground.boot(() => {
          opened += 1;
          const id = nextId(ground, `${group}-${opened}`);
          return standInside(ground, session, (inside, names) => enter(ground, engine, session, { id, inside, names }));
        }, session.signal),
      [Symbol.asyncDispose]: () => removeAll(engine, (id) => id.startsWith(nextId(ground, group))),
    };
  },
};

/** The owner is in it, so that whose an id is can be told from the id. Nobody can foresee the last part. */
const nextId = ({ owner }: Ground, last: string): string => `${PREFIX}${owner}-${last}`;
/** The whole id: anybody may make folders among temporary files, with whatever a shell would take amiss in their names. */
const ID = /^muster-c-([0-9a-f]+-[0-9a-f]+-\d+-\d*)-[0-9a-f]{8}-\d+$/;
const ownerOf = (id: string): string => ID.exec(id)?.[1] ?? '';

const found = new WeakMap<Ground, Promise<ContainerEngine | string>>();

/** An engine that made a container of the kind that we need; or why none did. Asked once for each ground. */
function engineFor(ground: Ground): Promise<ContainerEngine | string> {
  const finding = found.get(ground) ?? findEngine(ground);
  found.set(ground, finding);
  return finding;
}

async function findEngine(ground: Ground): Promise<ContainerEngine | string> {
  const reasons: string[] = [];
  for (const engine of containerEngines) {
    const obstacle = (await engine.whyNot()) ?? (await whyNoContainer(engine, ground));
    if (obstacle === undefined) return engine;
    reasons.push(`${engine.name}: ${obstacle}`);
  }
  return `no container can be had here: ${reasons.join('; ')}`;
}

async function whyNoContainer(engine: ContainerEngine, ground: Ground): Promise<string | undefined> {
  const request = requestFor(ground, nextId(ground, `${randomUUID().slice(0, 8)}-0`), [process.execPath, '-e', '0']);
  // Out of the terminal's reach: it removes what it makes, also when muster is interrupted.
  const words = ['-w', '/bin/sh', '-c', trialOf(engine, request)];
  return promisify(execFile)('setsid', words, { timeout: START_MS_MAX }).then(
    () => undefined,
    (error: Error & { readonly killed?: boolean; readonly stderr?: string }) =>
      error.killed === true
        ? `it made no container within ${START_MS_MAX} ms`
        : `it made no container: ${error.stderr?.trim() || error.message}`,
  );
}

interface Place {
  readonly id: string;
  readonly inside: Inside;
  readonly names: readonly string[];
}

async function enter(
  ground: Ground,
  engine: ContainerEngine,
  { user, signal }: Asked,
  { id, inside, names }: Place,
): Promise<Inner> {
  await using opening = new AsyncDisposableStack();
  const request = requestFor(ground, id, [process.execPath, programInside(), GATE_INSIDE]);
  const { home } = request;
  const command = commandFor(engine, request);
  const client = opening.use(
    await ground.run({ name: user, command, env: {}, agents: names, afterwards: removalOf(engine, id) }, signal),
  );
  const line = await holdLine(home, client, signal);
  opening.defer(() => {
    line.destroy();
  });
  const orders: Orders = { ...inside, env: { ...process.env, TMPDIR: '/tmp' } };
  line.write(`${greetingFor(LIFELINE)}${JSON.stringify(orders)}\n`);
  const pid = await engine.pidOf(home);
  const closers = opening.move();
  return {
    program: pid === undefined ? client : { ...client, pid },
    dial: (port) => {
      const socket = connect(home.gate);
      socket.write(greetingFor(port));
      return socket;
    },
    leaders: [client.pid, pidIn(home.client_pid), keeperOf(pid)].filter((leader) => leader !== undefined),
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}

/** The first connection to the process inside, as soon as it listens. */
async function holdLine({ gate, id }: Home, client: Program, signal: AbortSignal): Promise<Socket> {
  const began_ms = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const late = performance.now() - began_ms > START_MS_MAX;
    if (late || client.isOver()) {
      const why = late ? `nothing listens in it after ${START_MS_MAX} ms` : 'its client ended before';
      throw new Error(`Failed to start container "${id}": ${why}. It printed: ${client.lastWords()}`);
    }
    const socket = connect(gate);
    try {
      await once(socket, 'connect');
      // Its end is seen by who is on it: the client ends with the container.
      return socket.on('error', () => {}).resume();
    } catch {
      await delay(POLL_MS);
    }
  }
}

function requestFor({ owner }: Ground, id: string, words: readonly string[]): ContainerRequest {
  const home = homeOf(id, [process.cwd(), process.execPath, programInside()]);
  return { home, owner, working_folder: process.cwd(), words };
}

/** With the folders of those that never became a container. */
async function removeAll(engine: ContainerEngine, isLeft: (id: string) => boolean): Promise<void> {
  const ids = new Set([...(await engine.list()), ...idsOfHomes(PREFIX)]);
  const left = [...ids].filter(isLeft);
  await Promise.all(
    left.map((id) => promisify(execFile)('/bin/sh', ['-c', removalOf(engine, id)], { timeout: START_MS_MAX })),
  );
}

function programInside(): string {
  // `.ts` in the repository, `.js` in the package: the extension of this very file.
  return fileURLToPath(new URL(`./container-process${extname(import.meta.url)}`, import.meta.url));
}

/** The engine's keeper of this one container, which is a cost of it. */
function keeperOf(pid: number | undefined): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) || undefined;
  } catch {
    return undefined;
  }
}
