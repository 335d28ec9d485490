/**
 * The request handlers of msw for one simulated agent. They answer what the agent answers and nothing beside it, so that
 * whatever else is served at the same origin is left to other handlers; and what the agent streams they hand on as it comes.
 */
import { type HttpHandler, HttpResponse, http } from 'msw';
import type { SimulatedAgent } from '../model/live.ts';
import { type Asked, askedOf } from './asked.ts';

export function agentHandlers(
  { url, paths, respond }: Pick<SimulatedAgent, 'url' | 'paths' | 'respond'>,
  onAsked?: (asked: Asked) => void,
): HttpHandler[] {
  return paths.map((path) =>
    http.all(`${url}${path}`, async ({ request }) => {
      const asked = onAsked && (await askedOf(request, url));
      if (asked) onAsked(asked);
      return respond(request).catch(networkError);
    }),
  );
}

/** A connection that broke before there was an answer. Anything else is a mistake in the test, which msw shows. */
function networkError(error: unknown): Response {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('UND_ERR_')) return HttpResponse.error();
  throw error;
}
