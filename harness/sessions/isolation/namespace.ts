/**
 * Every session has a network of its own, in which its agents always have ports 5001 to 5006: for agents whose ports cannot be
 * chosen. A process inside relays what comes in through one socket that was opened outside, so nothing is left on disk; a door on
 * a leased port stands before each agent. All of it ends with the first process inside, which the kernel sees to.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HeldPort } from '../../model/live.ts';
import type { Stand, StandUp } from '../../model/session.ts';
import type { Ground, IsolationStrategy } from './isolation.ts';
import { keepsNothing } from './isolation.ts';
import type { Inside } from './namespace-process.ts';

export const FIRST_PORT = 5001;
const LOOPBACK = '127.0.0.1';
const PROBE_MS_MAX = 5_000;

/** `--kill-child`: who kills `unshare` kills what it started. Only root may bring the loopback device up. */
const UNSHARE = ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const UP = 'ip link set lo up';

type Asked = Parameters<StandUp>[0];

export const namespace: IsolationStrategy = {
  title: `Each session has namespaces of its own (user, network, processes) and in them ports from ${FIRST_PORT}`,
  async whyNot(ground) {
    if (process.platform !== 'linux') return `namespaces are Linux's, and this is ${process.platform}`;
    if (ground.commandFor(FIRST_PORT) === undefined)
      return 'an agent that takes its socket from outside has no use for ports inside: leave --socket-activation out';
    if (ground.transport === 'grpc') return 'no gRPC comes through its doors: choose --transport jsonrpc or rest';
    return promisify(execFile)('unshare', [...UNSHARE, 'sh', '-c', UP], { timeout: PROBE_MS_MAX }).then(
      () => undefined,
      (error: Error & { readonly stderr?: string }) =>
        `namespaces cannot be made here: ${error.stderr?.trim() || error.message}`,
    );
  },
  open: async (ground) => ({
    standUp: (session) => ground.boot(() => standInside(ground, session), session.signal),
    [Symbol.asyncDispose]: keepsNothing,
  }),
};

async function standInside(ground: Ground, { user, agents: count, signal }: Asked): Promise<Stand> {
  await using opening = new AsyncDisposableStack();
  const lease = opening.use(await ground.lease(user));
  const gate = await openGate();
  const names = Array.from({ length: count }, (_, index) => `${user}/agent-${index + 1}`);
  const inside: Inside = {
    agents: names.map((_, index) => {
      const port = FIRST_PORT + index;
      return { port, command: ground.commandFor(port) ?? '' };
    }),
  };
  const program = opening.use(
    await ground.run(
      {
        name: user,
        command: commandLine(),
        env: { MUSTER_INSIDE: JSON.stringify(inside) },
        socket: gate,
        agents: names,
      },
      signal,
    ),
  );
  const starts = await Promise.allSettled(
    lease.ports.slice(0, count).map(async (port, index) => {
      const inner = FIRST_PORT + index;
      const seat = { name: names[index] ?? '', index, port, lease, signal };
      const upstream = `http://${LOOPBACK}:${inner}`;
      const agent = await ground.startBehindDoor(seat, { program, upstream, dial: () => dial(gate.port, inner) });
      opening.defer(() => ground.stop(agent));
      return agent;
    }),
  );
  const agents = starts.map((start) => {
    if (start.status === 'rejected') throw start.reason;
    return start.value;
  });
  opening.defer(() => ground.measure(user, agents));
  const closers = opening.move();
  return {
    agents,
    ports: lease.ports,
    restart: async () => {
      throw new Error('Failed to start an agent again: it shares its namespaces with the others of its session.');
    },
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
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

/** Says first which port inside is wanted. */
function dial(gate: number, inner: number): Socket {
  const socket = connect({ port: gate, host: LOOPBACK, noDelay: true });
  socket.write(`${inner}\n`);
  return socket;
}

function commandLine(): string {
  // `.ts` in the repository, `.js` in the package: the extension of this very file.
  const program = fileURLToPath(new URL(`./namespace-process${extname(import.meta.url)}`, import.meta.url));
  const words = ['unshare', ...UNSHARE, 'sh', '-c', `${UP} && exec "$0" "$1"`, process.execPath, program];
  return `exec ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
}
