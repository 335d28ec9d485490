/**
 * Sessions of real or simulated agents, with all that they need: the pool of ports, the warden for agents in processes of their own, and
 * how each agent of a session is started. Closing ends the sessions first, then the warden, and the pool last.
 */
import { join } from 'node:path';
import { startFixture } from '../agents/start-fixture.ts';
import { startProcess } from '../agents/start-process.ts';
import { simulatedUrl, startSimulated } from '../agents/start-simulated.ts';
import { openWarden, type Warden } from '../agents/warden.ts';
import type { Unstamped } from '../model/history.ts';
import type { Agent, Respond } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import type { HealthPolicy, SessionEvent, SessionLimits, SessionMode, Sessions, StandUp } from '../model/session.ts';
import { answerThrough } from '../msw/answer-through.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { AGENTS_MAX, openSessions } from '../sessions/open-sessions.ts';
import { openBlocks } from './blocks.ts';
import { handOver } from './hand-over.ts';
import type { LiveTarget } from './options.ts';
import { type Place, standOnBlocks } from './stand-session.ts';
import { askOf, isOutOfPorts, standSimulated, urlsBeside } from './stand-simulated.ts';
import { variablesOf } from './start-agent.ts';

export interface TargetSessionsOptions {
  /** Agent i of a session is target i, and they begin anew where there are fewer of them. */
  readonly targets: readonly Exclude<LiveTarget, { readonly kind: 'url' }>[];
  /** `simulated` agents are asked through their `respond`, and need neither ports nor processes. */
  readonly mode: SessionMode;
  /** What becomes of a session for whom there is no port left; without it, it is refused. */
  readonly fallback?: 'simulated';
  readonly ports: PortsPlan;
  readonly limits: SessionLimits;
  readonly health: HealthPolicy;
  readonly ready_ms_max: number;
  /** For what agents in processes of their own print. */
  readonly log_folder: string;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Ports leased, returned and stolen. */
  readonly onPorts?: (event: Unstamped) => void;
}

export async function openTargetSessions(options: TargetSessionsOptions): Promise<Sessions> {
  await using opening = new AsyncDisposableStack();
  const standUp = options.mode === 'simulated' ? standInMemory(options) : await openGround(options, opening);
  const sessions = opening.use(
    openSessions({
      mode: options.mode,
      limits: options.limits,
      health: options.health,
      agents_max: Math.min(AGENTS_MAX, options.ports.block),
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
      standUp,
    }),
  );
  const closers = opening.move();
  return { ...sessions, [Symbol.asyncDispose]: () => closers.disposeAsync() };
}

/** What real sessions need outlives them: it is closed after what is opened next. */
async function openGround(options: TargetSessionsOptions, opening: AsyncDisposableStack): Promise<StandUp> {
  const pool = opening.use(await openPortPool(options.ports));
  const needsProcesses = options.targets.some((target) => !isInProcess(target));
  const warden = needsProcesses ? opening.use(await openWarden()) : undefined;
  const standReal = standOnBlocks({
    blocks: openBlocks(pool, options.onPorts ?? (() => {})),
    holderOf: ({ id }) => id,
    start: (place) => startAt(place, options, warden),
    stop: stopAgent,
  });
  if (options.fallback === undefined) return standReal;
  const standSpare = standInMemory(options);
  return (session) =>
    standReal(session).catch((error: unknown) => {
      if (!isOutOfPorts(error)) throw error;
      return standSpare(session);
    });
}

function standInMemory({ targets }: TargetSessionsOptions): StandUp {
  const responds = new Map<string, Respond>();
  return standSimulated({
    holderOf: ({ id }) => id,
    start: async (name, index, signal) => {
      const target = targets[index % targets.length];
      if (target?.kind !== 'fixture')
        throw new Error(`Failed to simulate agent "${name}": only a fixture can be simulated.`);
      const peer = { ...toldOfOthers(target, targets, urlsBeside(name)), fetch: askOf(responds) };
      const agent = await startSimulated({ name, fixture: target.fixture, through: answerThrough, signal, peer });
      responds.set(simulatedUrl(name), agent.respond);
      return agent;
    },
    stop: async (agent) => {
      responds.delete(simulatedUrl(agent.name));
      await stopAgent(agent);
    },
  });
}

const stopAgent = (agent: Agent): Promise<void> => Promise.resolve(agent[Symbol.asyncDispose]());

function isInProcess(target: LiveTarget): boolean {
  return target.kind === 'fixture' && target.fixture.process !== 'own';
}

async function startAt(
  place: Place,
  { targets, ready_ms_max, log_folder }: TargetSessionsOptions,
  warden: Warden | undefined,
): Promise<Agent> {
  const { name, index, port, peers, lease, signal } = place;
  const target = targets[index % targets.length];
  if (target === undefined) throw new Error(`Failed to start agent "${name}": no agent was named.`);
  // Where a port is, is known before anybody listens there.
  const told = toldOfOthers(target, targets, (each) => `http://127.0.0.1:${lease.ports[each]}`);
  if (warden === undefined || (target.kind === 'fixture' && isInProcess(target))) {
    if (target.kind !== 'fixture') throw new Error(`Failed to start agent "${name}": there is no warden.`);
    const held = lease.take(port);
    const given = { ...(held === undefined ? {} : { held }), ...told, peers };
    return startFixture({ name, fixture: target.fixture, port, ...given, signal });
  }
  return startProcess({
    name,
    command: target.command,
    port,
    ...(await handOver(target, lease, [port])),
    env: {
      MUSTER_PORTS: lease.ports.join(' '),
      PEER_URLS: peers.join(' '),
      ...variablesOf(told),
    },
    log_path: join(log_folder, `${name.replaceAll('/', '-')}.log`),
    warden,
    ready_ms_max,
    signal,
    // The health watch finds an agent that is gone, and the sentence of a start that failed tells its exit.
    onExit: () => {},
  });
}

/** The agents of the same session that an agent delegates to, by where they are in it. */
function toldOfOthers(
  target: LiveTarget,
  targets: TargetSessionsOptions['targets'],
  urlAt: (place: number) => string,
): { readonly peer?: string; readonly crew: Readonly<Record<string, string>> } {
  if (target.kind !== 'fixture') return { crew: {} };
  const urlOf = (name: string | undefined): string | undefined => {
    const place = targets.findIndex((each) => each.kind === 'fixture' && each.fixture.name === name);
    return place === -1 ? undefined : urlAt(place);
  };
  const peer = urlOf(target.fixture.peer);
  const crew = Object.entries(target.fixture.crew ?? {}).flatMap(([role, name]) => {
    const url = urlOf(name);
    return url === undefined ? [] : [[role, url] as const];
  });
  return { ...(peer === undefined ? {} : { peer }), crew: Object.fromEntries(crew) };
}
