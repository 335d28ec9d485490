/**
 * What one scenario plays on: its agents, the ports they hold, and the proxies before those whose wire is to break. Closing the
 * stage stops every agent and returns every port, in whatever state the scenario was left.
 */
import { lingeringOn } from '../agents/listeners.ts';
import { startFixture } from '../agents/start-fixture.ts';
import { FaultFailed } from '../faults/fault.ts';
import type { FaultProxy, OnCall } from '../faults/proxy/proxy.ts';
import type { ToxicFront } from '../faults/toxiproxy/server.ts';
import type { Transport } from '../model/a2a.ts';
import type { PortEvent, Unstamped } from '../model/history.ts';
import type { Agent, Fixture, PortPool, ProcessAgent, TellLie, Wire } from '../model/live.ts';
import { tokensIn } from '../model/marks.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import { crewName, type PeerName } from '../model/peers.ts';
import type { PortsPlan } from '../model/plan.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { LockFolderError } from '../ports/lock-folder.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { isolationStrategies } from '../sessions/isolation/table.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { type Cast, openCast } from './cast.ts';
import { openFronts } from './fronts.ts';
import { openGround } from './isolation-ground.ts';
import { type IsolatedSessions, openIsolatedSessions } from './isolation-stage.ts';
import { openLinks } from './links.ts';
import { openSurroundings } from './neighbours/surroundings.ts';
import { NotApplicable, TargetError } from './options.ts';
import { hasPeer, openSimulatedStage, type PeerAccess, simulating } from './simulated-stage.ts';
import { type Servers, standServers } from './stage-servers.ts';
import { openStageSessions } from './stage-sessions.ts';
import { connectTarget, howToStart, type Place, type StartOptions, startAgent } from './start-agent.ts';

export interface StageOptions extends StartOptions {
  readonly peer: Fixture;
  readonly crew?: Readonly<Record<string, Fixture>> | undefined;
  /** The name of the run, for whoever wonders who has its ports. */
  readonly run: string;
  readonly headersOf: (index: number) => Readonly<Record<string, string>>;
}

export interface Stage extends AsyncDisposable {
  /** Starts the target, and its peer where it has one. Throws what the agent's start throws. */
  startTarget(): Promise<Agent>;
  wireOf(name: AgentName, over?: Transport): Pick<Wire, 'perform' | 'traffic'> | undefined;
  transportsOf(name: AgentName): readonly Transport[];
  transportOf(name: AgentName): Transport | undefined;
  processOf(name: AgentName): ProcessAgent | undefined;
  proxyOf(target: FaultPlan['target']): FaultProxy | undefined;
  lieOf(name: AgentName): TellLie | undefined;
  toxicsOf(name: AgentName): ToxicFront | undefined;
  openSession(session: string, agents: number): Promise<Outcome>;
  closeSession(session: string): Promise<Outcome>;
  measure(name: AgentName): Promise<Outcome>;
  probe(): Promise<void>;
}

