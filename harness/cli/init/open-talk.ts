/** A wire to one interface of an agent, for a few words and not for a load; and callers who are nobody's users. */
import type { Transport } from '../../model/a2a.ts';
import type { Agent, Wire } from '../../model/live.ts';
import { DEFAULT_LIMITS } from '../../plan/defaults.ts';
import { openWire } from '../../wire/wire.ts';
import { VERSION } from '../version.ts';
import type { Headers } from './conversation.ts';

export const MADE_UP: readonly Headers[] = [
  { authorization: 'Bearer muster-user-1' },
  { authorization: 'Bearer muster-user-2' },
];

const CONNECTIONS_MAX = 4;

/** `card` in place of the agent's own, for who wants one of its interfaces only. Throws `NoTransport`. */
export function openTalk(
  agent: Pick<Agent, 'card' | 'url' | 'respond'>,
  { transport, card = agent.card, connections_max = CONNECTIONS_MAX }: TalkOptions,
): Promise<Wire> {
  const { url, respond } = agent;
  const { answer_bytes_max, stream_events_max } = DEFAULT_LIMITS;
  const limits = { answer_bytes_max, stream_events_max, connections_max, user_agent: `muster/${VERSION}` };
  return openWire({ card, url, transport, ...(respond && { respond }), ...limits });
}

export interface TalkOptions {
  readonly transport: Transport;
  readonly card?: Agent['card'];
  readonly connections_max?: number;
}
