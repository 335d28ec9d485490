/** One agent, named as on the command line, up for as long as somebody talks with it: `muster init` and `muster doctor` do. */
import { fixtures } from '../../fixtures/table.ts';
import { connectUrl } from '../agents/connect-url.ts';
import type { Agent } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import { DEFAULT_POLICY } from '../plan/defaults.ts';
import { openSessions } from './open-sessions.ts';

export interface NamedAgent {
  readonly kind: 'command' | 'url' | 'fixture';
  readonly value: string;
}

export interface WithAgentOptions {
  /** Whose session it is, where muster starts it. */
  readonly user: string;
  readonly signal: AbortSignal;
  readonly ports?: PortsPlan;
}

/** Throws `AgentStartError` where there is none. */
export async function withAgent<T>(
  { kind, value }: NamedAgent,
  { user, signal, ports }: WithAgentOptions,
  use: (agent: Agent) => Promise<T>,
): Promise<T> {
  if (kind === 'url') {
    await using agent = await connectUrl({
      name: 'agent',
      url: value,
      timeout_ms: DEFAULT_POLICY.answer_ms_max,
      signal,
    });
    return await use(agent);
  }
  const peer = fixtures.find(({ name }) => name === value)?.peer;
  const named = kind === 'command' ? { command: value } : { fixture: [value, ...(peer ? [peer] : [])] };
  await using sessions = await openSessions({ ...named, ...(ports && { ports }) });
  const session = await sessions.open({ user, agents: peer === undefined ? 1 : 2, signal });
  const [agent] = session.agents;
  if (agent === undefined) throw new Error('Failed to open a session with an agent: it has none');
  return await use(agent);
}