export async function openStage(given: StageOptions): Promise<Stage> {
  const { plan, scenario, target, emit, signal } = given;
  if (plan.mode === 'simulated') return openSimulatedStage(given);
  const how = howToStart(given);
  await using opening = new AsyncDisposableStack();
  const { ports, agentStarts } = opening.use(await orTargetError(openSurroundings(given)));
  const agentMoved = (name: AgentName): Promise<void> => cast.follow(name);
  const options = { ...given, agentStarts, agentMoved };
  const pool = opening.use(await orTargetError(openPool(options, ports)));
  const blocks = openBlocks(pool, emit, scenario.range === undefined ? undefined : lingeringOn);
  const cast = opening.use(
    openCast(plan, emit, {
      agents_hang_up: scenario.agents_hang_up === true,
      all_transports: scenario.transports === 'all',
    }),
  );
  const simulated = simulating(options, cast);
  const isolated = await openIsolated(options, blocks, cast, opening);
  let servers: Servers | undefined;
  let crew: Readonly<Record<string, string>> = {};
  const sessions =
    isolated ??
    opening.use(openStageSessions(options, blocks, cast, simulated, () => ({ peers: servers?.urls ?? [], crew })));
  const fronts = opening.use(await orTargetError(openFronts(scenario.faults, plan.toxiproxy, signal)));
  const links = opening.use(openLinks(scenario.faults, signal));
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

  const startPeer = async (name: PeerName, fixture: Fixture): Promise<string> => {
    const peer = await standOnBlock(name, 'in-process', ({ lease, ports: [port = 0] }) =>
      startFixture({ name, fixture, port, held: lease.take(port), signal }),
    );
    // A client resolves the card from the base address, so that is what an agent is told of its peer.
    return fronts.open(name, peer.url, tellPeerCalls(name, emit));
  };

  const startPeers = async (): Promise<PeerAccess> => {
    for (const [role, fixture] of Object.entries(options.crew ?? {}))
      crew = { ...crew, [role]: await startPeer(crewName(role), fixture) };
    const isNeeded = hasPeer(target) || scenario.faults.some((fault) => fault.target === 'peer');
    return { crew, ...(isNeeded ? { peer: await startPeer('peer', options.peer) } : {}) };
  };

  return {
    async startTarget() {
      if (target.kind === 'url')
        return cast.stand('agent', how, () => connectTarget(options, 'agent'), fronts.viaTo('agent'));
      if (scenario.servers !== undefined) {
        servers = closers.use(
          await standServers(options, blocks, cast, { count: scenario.servers, links, viaTo: fronts.viaTo }),
        );
        const [first] = servers.agents;
        if (first !== undefined) return first;
      }
      const access = await simulated.unlessPorts(startPeers, simulated.standPeers);
      const simulate = () => simulated.stand('agent', access);
      // Nobody but another simulated agent can reach peers that are simulated.
      if (access.fetch !== undefined) return simulate();
      return simulated.unlessPorts(
        () => standOnBlock('agent', how, (place) => startAgent(options, 'agent', place, access)),
        simulate,
      );
    },
    wireOf: isolated?.wireOf ?? cast.wireOf,
    transportsOf: cast.transportsOf,
    transportOf: (name) => cast.wireOf(name)?.transport,
    processOf: cast.processOf,
    lieOf: cast.lieOf,
    proxyOf: (target) => fronts.proxyOf(target) ?? links.proxyOf(target),
    toxicsOf: fronts.toxicsOf,
    openSession: sessions.open,
    closeSession: sessions.close,
    measure: cast.measure,
    probe: cast.probe,
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}

/** What the peer is asked, with the tokens in it: by these each call is known for that of one turn. */
function tellPeerCalls(peer: AgentName, emit: StageOptions['emit']): OnCall {
  return ({ operation, message, task }, body) => {
    if (operation === undefined) return;
    const named = { ...(message === undefined ? {} : { message }), ...(task === undefined ? {} : { task }) };
    emit({ type: 'peer-call', peer, operation, tokens: tokensIn(body), ...named });
  };
}

/** Locks that cannot be made are the surroundings' fault and no scenario's: there is no point in going on. */
async function orTargetError<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof LockFolderError || error instanceof FaultFailed)
      throw new TargetError(error.message, { cause: error });
    throw error;
  }
}

/** Nothing where the scenario names no strategy. Throws `NotApplicable` where it cannot be had on this machine. */
async function openIsolated(
  options: StageOptions,
  range: Blocks,
  cast: Cast,
  closers: AsyncDisposableStack,
): Promise<IsolatedSessions | undefined> {
  const { plan, scenario, emit, signal } = options;
  const { isolation: strategy } = scenario;
  if (strategy === undefined) return undefined;
  const system = closers.use(await orTargetError(openPool(options, { ...plan.ports, from: 'os' })));
  const ground = openGround({ options, cast, blocks: { range, os: openBlocks(system, emit) } });
  const obstacle = await isolationStrategies[strategy].whyNot?.(ground);
  if (obstacle !== undefined) throw new NotApplicable(obstacle);
  const { scenario_ms_max } = plan.limits;
  const agents_max = plan.ports.block;
  return closers.use(await openIsolatedSessions({ strategy, ground, cast, agents_max, scenario_ms_max, emit, signal }));
}

function openPool({ scenario, run, emit }: StageOptions, ports: PortsPlan): Promise<PortPool> {
  const onEvent = (event: Unstamped<PortEvent>): void => {
    // Of the others the history is told when the agents on the block have come or gone.
    if (event.phase === 'passed-over') emit(event);
  };
  return openPortPool(ports, { run, onEvent, ...(scenario.blocks === undefined ? {} : { blocks: scenario.blocks }) });
}
