/** A deployed agent, known by its address only. Nothing is started and nothing stopped; disposing forgets it. */
import type { Agent } from '../model/live.ts';
import { AgentStartError } from './agent-errors.ts';
import { cardProblem, summarizeCard } from './card.ts';
import { CARD_PATH, fetchCard, probeCard } from './fetch-card.ts';

export interface UrlOptions {
  readonly name: string;
  /** Of the agent, or of its card when the path ends in `.json`. */
  readonly url: string;
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
  /** Asked before anything is sent, also to where a redirect leads; everybody may be asked unless given. */
  readonly mayAsk?: ((address: URL) => boolean) | undefined;
  readonly user_agent?: string | undefined;
}

/** Where the card of an agent is expected; undefined for what is no address on the web. */
export const cardUrl = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const found = new URL(url);
  if (!/^https?:$/.test(found.protocol) || found.username !== '' || found.password !== '') return undefined;
  found.hash = '';
  if (!found.pathname.endsWith('.json')) found.pathname = `${found.pathname.replace(/\/+$/, '')}${CARD_PATH}`;
  return found.href;
};

export const connectUrl = async (options: UrlOptions): Promise<Agent> => {
  const { name, timeout_ms, signal, mayAsk, user_agent } = options;
  const asking = { signal, redirects: true, mayAsk, user_agent };
  const asked = cardUrl(options.url);
  if (asked === undefined)
    throw new AgentStartError(
      `Failed to reach agent "${name}": "${options.url}" is no address that muster can ask. Give one that begins with http:// or https:// and holds no password; headers for users go in a users file.`,
    );
  if (mayAsk?.(new URL(asked)) === false)
    throw new AgentStartError(
      `Failed to reach agent "${name}": nobody has named ${new URL(asked).hostname} as a host that may be loaded. Name it with --allow-host, if its owner agrees.`,
    );
  const started_ms = performance.now();
  const answer = await fetchCard(asked, { timeout_ms, ...asking });
  const problem = answer.got === 'card' ? cardProblem(answer.card) : answer.sentence;
  if (answer.got !== 'card' || problem !== undefined)
    throw new AgentStartError(
      `Failed to reach agent "${name}" at ${asked}: it ${problem}. Give the address below which /.well-known/agent-card.json is served, or the card's own address, ending in .json.`,
    );
  const { card, url } = answer;
  return {
    name,
    how: 'url',
    url,
    card,
    summary: summarizeCard(card),
    boot_ms: performance.now() - started_ms,
    // Another port of the same host is common; another host gets users' headers only when it is named itself.
    owns: ({ hostname }) => hostname === new URL(url).hostname,
    probe: (probe_ms) => probeCard(url, String(card.name), { timeout_ms: probe_ms, ...asking }),
    [Symbol.asyncDispose]: async () => {},
  };
};
