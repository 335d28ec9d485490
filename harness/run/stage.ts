/**
 * What one scenario plays on: its agents, the ports they hold, and the proxy before a peer that is to break. Closing the
 * stage stops every agent and returns every port, in whatever state the scenario was left.
 */
import { startFixture } from '../agents/start-fixture.ts';
import { type FaultProxy, openProxy } from '../faults/proxy/proxy.ts';
import type { Agent, Fixture, PortLease, PortPool, ProcessAgent, Wire } from '../model/live.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import { LockFolderError } from '../ports/lock-folder.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { type Cast, openCast } from './cast.ts';
import { TargetError } from './options.ts';
import { reasonOf } from './reason-of.ts';
import { connectTarget, howToStart, type Place, type StartOptions, startAgent } from './start-agent.ts';

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
  const how = howToStart(options);
  await using opening = new AsyncDisposableStack();
  const pool = opening.use(await openPool(options));
  const blocks = openBlocks(pool, emit);
  const cast = opening.use(openCast(plan, emit));
  const sessions = opening.use(openSessions(options, blocks, cast));
  const proxies = new Map<'agent' | 'peer', FaultProxy>();
  const closers = opening.move();

  /** Agents stop before their ports are returned: the cast is closed after what is deferred here was deferred. */
  const standOnBlock = (name: AgentName, as: Agent['how'], start: (place: Place) => Promise<Agent>): Promise<Agent> =>
    cast.stand(name, as, async () => {
      const { started, lease } = await blocks.startOn(name, (lease) => start({ lease, ports: lease.ports }));
      closers.defer(async () => {
        await cast.stop(name);
        await blocks.giveBack(lease);
      });
      return started;
    });

  const startPeer = async (): Promise<string> => {
    const peer = await standOnBlock('peer', 'in-process', ({ lease, ports: [port = 0] }) =>
      startFixture({ name: 'peer', fixture: options.peer, port, held: lease.take(port), signal }),
    );
    const proxy = closers.use(await openProxy({ upstream: peer.url, signal }));
    proxies.set('peer', proxy);
    // A client resolves the card from the base address, so that is what an agent is told of its peer.
    return new URL(proxy.url).origin;
  };

  return {
    async startTarget() {
      if (target.kind === 'url') return cast.stand('agent', how, () => connectTarget(options, 'agent'));
      const breaksPeer = scenario.faults.some((fault) => fault.target === 'peer');
      const hasPeer = target.kind === 'fixture' && target.fixture.peer !== undefined;
      const peer = breaksPeer || hasPeer ? await startPeer() : undefined;
      return standOnBlock('agent', how, (place) => startAgent(options, 'agent', place, peer));
    },
    wireOf: cast.wireOf,
    processOf: cast.processOf,
    proxyOf: (name) => proxies.get(name),
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

interface Sessions extends AsyncDisposable {
  open(session: string, agents: number): Promise<Outcome>;
  close(session: string): Promise<Outcome>;
}

/** Each session has agents of its own on a block of its own. */
function openSessions(options: StageOptions, blocks: Blocks, cast: Cast): Sessions {
  const open = new Map<string, { readonly lease: PortLease; readonly names: readonly AgentName[] }>();
  const how = howToStart(options);

  const standAll = async (names: readonly AgentName[], lease: PortLease): Promise<void> => {
    const starts = names.map((name, index) =>
      cast.stand(name, how, () => startAgent(options, name, { lease, ports: lease.ports.slice(index, index + 1) })),
    );
    const failed = (await Promise.allSettled(starts)).find((each) => each.status === 'rejected');
    if (failed === undefined) return;
    for (const name of names) await cast.stop(name);
    throw failed.reason;
  };
  const close = async (session: string): Promise<void> => {
    const ending = open.get(session);
    if (ending === undefined) return;
    open.delete(session);
    for (const name of ending.names) await cast.stop(name);
    await blocks.giveBack(ending.lease);
  };

  return {
    async open(session, agents) {
      const names = Array.from({ length: agents }, (_, index) => `${session}/agent-${index + 1}`);
      try {
        const { lease } = await blocks.startOn(session, (block) => standAll(names, block));
        open.set(session, { lease, names });
        return { type: 'ok', value: { value: names.join(',') } };
      } catch (error) {
        const message = reasonOf(error);
        return { type: 'fail', error: { code: 'session-refused', message } };
      }
    },
    async close(session) {
      await close(session);
      return { type: 'ok', value: {} };
    },
    async [Symbol.asyncDispose]() {
      for (const session of [...open.keys()]) await close(session);
    },
  };
}
