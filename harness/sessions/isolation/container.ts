/**
 * Every session has a container of its own, from whichever engine answers. An engine keeps what muster started, however muster
 * ends: so the process inside lives on a line from muster, the warden removes each container after its client, and what even
 * then is left, with our label and a dead owner, is removed by the next run.
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
import { type ContainerEngine, containerEngines } from './container-engines.ts';
import {
  clearing,
  furnish,
  GATE_INSIDE,
  gateOf,
  type Home,
  idsOfHomes,
  SOCKET_PATH_BYTES_MAX,
} from './container-home.ts';
import { greetingFor, type Inside, LIFELINE, type Orders } from './inside.ts';
import type { Ground, IsolationStrategy, Program } from './isolation.ts';
import { quoted } from './shell.ts';
import { type Asked, FIRST_PORT, type Inner, standInside, whyNotInside } from './stand-inside.ts';

const PREFIX = 'muster-c-';
const START_MS_MAX = 30_000;
const POLL_MS = 10;

export const container: IsolationStrategy = {
  title: `Each session has a container of its own and in it ports from ${FIRST_PORT}`,
  async whyNot(ground) {
    if (process.platform !== 'linux')
      return `its containers have the files of this machine, and this is no Linux but ${process.platform}`;
    const obstacle = whyNotInside(ground);
    if (obstacle !== undefined) return obstacle;
    const path = gateOf(nextId(ground, 'trial'));
    if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX)
      return `the folder for temporary files is too deep for a socket (${path}): set TMPDIR to a shorter one`;
    const found = await findEngine(ground);
    return typeof found === 'string' ? found : undefined;
  },
  async open(ground) {
    const engine = await findEngine(ground);
    if (typeof engine === 'string') throw new Error(`Failed to open containers: ${engine}.`);
    // What cannot be removed is another user's.
    await removeAll(engine, (id) => ground.isDead(ownerOf(id))).catch(() => {});
    const group = randomUUID().slice(0, 4);
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

/** The owner is in it, so that whose an id is can be told from the id. */
const nextId = ({ owner }: Ground, last: string): string => `${PREFIX}${owner}-${last}`;
const ownerOf = (id: string): string => /^muster-c-([0-9a-f]+-[0-9a-f]+-\d+-\d*)-/.exec(id)?.[1] ?? '';

/** An engine that made a container of the kind that we need; or why none did. */
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
  const home = makeHome(nextId(ground, `${randomUUID().slice(0, 4)}-0`));
  const script = `(${commandLine(engine, ground, home, [process.execPath, '-e', '0'])})\ncode=$?\n${undoing(engine, home.id)}\nexit $code`;
  return promisify(execFile)('/bin/sh', ['-c', script], { timeout: START_MS_MAX }).then(
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
  const home = makeHome(id);
  const command = commandLine(engine, ground, home, [process.execPath, programInside(), GATE_INSIDE]);
  let line: Socket | undefined;
  // After the program, which is to end its agents in order.
  opening.defer(() => {
    line?.destroy();
  });
  const client = opening.use(
    await ground.run({ name: user, command, env: {}, agents: names, afterwards: undoing(engine, id) }, signal),
  );
  line = await holdLine(home, client, signal);
  const orders: Orders = { ...inside, env: { ...process.env, TMPDIR: '/tmp' } };
  line.write(`${greetingFor(LIFELINE)}${JSON.stringify(orders)}\n`);
  const pid = await engine.pidOf(home);
  const closers = opening.move();
  return {
    program: { ...client, pid },
    dial: (port) => {
      const socket = connect(home.gate);
      socket.write(greetingFor(port));
      return socket;
    },
    leaders: [client.pid, ...parentOf(pid)],
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

function makeHome(id: string): Home {
  return furnish(id, [process.cwd(), process.execPath, programInside()]);
}

function commandLine(engine: ContainerEngine, { owner }: Ground, home: Home, words: readonly string[]): string {
  const { before, words: client } = engine.run({ home, owner, working_folder: process.cwd(), words });
  return `${before === undefined ? '' : `${before} && `}exec ${quoted(client)}`;
}

function undoing(engine: ContainerEngine, id: string): string {
  return `(${engine.remove(id)}) >/dev/null 2>&1; ${clearing(id)}`;
}

/** With the folders of those that never became a container. */
async function removeAll(engine: ContainerEngine, isLeft: (id: string) => boolean): Promise<void> {
  const ids = new Set([...(await engine.list()), ...idsOfHomes(PREFIX)]);
  const left = [...ids].filter(isLeft);
  await Promise.all(left.map((id) => promisify(execFile)('/bin/sh', ['-c', undoing(engine, id)])));
}

function programInside(): string {
  // `.ts` in the repository, `.js` in the package: the extension of this very file.
  return fileURLToPath(new URL(`./container-process${extname(import.meta.url)}`, import.meta.url));
}

/** The engine's keeper of this one container, which is a cost of it. */
function parentOf(pid: number): readonly number[] {
  try {
    return [Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])];
  } catch {
    return [];
  }
}
