/**
 * What undici's dispatcher is for an agent with a socket, for one that answers in this process: the same events in the same
 * order, a body that waits while it is paused, and an abort that reaches the agent as its caller leaving.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Respond } from '../model/live.ts';

interface Dispatching extends Pick<Dispatcher, 'dispatch'> {
  /** Breaks off what is under way. */
  destroy(): Promise<void>;
}

export function answeredHere(respond: Respond, origin: string): Dispatching {
  const open = new Set<AbortController>();
  return {
    dispatch({ path, method, headers, body }, handler) {
      const leaving = new AbortController();
      const request = new Request(`${origin}${path}`, {
        method,
        headers: headers as Record<string, string>,
        body: (body as string | null | undefined) ?? null,
        signal: leaving.signal,
      });
      open.add(leaving);
      void handOver(respond, request, leaving, handler).finally(() => open.delete(leaving));
      return true;
    },
    async destroy() {
      for (const leaving of open) leaving.abort(new Error('The wire was closed'));
    },
  };
}

async function handOver(
  respond: Respond,
  request: Request,
  leaving: AbortController,
  handler: Dispatcher.DispatchHandler,
): Promise<void> {
  const controller = controllerOf(leaving);
  try {
    handler.onRequestStart?.(controller, {});
    leaving.signal.throwIfAborted();
    const response = await respond(request);
    handler.onResponseStarted?.();
    const headers: IncomingHttpHeaders = Object.fromEntries(response.headers);
    handler.onResponseStart?.(controller, response.status, headers, response.statusText);
    const reader = response.body?.getReader();
    leaving.signal.addEventListener('abort', () => void reader?.cancel().catch(() => {}), { once: true });
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      leaving.signal.throwIfAborted();
      handler.onResponseData?.(controller, Buffer.from(next.value));
      await controller.unpaused();
    }
    leaving.signal.throwIfAborted();
    handler.onResponseEnd?.(controller, {});
  } catch (error) {
    handler.onResponseError?.(controller, error instanceof Error ? error : new Error(String(error)));
  }
}

interface Controller extends Dispatcher.DispatchController {
  unpaused(): Promise<void>;
}

function controllerOf(leaving: AbortController): Controller {
  let gate: PromiseWithResolvers<void> | undefined;
  const resume = () => {
    gate?.resolve();
    gate = undefined;
  };
  leaving.signal.addEventListener('abort', resume, { once: true });
  return {
    get aborted() {
      return leaving.signal.aborted;
    },
    get paused() {
      return gate !== undefined;
    },
    get reason() {
      return leaving.signal.reason instanceof Error ? leaving.signal.reason : null;
    },
    abort: (reason) => leaving.abort(reason),
    pause: () => {
      gate ??= Promise.withResolvers();
    },
    resume,
    unpaused: async () => gate?.promise,
  };
}
