/**
 * What the first process of a session does that has a network of its own: it starts the agents, and relays connections from
 * outside to their ports. With it everything inside ends; and it ends when an agent does, since what is left of a session is no
 * session.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Inside {
  readonly agents: readonly { readonly port: number; readonly command: string }[];
}

/** What the process in a container is told, as one line of JSON, by whoever greets it with `LIFELINE`. */
export interface Orders extends Inside {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** No agent's port. */
export const LIFELINE = 0;

/** Says first which port inside is wanted. */
export const greetingFor = (port: number): string => `${port}\n`;
/** A port and the end of its line. */
const GREETING = /^(\d{1,5})\n/;
const GREETING_LENGTH_MAX = 6;

/** Who takes what comes in for a port, its greeting read and the socket paused; nothing for a port that nobody has. */
export type TakerOf = (port: number) => ((socket: Socket) => void) | undefined;

export function createGate(takerOf: TakerOf): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (outer) => {
    let said = Buffer.alloc(0);
    outer.on('error', () => outer.destroy());
    const listen = (bytes: Buffer): void => {
      said = Buffer.concat([said, bytes]);
      const greeting = GREETING.exec(said.toString('latin1', 0, GREETING_LENGTH_MAX));
      if (greeting === null && said.length < GREETING_LENGTH_MAX) return;
      outer.off('data', listen);
      const take = greeting === null ? undefined : takerOf(Number(greeting[1]));
      if (greeting === null || take === undefined) {
        breakOff(outer);
        return;
      }
      outer.pause();
      outer.unshift(said.subarray(greeting[0].length));
      take(outer);
    };
    outer.on('data', listen);
  });
}

export function relayTo(port: number): (outer: Socket) => void {
  return (outer) => {
    const inner = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const breakBoth = (): void => {
      if (!outer.destroyed) breakOff(outer);
      inner.destroy();
    };
    outer.on('error', breakBoth);
    inner.on('error', breakBoth);
    outer.on('close', () => inner.destroy());
    inner.on('close', () => outer.destroySoon());
    outer.pipe(inner).pipe(outer);
  };
}

/** Gives what sends them a signal. */
export function startAgents({ agents }: Inside, env: NodeJS.ProcessEnv): (signal: NodeJS.Signals) => void {
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
  const tell = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };
  // The agents may have heard it too, where they are of the same process group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, tell);
  return tell;
}

/** A Unix socket, which has no address, knows no reset. */
function breakOff(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
