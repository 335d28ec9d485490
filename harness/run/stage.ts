/**
 * The agents of one scenario, with the ports they hold, the wires to them and the proxies in front of them. Closing the
 * stage stops every agent and returns every port, in whatever state the scenario was left.
 */
import { join } from 'node:path';
import { StrangerOnPort } from '../agents/agent-errors.ts';
import { connectUrl } from '../agents/connect-url.ts';
import { startFixture } from '../agents/start-fixture.ts';
import { startProcess } from '../agents/start-process.ts';
import type { Warden } from '../agents/warden.ts';
import { type FaultProxy, openProxy } from '../faults/proxy/proxy.ts';
import type { Unstamped } from '../model/history.ts';
import type { Agent, Fixture, PortLease, PortPool, ProcessAgent, Wire } from '../model/live.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';
import { openWire } from '../wire/wire.ts';
import type { LiveTarget } from './options.ts';

/** So many blocks are tried before the strangers on them are taken for a reason to stop. */
const BLOCKS_TRIED_MAX = 5;
const CONNECTIONS_MAX = 256;

export interface StageOptions {
  readonly plan: Plan;
  readonly scenario: ScenarioPlan;
  readonly target: LiveTarget;
  readonly peer: Fixture;
  readonly warden: Warden;
  readonly log_folder: string;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
}

interface Standing {
  readonly agent: Agent;
  readonly wire: Wire;
  readonly close: () => Promise<void>;
}

export interface Stage extends AsyncDisposable {
  /** Starts the target, and its peer where a fault needs one. Throws what the agent's start throws. */
  startTarget(): Promise<Agent>;
  wireOf(name: AgentName): Wire | undefined;
  processOf(name: AgentName): ProcessAgent | undefined;
  proxyOf(name: 'agent' | 'peer'): FaultProxy | undefined;
  openSession(session: string, agents: number): Promise<Outcome>;
  closeSession(session: string): Promise<Outcome>;
  /** Asks every agent that stands whether it still answers. */
  probe(): Promise<void>;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { plan, scenario, target, emit, signal } = options;
  const pool = await openPortPool(plan.ports, scenario.blocks === undefined ? {} : { blocks: scenario.blocks });
  const how = howOf(options);
  const standing = new Map<AgentName, Standing>();
  const sessions = new Map<string, { readonly lease: PortLease; readonly names: readonly AgentName[] }>();
  const proxies = new Map<'agent' | 'peer', FaultProxy>();
  const closers = new AsyncDisposableStack();
  closers.use(pool);

  const stop = async (name: AgentName): Promise<void> => {
    const entry = standing.get(name);
    standing.delete(name);
    await entry?.close();
  };

  /** Leases a block for one agent and starts it there; a stranger on the block costs the block, not the scenario. */
  const startOnOwnBlock = async (name: AgentName, start: (port: number) => Promise<Agent>): Promise<Agent> => {
    for (let tried = 1; ; tried += 1) {
      const lease = await leaseBlock(pool, name, emit);
      closers.defer(() => returnBlock(lease, emit));
      try {
        return await start(lease.ports[0] ?? 0);
      } catch (error) {
        if (!(error instanceof StrangerOnPort) || tried >= BLOCKS_TRIED_MAX) throw error;
        emit({ type: 'port', phase: 'stolen', holder: name, ports: lease.ports, by: error.by });
      }
    }
  };

  const startOn = (name: AgentName, port: number, peerUrl: string | undefined): Promise<Agent> => {
    const peer = peerUrl === undefined ? {} : { peer: peerUrl };
    if (target.kind === 'url') {
      return connectUrl({ name, url: target.url, timeout_ms: plan.policy.answer_ms_max, signal });
    }
    if (target.kind === 'fixture' && how === 'in-process') {
      return startFixture({ name, fixture: target.fixture, port, ...peer, signal });
    }
    return startProcess({
      name,
      command: target.command,
      port,
      ...(peerUrl === undefined ? {} : { env: { PEER_URL: peerUrl } }),
      log_path: join(options.log_folder, `${scenario.name}-${name.replaceAll('/', '-')}.log`),
      warden: options.warden,
      ready_ms_max: plan.limits.ready_ms_max,
      signal,
      onExit: (exit) => emit({ type: 'agent', phase: 'exited', agent: name, ...exit }),
    });
  };

