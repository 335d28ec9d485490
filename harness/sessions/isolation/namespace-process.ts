/**
 * The first process of a session's namespaces: it starts the agents and relays connections to their ports. With it everything
 * inside ends; and it ends when an agent does, since what is left of a session is no session.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';

export interface Inside {
  readonly agents: readonly { readonly port: number; readonly command: string }[];
}

/** Listens outside. */
const GATE_FD = 3;
/** A port and the end of its line. */
const GREETING = /^(\d{1,5})\n/;
const GREETING_LENGTH_MAX = 6;

const { MUSTER_INSIDE = '{"agents":[]}', LISTEN_FDS: _, LISTEN_PID: __, ...env } = process.env;
const { agents }: Inside = JSON.parse(MUSTER_INSIDE);
const ports = new Set(agents.map(({ port }) => port));

function relay(outer: Socket, port: number): void {
  const inner = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const breakBoth = (): void => {
    if (!outer.destroyed) outer.resetAndDestroy();
    inner.destroy();
  };
  outer.on('error', breakBoth);
  inner.on('error', breakBoth);
  outer.on('close', () => inner.destroy());
  inner.on('close', () => outer.destroySoon());
  outer.pipe(inner).pipe(outer);
}

createServer({ allowHalfOpen: true, noDelay: true }, (outer) => {
  let said = Buffer.alloc(0);
  outer.on('error', () => outer.destroy());
  const listen = (bytes: Buffer): void => {
    said = Buffer.concat([said, bytes]);
    const greeting = GREETING.exec(said.toString('latin1', 0, GREETING_LENGTH_MAX));
    const port = Number(greeting?.[1]);
    if (greeting === null && said.length < GREETING_LENGTH_MAX) return;
    outer.off('data', listen);
    if (greeting === null || !ports.has(port)) {
      outer.resetAndDestroy();
      return;
    }
    outer.pause();
    outer.unshift(said.subarray(greeting[0].length));
    relay(outer, port);
  };
  outer.on('data', listen);
}).listen({ fd: GATE_FD });

const children: readonly ChildProcess[] = agents.map(({ port, command }) =>
  spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, PORT: String(port) } }),
);
for (const child of children) {
  child.on('error', (error) => {
    console.error(`Failed to start an agent: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code) => process.exit(code ?? 1));
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  // The agents heard it too, for they are of the same process group; the last of them to go ends this.
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
