/** Starts one agent of the target in the way that the target and the scenario ask for. */

import { join } from 'node:path';
import { connectUrl } from '../agents/connect-url.ts';
import { startFixture } from '../agents/start-fixture.ts';
import { startProcess } from '../agents/start-process.ts';
import type { Warden } from '../agents/warden.ts';
import type { Unstamped } from '../model/history.ts';
import type { Agent, PortLease } from '../model/live.ts';
import type { AgentName } from '../model/op.ts';
import { crewVariable } from '../model/peers.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { userAgentOf } from '../model/user-agent.ts';
import { isAllowedHost } from '../plan/allowed-hosts.ts';
import { handOver } from './hand-over.ts';
import type { LiveTarget } from './options.ts';

export interface StartOptions {
  readonly plan: Plan;
  readonly scenario: ScenarioPlan;
  readonly target: LiveTarget;
  readonly warden: Warden;
  readonly log_folder: string;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
  /** Called before an agent binds its port, or is handed the socket of it. */
  readonly agentStarts?: (port: number) => Promise<void>;
  /** Called when an agent answers on another port than before. */
  readonly agentMoved?: (name: AgentName) => Promise<void>;
}

export function howToStart({ target, scenario }: Pick<StartOptions, 'target' | 'scenario'>): Agent['how'] {
  if (target.kind === 'url') return 'url';
  const inProcess = target.kind === 'fixture' && scenario.process !== 'own' && target.fixture.process !== 'own';
  return inProcess ? 'in-process' : 'process';
}

export interface Place {
  readonly lease: PortLease;
  /** Those of the lease that are the agent's; it answers on the first. */
  readonly ports: readonly number[];
}

export function connectTarget({ plan, target, signal }: StartOptions, name: AgentName): Promise<Agent> {
  if (target.kind !== 'url') throw new Error(`Failed to connect to agent "${name}": it has no address.`);
  const { load } = plan;
  return connectUrl({
    name,
    url: target.url,
    timeout_ms: plan.policy.answer_ms_max,
    signal,
    user_agent: userAgentOf(plan),
    ...(load && { mayAsk: ({ hostname }) => isAllowedHost(hostname, load.allowed_hosts) }),
  });
}

export interface Told {
  /** Base addresses of the agent that it is to delegate to, and of the others of its group. */
  readonly peer?: string | undefined;
  readonly peers?: readonly string[];
  /** Of those that work for it, by what they do. */
  readonly crew?: Readonly<Record<string, string>>;
  /** For an agent that is a process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Throws what the start throws. */
export async function startAgent(
  options: StartOptions,
  name: AgentName,
  { lease, ports }: Place,
  { peer, peers = [], crew = {}, env }: Told = {},
): Promise<Agent> {
  const { plan, scenario, target, signal } = options;
  const [port = 0] = ports;
  // The last one, since what else an agent opens it opens next to its port.
  const otherPort = ports.length > 1 ? ports.at(-1) : undefined;
  if (target.kind === 'url') return connectTarget(options, name);
  if (target.kind === 'fixture' && howToStart(options) === 'in-process') {
    await options.agentStarts?.(port);
    const held = lease.take(port);
    const { fixture } = target;
    return startFixture({ name, fixture, port, held, ...(peer === undefined ? {} : { peer }), peers, crew, signal });
  }
  return startProcess({
    name,
    command: target.command,
    port,
    ...(otherPort === undefined ? {} : { otherPort, onMoved: async () => options.agentMoved?.(name) }),
    ...(await handOver(target, lease, ports, scenario.socket)),
    env: {
      ...env,
      ...(peers.length === 0 ? {} : { PEER_URLS: peers.join(' ') }),
      ...variablesOf({ peer, crew }),
    },
    log_path: join(options.log_folder, `${scenario.name}-${name.replaceAll('/', '-')}.log`),
    warden: wardenOf(options, port),
    ready_ms_max: plan.limits.ready_ms_max,
    signal,
    onExit: (exit) => options.emit({ type: 'agent', phase: 'exited', agent: name, ...exit }),
  });
}

/** How a command is told of those that it delegates to. */
export const variablesOf = ({ peer, crew = {} }: Told): Readonly<Record<string, string>> => ({
  ...(peer === undefined ? {} : { PEER_URL: peer }),
  ...Object.fromEntries(Object.entries(crew).map(([role, url]) => [crewVariable(role), url])),
});

/** After muster has looked whether the port is free, and before the agent runs: that is the window for a thief. */
function wardenOf({ warden, scenario: { descriptors }, agentStarts }: StartOptions, port: number): Warden {
  return {
    ...warden,
    spawn: async (request, socket) => {
      await agentStarts?.(port);
      return warden.spawn({ ...request, ...(descriptors === undefined ? {} : { descriptors }) }, socket);
    },
  };
}
