/**
 * What one scenario plays on: its agents, the ports they hold, and the proxies before those whose wire is to break. Closing the
 * stage stops every agent and returns every port, in whatever state the scenario was left.
 */
import { startFixture } from '../agents/start-fixture.ts';
import type { FaultProxy } from '../faults/proxy/proxy.ts';
import type { Agent, Fixture, PortPool, ProcessAgent, Wire } from '../model/live.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import type { Session } from '../model/session.ts';
import { LockFolderError } from '../ports/lock-folder.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { openSessions } from '../sessions/open-sessions.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { type Cast, openCast } from './cast.ts';
import { openFronts } from './fronts.ts';
import { TargetError } from './options.ts';
import { reasonOf } from './reason-of.ts';
import { openSimulatedStage, type PeerAccess, type Simulating, simulating } from './simulated-stage.ts';
import { standOnBlocks } from './stand-session.ts';
import { connectTarget, howToStart, type Place, type StartOptions, startAgent } from './start-agent.ts';

const UNLIMITED = {
  sessions_max: Number.MAX_SAFE_INTEGER,
  sessions_per_user_max: Number.MAX_SAFE_INTEGER,
  sessions_per_address_max: Number.MAX_SAFE_INTEGER,
  starts_per_s_max: Number.MAX_SAFE_INTEGER,
};

export interface StageOptions extends StartOptions {
  readonly peer: Fixture;
  /** The name of the run, for whoever wonders who has its ports. */
  readonly run: string;
}

export interface Stage extends AsyncDisposable {
  /** Starts the target, and its peer where it has one. Throws what the agent's start throws. */
  startTarget(): Promise<Agent>;
  wireOf(name: AgentName): Wire | undefined;
  processOf(name: AgentName): ProcessAgent | undefined;
  proxyOf(name: 'agent' | 'peer'): FaultProxy | undefined;
  openSession(session: string, agents: number): Promise<Outcome>;
  closeSession(session: string): Promise<Outcome>;
  probe(): Promise<void>;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { plan, scenario, target, emit, signal } = options;
  if (plan.mode === 'simulated') return openSimulatedStage(options);
  const how = howToStart(options);
  await using opening = new AsyncDisposableStack();
  const pool = opening.use(await openPool(options));
  const blocks = openBlocks(pool, emit);
  const cast = opening.use(openCast(plan, emit));
  const simulated = simulating(options, cast);
  const sessions = opening.use(openStageSessions(options, blocks, cast, simulated));
  const fronts = opening.use(openFronts(scenario.faults, signal));
  const closers = opening.move();

  /** Agents stop before their ports are returned: the cast is closed after what is deferred here was deferred. */
  const standOnBlock = (name: AgentName, as: Agent['how'], start: (place: Place) => Promise<Agent>): Promise<Agent> =>
    cast.stand(
      name,
      as,
      async () => {
        const { started, lease } = await blocks.startOn(name, (lease) => start({ lease, ports: lease.ports }));
        closers.defer(async () => {
          await cast.stop(name);
          await blocks.giveBack(lease);
        });
        return started;
      },
      fronts.viaTo(name),
    );

  const startPeer = async (): Promise<PeerAccess> => {
    const peer = await standOnBlock('peer', 'in-process', ({ lease, ports: [port = 0] }) =>
      startFixture({ name: 'peer', fixture: options.peer, port, held: lease.take(port), signal }),
    );
    // A client resolves the card from the base address, so that is what an agent is told of its peer.
    return { peer: await fronts.open('peer', peer.url) };
  };

  return {
    async startTarget() {
      if (target.kind === 'url')
        return cast.stand('agent', how, () => connectTarget(options, 'agent'), fronts.viaTo('agent'));
      const breaksPeer = scenario.faults.some((fault) => fault.target === 'peer');
      const hasPeer = target.kind === 'fixture' && target.fixture.peer !== undefined;
      const access = breaksPeer || hasPeer ? await simulated.unlessPorts(startPeer, simulated.standPeer) : undefined;
      const simulate = () => simulated.stand('agent', access);
      // Nobody but another simulated agent can reach a peer that is simulated.
      if (access?.fetch !== undefined) return simulate();
      return simulated.unlessPorts(
        () => standOnBlock('agent', how, (place) => startAgent(options, 'agent', place, access?.peer)),
        simulate,
      );
    },
    wireOf: cast.wireOf,
    processOf: cast.processOf,
    proxyOf: fronts.proxyOf,
    openSession: sessions.open,
    closeSession: sessions.close,
    probe: cast.probe,
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}

/** Locks that cannot be made are the surroundings' fault and no scenario's: there is no point in going on. */
async function openPool({ plan, scenario, run }: StageOptions): Promise<PortPool> {
  try {
    return await openPortPool(plan.ports, {
      run,
      ...(scenario.blocks === undefined ? {} : { blocks: scenario.blocks }),
    });
  } catch (error) {
    if (error instanceof LockFolderError) throw new TargetError(error.message, { cause: error });
    throw error;
  }
}

interface StageSessions extends AsyncDisposable {
  open(session: string, agents: number): Promise<Outcome>;
  close(session: string): Promise<Outcome>;
}

/**
 * Each session has agents of its own on a block of its own. The plan says how many come and go, so here they meet no limit
 * but that of the ports; and nobody watches their health, for an agent that falls silent is what the checks are after.
 */
function openStageSessions(options: StageOptions, blocks: Blocks, cast: Cast, simulated: Simulating): StageSessions {
  const how = howToStart(options);
  const { scenario_ms_max } = options.plan.limits;
  const standUp = standOnBlocks({
    blocks,
    holderOf: ({ user }) => user,
    start: ({ name, lease, port }) => cast.stand(name, how, () => startAgent(options, name, { lease, ports: [port] })),
    stop: ({ name }) => cast.stop(name),
  });
  const sessions = openSessions({
    mode: 'real',
    limits: { ...UNLIMITED, idle_ms_max: scenario_ms_max },
    agents_max: options.plan.ports.block,
    standUp: (session) =>
      simulated.unlessPorts(
        () => standUp(session),
        () => simulated.standSession(session),
      ),
  });
  const open = new Map<string, Session>();
  return {
    async open(name, agents) {
      try {
        const session = await sessions.open({ user: name, agents });
        open.set(name, session);
        return { type: 'ok', value: { value: session.agents.map((agent) => agent.name).join(',') } };
      } catch (error) {
        const message = reasonOf(error);
        return { type: 'fail', error: { code: 'session-refused', message } };
      }
    },
    async close(name) {
      const session = open.get(name);
      open.delete(name);
      await session?.[Symbol.asyncDispose]();
      return { type: 'ok', value: {} };
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
