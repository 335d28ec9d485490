/**
 * A fixture as an agent that has neither socket nor port: it answers whoever is handed its `respond`, and nobody else. Its
 * address ends in `.invalid`, which never resolves (RFC 6761 §6.4): a request that slips past goes nowhere.
 */
import type { Agent, Fixture, Respond, SimulatedAgent, SimulateOptions } from '../model/live.ts';
import { reasonOf } from '../model/reason-of.ts';
import { AgentStartError } from './agent-errors.ts';
import { cardProblem, summarizeCard } from './card.ts';
import { answeredBy, CARD_PATH, type CardAnswer, quote, readCard } from './fetch-card.ts';

export interface SimulatedOptions {
  readonly name: string;
  readonly fixture: Fixture;
  /** The agents that it delegates to, and how to reach them. */
  readonly peer?: Pick<SimulateOptions, 'peer' | 'crew' | 'fetch'>;
  /** What stands before the agent. */
  readonly through: (agent: SimulatedAgent) => Respond;
  readonly signal: AbortSignal;
}

export type SimulatedStart = Agent & { readonly respond: Respond };

/** The base address of a simulated agent. */
export const simulatedUrl = (name: string): string =>
  `http://${name.toLowerCase().replace(/[^a-z0-9-]+/g, '.')}.simulated.invalid`;

const askCard = async (respond: Respond, url: string, signal: AbortSignal): Promise<CardAnswer> => {
  const request = new Request(url, { signal, headers: { accept: 'application/json' } });
  try {
    return await readCard(answeredBy(await respond(request)));
  } catch (error) {
    return {
      got: 'other',
      sentence: `did not answer (${quote(reasonOf(error))})`,
    };
  }
};

const CARD_MS_MAX = 10_000;

export const startSimulated = async (options: SimulatedOptions): Promise<SimulatedStart> => {
  const { name, fixture, peer, signal } = options;
  signal.throwIfAborted();
  const refused = (sentence: string) =>
    new AgentStartError(`Failed to simulate agent "${name}": fixture "${fixture.name}" ${sentence}.`);
  if (fixture.simulate === undefined) throw refused('needs a process or a port of its own');
  const started_ms = performance.now();
  const base = simulatedUrl(name);
  const simulated = await fixture.simulate({ url: base, ...peer });
  const respond = options.through(simulated);
  const url = `${base}${CARD_PATH}`;
  const ask = (timeout_ms: number) =>
    askCard(respond, url, AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(timeout_ms)))]));
  let stopped: PromiseLike<void> | undefined;
  const stop = async (): Promise<void> => {
    stopped ??= simulated[Symbol.asyncDispose]();
    await stopped;
  };
  const answer = await ask(CARD_MS_MAX);
  const problem = answer.got === 'card' ? cardProblem(answer.card) : answer.sentence;
  if (answer.got !== 'card' || problem !== undefined) {
    await stop();
    signal.throwIfAborted();
    throw refused(problem ?? 'has no card');
  }
  const { card } = answer;
  return {
    name,
    how: 'simulated',
    respond,
    url,
    card,
    summary: summarizeCard(card),
    boot_ms: performance.now() - started_ms,
    requests: simulated.requests,
    owns: ({ hostname }) => hostname === new URL(base).hostname,
    probe: async (timeout_ms) => {
      const again = await ask(timeout_ms);
      if (again.got !== 'card') return { answers: false, reason: `it ${again.sentence}` };
      return { answers: true };
    },
    [Symbol.asyncDispose]: stop,
  };
};
