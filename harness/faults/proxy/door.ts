/**
 * A port on 127.0.0.1 that can be shut, so that who knocks is refused, and opened again, while those who are inside stay.
 * It is the same port for as long as it is not disposed.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeldPort } from '../../model/live.ts';
import { reasonOf } from '../../model/reason-of.ts';
import { FaultFailed } from '../fault.ts';

export interface Door extends AsyncDisposable {
  readonly port: number;
  /** From when it resolves on, new connections are refused. */
  shut(): Promise<void>;
  /** Rejects where somebody else has taken the port meanwhile and keeps it. */
  open(): Promise<void>;
}

/** While the door is shut the port is nobody's; an outgoing connection that was given it goes away by itself. */
const TRIES_MAX = 100;
const BETWEEN_TRIES_MS = 20;

/** Listens with the socket of `held`, which is then the door's, or on a port from the operating system. */
export async function openDoor(
  enter: (client: Socket) => void,
  { held, signal }: { readonly held?: HeldPort | undefined; readonly signal: AbortSignal },
): Promise<Door> {
  let server: Server | undefined = await listen(held?.handle ?? 0, enter, signal);
  const { port } = server.address() as AddressInfo;
  /** Shutting and opening that overlap happen one after the other, and the last one asked for stays. */
  let turn: Promise<void> = Promise.resolve();
  let isDisposed = false;
  const shutNow = async (): Promise<void> => {
    // Who is inside keeps `close` from being told; that nobody listens any more is so at once.
    server?.close();
    server = undefined;
  };
  const openNow = async (): Promise<void> => {
    for (let tries = 1; server === undefined && !isDisposed; tries += 1) {
      try {
        server = await listen(port, enter);
      } catch (error) {
        if (tries === TRIES_MAX) {
          throw new FaultFailed(
            `Failed to listen on 127.0.0.1:${port} again: ${reasonOf(error)}. ` +
              'Somebody took the port while nobody listened there; start the run again.',
            { cause: error },
          );
        }
        await delay(BETWEEN_TRIES_MS);
      }
    }
  };
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  };
  return {
    port,
    shut: () => inTurn(shutNow),
    open: () => inTurn(openNow),
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await inTurn(shutNow);
    },
  };
}

async function listen(place: number | object, enter: (client: Socket) => void, signal?: AbortSignal): Promise<Server> {
  // As node:http makes its own sockets.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, enter);
  server.listen(typeof place === 'object' ? place : { port: place, host: '127.0.0.1', backlog: 4096 });
  try {
    await once(server, 'listening', signal === undefined ? {} : { signal });
  } catch (error) {
    server.close();
    throw error;
  }
  return server;
}
