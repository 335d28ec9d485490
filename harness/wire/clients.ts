/**
 * Connections over HTTP/1, each a client of undici's with one request at a time; who comes when all are busy waits for the next that is
 * free. A pool of undici's looks through all of its clients for each request and hears from each of them whenever it has time again,
 * which took a seventh of the time of a request on 50 connections.
 */
import { Client, type Dispatcher, errors } from 'undici';
import { join, leave, startLine } from '../model/line.ts';

/** Whom a client calls; it must be given back when it was told of its end or of an error. */
export interface Caller extends Dispatcher.DispatchHandler {
  client?: Client | undefined;
}

export interface Dispatching {
  dispatch(request: Dispatcher.DispatchOptions, caller: Caller): unknown;
  /** Where callers have to be given back. */
  release?(caller: Caller): void;
  /** Breaks off what is under way, and what waits. */
  destroy(): Promise<unknown>;
}

interface Waiting {
  readonly request: Dispatcher.DispatchOptions;
  readonly caller: Caller;
}

export function openClients(origin: string, options: Client.Options, connections_max: number): Dispatching {
  const all: Client[] = [];
  /** The one that was busy last comes first: its connection is the warmest, and the others may be closed for want of use. */
  const idle: Client[] = [];
  const line = startLine<Waiting>();
  let isOver = false;

  const open = (): Client | undefined => {
    if (all.length >= connections_max) return undefined;
    const client = new Client(origin, options);
    all.push(client);
    return client;
  };
  const give = (client: Client, { request, caller }: Waiting): void => {
    caller.client = client;
    client.dispatch(request, caller);
  };
  const refuse = ({ caller }: Waiting): void => {
    // As clients of undici's do before there is anything to control.
    const none = null as unknown as Dispatcher.DispatchController;
    caller.onResponseError?.(none, new errors.ClientDestroyedError());
  };

  return {
    dispatch(request, caller) {
      const waiting = { request, caller };
      if (isOver) {
        refuse(waiting);
        return;
      }
      const client = idle.pop() ?? open();
      if (client === undefined) join(line, waiting);
      else give(client, waiting);
    },
    release(caller) {
      const { client } = caller;
      if (client === undefined) return;
      caller.client = undefined;
      const next = line.first;
      if (next === undefined) {
        idle.push(client);
        return;
      }
      leave(next);
      // A request that cannot be sent ends within its dispatch, and thousands of these would each call the next.
      queueMicrotask(() => give(client, next.who));
    },
    async destroy() {
      isOver = true;
      for (let place = line.first; place !== undefined; place = line.first) {
        leave(place);
        refuse(place.who);
      }
      await Promise.all(all.map((client) => client.destroy()));
    },
  };
}
