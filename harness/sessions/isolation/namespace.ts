/**
 * Every session has Linux namespaces of its own. A process inside relays what comes in through one socket that was opened outside,
 * so nothing is left on disk. All of it ends with the first process inside, which the kernel sees to.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HeldPort } from '../../model/live.ts';
import { greetingFor, type Inside } from './inside.ts';
import type { Ground, IsolationStrategy } from './isolation.ts';
import { keepsNothing } from './isolation.ts';
import { quoted } from './shell.ts';
import { type Asked, FIRST_PORT, type Inner, LOOPBACK, standInside, whyNotInside } from './stand-inside.ts';

const PROBE_MS_MAX = 5_000;

/** `--kill-child`: who kills `unshare` kills what it started. Only root may bring the loopback device up. */
const UNSHARE = ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const UP = 'ip link set lo up';

export const namespace: IsolationStrategy = {
  title: `Each session has namespaces of its own (user, network, processes) and in them ports from ${FIRST_PORT}`,
  async whyNot(ground) {
    const obstacle = whyNotInside(ground);
    if (obstacle !== undefined) return obstacle;
    return whyNoNamespaces();
  },
  open: async (ground) => ({
    standUp: (session) =>
      ground.boot(
        () => standInside(ground, session, (inside, names) => enter(ground, session, inside, names)),
        session.signal,
      ),
    [Symbol.asyncDispose]: keepsNothing,
  }),
};

/** What this machine says of it, whoever would use them. */
export function whyNoNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(`namespaces are Linux's, and this is ${process.platform}`);
  return promisify(execFile)('unshare', [...UNSHARE, 'sh', '-c', UP], { timeout: PROBE_MS_MAX }).then(
    () => undefined,
    (error: Error & { readonly stderr?: string }) =>
      `namespaces cannot be made here: ${error.stderr?.trim() || error.message}`,
  );
}

async function enter(
  ground: Ground,
  { user, signal }: Asked,
  inside: Inside,
  agents: readonly string[],
): Promise<Inner> {
  const gate = await openGate();
  const program = await ground.run(
    { name: user, command: commandLine(), env: { MUSTER_INSIDE: JSON.stringify(inside) }, socket: gate, agents },
    signal,
  );
  return {
    program,
    dial: (port) => dial(gate.port, port),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** A socket of the outside, which goes along as a descriptor: a namespace is a place to open sockets in, not to use them. */
async function openGate(): Promise<HeldPort> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    handle: server,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function dial(gate: number, inner: number): Socket {
  const socket = connect({ port: gate, host: LOOPBACK, noDelay: true });
  socket.write(greetingFor(inner));
  return socket;
}

function commandLine(): string {
  // `.ts` in the repository, `.js` in the package: the extension of this very file.
  const program = fileURLToPath(new URL(`./namespace-process${extname(import.meta.url)}`, import.meta.url));
  return `exec ${quoted(['unshare', ...UNSHARE, 'sh', '-c', `${UP} && exec "$0" "$1"`, process.execPath, program])}`;
}
