/**
 * The ground under an isolation strategy: the ports, agents, programs and doors of the run, as functions. What a strategy does with
 * them is its own; that everything is told in the history and returned is done here.
 */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectUrl } from '../agents/connect-url.ts';
import { readLogTail } from '../agents/log-tail.ts';
import { memoryOf } from '../agents/memory.ts';
import { stopSession } from '../agents/session-control.ts';
import { fillCommand } from '../agents/start-process.ts';
import { openProxy } from '../faults/proxy/proxy.ts';
import type { Agent, PortLease } from '../model/live.ts';
import type { StandUp } from '../model/session.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';
import type { Ground, Program, ProgramRequest, Seat } from '../sessions/isolation/isolation.ts';
import { openTurns } from '../sessions/isolation/turns.ts';
import type { Blocks } from './blocks.ts';
import type { Cast } from './cast.ts';
import { isDeadOwner, ownerName } from './owner-name.ts';
import { refusalOf, standOnBlocks } from './stand-session.ts';
import { howToStart, type StartOptions, startAgent } from './start-agent.ts';

export interface GroundOptions {
  readonly options: StartOptions;
  readonly cast: Cast;
  readonly blocks: Readonly<Record<'range' | 'os', Blocks>>;
}

const GRACE_MS = 2_000;
const POLL_MS = 25;

export function openGround({ options, cast, blocks }: GroundOptions): Ground {
  const { emit, scenario, target } = options;
  const how = howToStart(options);

  const measure: Ground['measure'] = (name, agents, others = []) => {
    const leaders = new Set([...agents.flatMap(({ pid }) => pid ?? []), ...others]);
    const memory = memoryOf([...leaders]);
    if (memory !== undefined) emit({ type: 'session', phase: 'measured', session: name, ...memory });
  };
  const turns = openTurns(availableParallelism());
  const boot: Ground['boot'] = async (begin, ending) => {
    const end = await turns.take(ending);
    try {
      return await begin();
    } finally {
      end();
    }
  };
  const start: Ground['start'] = ({ name, lease, port, signal: ending }) =>
    boot(() => cast.stand(name, how, () => startAgent(options, name, { lease, ports: [port] })), ending);
  const stop: Ground['stop'] = ({ name }) => cast.stop(name);

  const standOn = (from: Blocks): StandUp => {
    const standUp = standOnBlocks({ blocks: from, holderOf: ({ user }) => user, start, stop });
    return async (session) => {
      const stand = await standUp(session);
      let ended: Promise<void> | undefined;
      const end = async (): Promise<void> => {
        measure(session.user, stand.agents);
        await stand[Symbol.asyncDispose]();
      };
      return {
        agents: stand.agents,
        ports: stand.ports,
        restart: stand.restart,
        [Symbol.asyncDispose]: () => {
          ended ??= end();
          return ended;
        },
      };
    };
  };

  return {
    owner: ownerName(),
    isDead: isDeadOwner,
    blocks: scenario.blocks ?? 1,
    transport: options.plan.transport === 'mixed' ? undefined : options.plan.transport,
    start,
    boot,
    stop,
    measure,
    tell: emit,
    standOn: (from) => standOn(blocks[from]),
    standOnLease: (lease) =>
      standOn({ startOn: async (_, begin) => ({ started: await begin(lease), lease }), giveBack: async () => {} }),
    async lease(holder) {
      const { lease } = await blocks.range
        .startOn(holder, async () => {})
        .catch((error: unknown) => {
          throw error instanceof PortsExhausted ? refusalOf(error) : error;
        });
      return returnedThrough(lease, blocks.range);
    },
    commandFor(port) {
      if (target.kind === 'url' || (target.kind === 'command' && target.socket_activation)) return undefined;
      return fillCommand(target.command, { port: String(port) });
    },
    run: (request, ending) => runProgram(options, request, ending),
    startBehindDoor: (seat, { program, upstream, dial }) =>
      cast.stand(seat.name, 'process', async () => {
        const door = await openProxy({ upstream, dial, held: seat.lease.take(seat.port), signal: seat.signal });
        try {
          return await reach(seat, door, program, options.plan.limits.ready_ms_max);
        } catch (error) {
          await door[Symbol.asyncDispose]();
          throw error;
        }
      }),
  };
}

/** The same lease, told as returned when it is. */
function returnedThrough(lease: PortLease, { giveBack }: Blocks): PortLease {
  let returned: Promise<void> | undefined;
  return {
    ...lease,
    [Symbol.asyncDispose]: () => {
      returned ??= giveBack(lease);
      return returned;
    },
  };
}

async function runProgram(
  { warden, scenario, log_folder, emit }: StartOptions,
  { name, command, env, socket, agents, afterwards }: ProgramRequest,
  signal: AbortSignal,
): Promise<Program> {
  if (signal.aborted) await socket?.close();
  signal.throwIfAborted();
  const log_path = join(log_folder, `${scenario.name}-${name}.log`);
  const { session, exited } = await warden.spawn({ command, env, log_path, ...(afterwards && { afterwards }) }, socket);
  let asked = false;
  let over = false;
  const told = exited.then(({ code, signal: by, with_warden }) => {
    over = true;
    const exit = { asked: asked || with_warden, code, signal: by, log_tail: readLogTail(log_path, 0) };
    for (const agent of agents) emit({ type: 'agent', phase: 'exited', agent, ...exit });
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    asked = true;
    await stopSession(session, GRACE_MS);
    await told;
  };
  return {
    pid: session.leader,
    isOver: () => over,
    lastWords: () => readLogTail(log_path, 0).slice(-5).join(' ') || 'nothing',
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Waits until a card comes through the door, and gives who sent it as an agent, with whom the door closes. */
async function reach(
  { name, signal }: Seat,
  door: AsyncDisposable & { readonly url: string },
  program: Program,
  ready_ms_max: number,
): Promise<Agent> {
  const started_ms = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const left_ms = ready_ms_max - (performance.now() - started_ms);
    if (program.isOver() || left_ms <= 0) {
      const why = left_ms <= 0 ? `it gave no agent card within ${ready_ms_max} ms` : 'its process ended before';
      throw new Error(`Failed to start agent "${name}": ${why}. It printed: ${program.lastWords()}`);
    }
    const agent = await connectUrl({ name, url: door.url, timeout_ms: left_ms, signal }).catch(() => undefined);
    if (agent === undefined) {
      await delay(POLL_MS);
      continue;
    }
    return {
      ...agent,
      how: 'process',
      pid: program.pid,
      boot_ms: performance.now() - started_ms,
      [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
    };
  }
}
