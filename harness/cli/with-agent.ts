/** One agent, named as on the command line, up for as long as somebody talks with it: `muster init` and `muster doctor` do. */
import { findFixture } from '../../fixtures/table.ts';
import { connectUrl } from '../agents/connect-url.ts';
import type { Agent } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import { DEFAULT_POLICY, SESSION_BLOCK } from '../plan/defaults.ts';
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
  const { peer, crew = {} } = (kind === 'fixture' ? findFixture(value) : undefined) ?? {};
  const named = kind === 'command' ? { command: value } : { fixture: [value, ...(peer ? [peer] : [])] };
  const block = Math.max(ports?.block ?? 0, SESSION_BLOCK);
  await using sessions = await openSessions({ ...named, ports: { ...ports, block } });
  const agents = 1 + (peer === undefined ? 0 : 1) + Object.keys(crew).length;
  const session = await sessions.open({ user, agents, signal });
  const [agent] = session.agents;
  if (agent === undefined) throw new Error('Failed to open a session with an agent: it has none');
  return await use(agent);
}
