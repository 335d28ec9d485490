/**
 * Answers requests by msw's handlers alone, without msw patching anything: so a run in this process meets what an app's own
 * tests meet, and every other `fetch` of the process stays as it is.
 */
import { getResponse } from 'msw';
import type { Respond, SimulatedAgent } from '../model/live.ts';
import { agentHandlers } from './agent-handlers.ts';

/** Rejects a request that none of the agents answers. */
export function answerThrough(agent: SimulatedAgent): Respond {
  const handlers = agentHandlers(agent);
  return async (request) => {
    const response = await getResponse(handlers, request);
    if (response === undefined) {
      throw new TypeError(
        `Failed to fetch ${request.url}: the simulated agent at ${agent.url} answers ${agent.paths.join(', ')} below it, and nothing else is simulated here`,
      );
    }
    if (response.type === 'error') throw new TypeError('The simulated agent broke the connection off');
    return response;
  };
}
