/**
 * Starts neighbours as processes of their own under the warden, and speaks with each over a line on loopback. What a neighbour
 * does is done when it has answered, so the history may tell it then; and what it is asked to end is told before it is asked.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { portsOfSession } from '../../agents/listeners.ts';
import { killSession } from '../../agents/session-control.ts';
import type { Warden } from '../../agents/warden.ts';
import type { Ask, Reply } from './neighbour-process.ts';

export interface Neighbour extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** One at a time, in the order in which they were asked. */
  ask(what: Ask): Promise<Reply>;
  /** As the kernel tells it, where it does. */
  listensOn(port: number): boolean;
  /** SIGKILL; resolves with the proof. */
  kill(): Promise<string>;
  /** How it ended, and whether muster wanted that. */
  readonly ended: Promise<{ readonly asked: boolean; readonly proof: string }>;
}

export interface Switchboard extends AsyncDisposable {
  call(name: string): Promise<Neighbour>;
}

const CALL_MS_MAX = 20_000;

interface Line {
  readonly socket: Socket;
  next(): Promise<string>;
}

export async function openSwitchboard(options: {
  readonly warden: Warden;
  readonly log_folder: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}): Promise<Switchboard> {
  const { warden, log_folder, prefix, signal } = options;
  const waiting = new Map<string, (line: Line) => void>();
  const neighbours = new Set<Neighbour>();
  const server = createServer((socket) => {
    const lines = createInterface({ input: socket.on('error', () => socket.destroy()) })[Symbol.asyncIterator]();
    const line: Line = { socket, next: async () => (await lines.next()).value ?? '' };
    void line.next().then((mark) => {
      // Anybody on this machine can connect; only our neighbours know their mark.
      const take = waiting.get(mark);
      waiting.delete(mark);
      if (take === undefined) socket.destroy();
      else take(line);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const call = async (name: string): Promise<Neighbour> => {
    // `.ts` in the repository, `.js` in the package: the extension of this very file.
    const program = fileURLToPath(new URL(`./neighbour-process${extname(import.meta.url)}`, import.meta.url));
    const mark = randomUUID();
    const { promise: answered, resolve } = Promise.withResolvers<Line>();
    waiting.set(mark, resolve);
    const { session, exited } = await warden.spawn({
      command: `exec '${process.execPath}' '${program}'`,
      env: { MUSTER_LINE: String(port), MUSTER_MARK: mark },
      log_path: join(log_folder, `${prefix}${name}.log`),
    });
    const early = exited.then(({ code }) => failed(name, `it exited with code ${code} before it was there`));
    const late = once(AbortSignal.any([signal, AbortSignal.timeout(CALL_MS_MAX)]), 'abort').then(() =>
      failed(name, `it was not there within ${CALL_MS_MAX} ms`),
    );
    const line = await Promise.race([answered, early, late]);
    early.catch(() => {});
    late.catch(() => {});
    let asked = false;
    let turn: Promise<unknown> = Promise.resolve();
    const neighbour: Neighbour = {
      name,
      pid: session.leader,
      ask: (what) => {
        const reply = turn.then(async (): Promise<Reply> => {
          line.socket.write(`${JSON.stringify(what)}\n`);
          const text = await line.next();
          return text === '' ? { refused: 'the neighbour is gone' } : JSON.parse(text);
        });
        turn = reply.catch(() => {});
        return reply;
      },
      listensOn: (wanted) => portsOfSession(session).includes(wanted),
      kill: () => {
        asked = true;
        return killSession(session);
      },
      ended: exited.then(({ code, signal: by, with_warden }) => ({
        asked: asked || with_warden,
        proof: `process ${session.leader} ended ${by === null ? `with code ${code}` : `by ${by}`}`,
      })),
      [Symbol.asyncDispose]: async () => {
        asked = true;
        line.socket.destroy();
        await exited;
      },
    };
    neighbours.add(neighbour);
    return neighbour;
  };

  return {
    call,
    async [Symbol.asyncDispose]() {
      await Promise.all([...neighbours].map((neighbour) => neighbour[Symbol.asyncDispose]()));
      server.close();
      await once(server, 'close');
    },
  };
}

function failed(name: string, why: string): never {
  throw new Error(`Failed to call the neighbour "${name}": ${why}. Its log is in the folder "agents" of the run.`);
}
