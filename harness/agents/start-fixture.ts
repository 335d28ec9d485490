/** A fixture as an agent: in this very process, so that the first minute with muster needs nothing else. */

import type { Agent, Fixture, HeldPort, RunningFixture } from '../model/live.ts';
import { AgentStartError } from './agent-errors.ts';
import { cardProblem, summarizeCard } from './card.ts';
import { CARD_PATH, type CardAnswer, fetchCard, probeCard } from './fetch-card.ts';
import { isLoopback } from './listeners.ts';

export interface InProcessOptions {
  readonly name: string;
  readonly fixture: Fixture;
  /** 0 for any free port. */
  readonly port: number;
  /** The port's socket; closed with the agent, and also when it cannot be started. */
  readonly held?: HeldPort | undefined;
  readonly peer?: string;
  /** For fixtures that work in groups; no other is told. */
  readonly peers?: readonly string[];
  readonly crew?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const CARD_MS_MAX = 10_000;

const run = async (options: InProcessOptions): Promise<RunningFixture> => {
  const { fixture, port, held, peer, peers, crew, name } = options;
  const told = {
    ...(peer === undefined ? {} : { peer }),
    ...(peers && fixture.peers && { peers }),
    ...(crew && { crew }),
  };
  try {
    return await fixture.start({ port, ...(held && { held }), ...told });
  } catch (error) {
    await held?.close();
    throw new AgentStartError(
      `Failed to start agent "${name}": fixture "${fixture.name}" said: ${(error as Error).message}`,
    );
  }
};

/**
 * A fixture that listens in this very process cannot be taken for a stranger, so what it says of itself is enough: to ask it
 * over HTTP would cost as much again as its start, which shows where thousands are started.
 */
const readCardOf = async ({ card }: RunningFixture, url: string, signal: AbortSignal): Promise<CardAnswer> =>
  card === undefined
    ? await fetchCard(url, { timeout_ms: CARD_MS_MAX, signal, redirects: false })
    : { got: 'card', card, url };

const useOf = (running: RunningFixture, requests: () => number): (() => boolean) => {
  let known = requests();
  return () => {
    const now = requests();
    const used = now > known || (running.open?.() ?? 0) > 0;
    known = now;
    return used;
  };
};

export const startFixture = async (options: InProcessOptions): Promise<Agent> => {
  const { name, fixture, signal } = options;
  if (signal.aborted) await options.held?.close();
  signal.throwIfAborted();
  const started_ms = performance.now();
  const running = await run(options);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= Promise.resolve(running[Symbol.asyncDispose]());
    return stopped;
  };
  try {
    const url = `${running.url.replace(/\/+$/, '')}${CARD_PATH}`;
    const answer = await readCardOf(running, url, signal);
    const problem = answer.got === 'card' ? cardProblem(answer.card) : answer.sentence;
    if (answer.got !== 'card' || problem !== undefined)
      throw new AgentStartError(
        `Failed to start agent "${name}": fixture "${fixture.name}" is at ${url}, but it ${problem}.`,
      );
    const { card } = answer;
    const { requests, lie } = running;
    return {
      name,
      how: 'in-process',
      url,
      card,
      summary: summarizeCard(card),
      boot_ms: performance.now() - started_ms,
      ...(requests === undefined ? {} : { requests, used: useOf(running, requests) }),
      ...(lie === undefined ? {} : { lie }),
      owns: ({ hostname }) => isLoopback(hostname),
      probe: (timeout_ms) => probeCard(url, String(card.name), { timeout_ms, signal, redirects: false }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