  const stand = async (name: AgentName, how: Agent['how'], start: () => Promise<Agent>): Promise<Agent> => {
    emit({ type: 'agent', phase: 'starting', agent: name, how });
    const agent = await start();
    try {
      const wire = await openWire({
        card: agent.card,
        url: agent.url,
        ...(plan.transport === undefined ? {} : { transport: plan.transport }),
        answer_bytes_max: plan.limits.answer_bytes_max,
        stream_events_max: plan.limits.stream_events_max,
        connections_max: CONNECTIONS_MAX,
        user_agent: `muster/${plan.muster}`,
      });
      const { url, summary, boot_ms, pid } = agent;
      emit({
        type: 'agent',
        phase: 'ready',
        agent: name,
        url,
        transport: wire.transport,
        card: summary,
        boot_ms,
        ...(pid === undefined ? {} : { pid }),
      });
      const close = async (): Promise<void> => {
        await wire[Symbol.asyncDispose]();
        await agent[Symbol.asyncDispose]();
        emit({ type: 'agent', phase: 'stopped', agent: name });
      };
      standing.set(name, { agent, wire, close });
      return agent;
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
  };

  const startPeer = async (): Promise<string> => {
    const peer = await stand('peer', 'in-process', () =>
      startOnOwnBlock('peer', (port) => startFixture({ name: 'peer', fixture: options.peer, port, signal })),
    );
    const proxy = closers.use(await openProxy({ upstream: peer.url, signal }));
    proxies.set('peer', proxy);
    // A peer is told as the base address that an A2A client resolves the card from.
    return new URL(proxy.url).origin;
  };

  return {
    async startTarget() {
      const breaksPeer = scenario.faults.some((fault) => fault.target === 'peer');
      const hasPeer = target.kind !== 'url' && (breaksPeer || (target.kind === 'fixture' && target.fixture.peer));
      const peerUrl = hasPeer ? await startPeer() : undefined;
      return stand('agent', how, () =>
        target.kind === 'url'
          ? startOn('agent', 0, undefined)
          : startOnOwnBlock('agent', (port) => startOn('agent', port, peerUrl)),
      );
    },
    wireOf: (name) => standing.get(name)?.wire,
    processOf: (name) => {
      const agent = standing.get(name)?.agent;
      return agent !== undefined && isProcess(agent) ? agent : undefined;
    },
    proxyOf: (name) => proxies.get(name),
    async openSession(session, agents) {
      const lease = await leaseBlock(pool, session, emit).catch((error: unknown) => {
        if (error instanceof PortsExhausted) return error;
        throw error;
      });
      if (lease instanceof PortsExhausted) return refused(lease.message);
      const names = Array.from({ length: agents }, (_, index) => `${session}/agent-${index + 1}`);
      sessions.set(session, { lease, names });
      try {
        await Promise.all(
          names.map((name, index) => stand(name, how, () => startOn(name, lease.ports[index] ?? 0, undefined))),
        );
      } catch (error) {
        await endSession(session);
        return refused(error instanceof Error ? error.message : String(error));
      }
      return { type: 'ok', value: { value: names.join(',') } };
    },
    async closeSession(session) {
      await endSession(session);
      return { type: 'ok', value: {} };
    },
    async probe() {
      for (const [name, { agent }] of standing) {
        const { answers, reason } = await agent.probe(plan.policy.answer_ms_max);
        emit({ type: 'agent', phase: 'probed', agent: name, answers, ...(reason === undefined ? {} : { reason }) });
      }
    },
    async [Symbol.asyncDispose]() {
      for (const session of [...sessions.keys()]) await endSession(session);
      for (const name of [...standing.keys()]) await stop(name);
      await closers.disposeAsync();
    },
  };

  async function endSession(session: string): Promise<void> {
    const open = sessions.get(session);
    sessions.delete(session);
    for (const name of open?.names ?? []) await stop(name);
    if (open !== undefined) await returnBlock(open.lease, emit);
  }
}

async function leaseBlock(pool: PortPool, holder: string, emit: StageOptions['emit']): Promise<PortLease> {
  try {
    const lease = await pool.lease(holder);
    emit({ type: 'port', phase: 'leased', holder, ports: lease.ports });
    return lease;
  } catch (error) {
    if (error instanceof PortsExhausted) {
      const { held, all, message } = error;
      emit({ type: 'port', phase: 'refused', holder, blocks_held: held, blocks_all: all, message });
    }
    throw error;
  }
}

async function returnBlock(lease: PortLease, emit: StageOptions['emit']): Promise<void> {
  // Told before it is done: once the ports are free, the next lease of them may be told at any moment.
  emit({ type: 'port', phase: 'returned', holder: lease.holder, ports: lease.ports });
  await lease[Symbol.asyncDispose]();
}

function refused(message: string): Outcome {
  return { type: 'fail', error: { code: 'session-refused', message } };
}

function howOf({ target, scenario }: StageOptions): 'in-process' | 'process' | 'url' {
  if (target.kind === 'url') return 'url';
  const inProcess = target.kind === 'fixture' && scenario.process !== 'own' && target.fixture.process !== 'own';
  return inProcess ? 'in-process' : 'process';
}

function isProcess(agent: Agent): agent is ProcessAgent {
  return agent.how === 'process' && 'freeze' in agent;
}
