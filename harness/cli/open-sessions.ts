/**
 * Sessions for a program of one's own, and for `muster up`: names and partial settings become whole ones, every mistake is
 * told at once, and what was opened is closed with the sessions.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFixture } from '../../fixtures/table.ts';
import type { Unstamped } from '../model/history.ts';
import type { PortsPlan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { HealthPolicy, SessionEvent, SessionLimits, SessionMode, Sessions } from '../model/session.ts';
import { DEFAULT_HEALTH, DEFAULT_LIMITS, DEFAULT_SESSION_LIMITS, SESSION_BLOCK } from '../plan/defaults.ts';
import { LockFolderError } from '../ports/lock-folder.ts';
import { makeFolder } from '../run/make-folder.ts';
import { openTargetSessions, type TargetSessionsOptions } from '../run/target-sessions.ts';
import { UsageError } from './exit-codes.ts';
import { DEFAULT_FIXTURE, liveTargetOf } from './live.ts';
import { portsOf } from './ports-settings.ts';

export interface OpenSessionsOptions {
  /** Agents that muster brings along, in this process; `echo` when there is no command either. */
  readonly fixture?: string | readonly string[];
  /** What starts an agent on $PORT, in a process of its own. With several agents named, agent i of a session is the i-th. */
  readonly command?: string | readonly string[];
  /** The commands take the socket of their port as descriptor 3 (`LISTEN_FDS`), and bind nothing themselves. */
  readonly socketActivation?: boolean;
  /** `simulated` fixtures have no socket: they are asked through their `respond`. Real unless given. */
  readonly mode?: SessionMode;
  /** A session for whom there is no port left is simulated; without it, it is refused. */
  readonly fallback?: 'simulated';
  readonly ports?: Partial<PortsPlan>;
  readonly limits?: Partial<SessionLimits>;
  readonly health?: Partial<HealthPolicy>;
  /** An agent in a process of its own must answer so soon. */
  readonly ready_ms_max?: number;
  /** A folder for what such agents print; without one it is dropped when the sessions are closed. */
  readonly logs?: string;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Ports leased, returned and stolen. */
  readonly onPorts?: (event: Unstamped) => void;
}

type Targets = TargetSessionsOptions['targets'];

/** Disposing ends every session and returns every port. Throws one sentence with all that is wrong with the options. */
export async function openSessions(options: OpenSessionsOptions = {}): Promise<Sessions> {
  const problems: string[] = [];
  const targets = targetsOf(options, problems);
  const ports = portsOf({}, { ports: { block: SESSION_BLOCK, ...mutable(options.ports ?? {}) } }, problems);
  const limits = { ...DEFAULT_SESSION_LIMITS, ...options.limits };
  const health = { ...DEFAULT_HEALTH, ...options.health };
  for (const [name, value] of Object.entries({ ...limits, ...health })) {
    if (!(value > 0)) problems.push(`${name}: ${value} is not a number above 0`);
  }
  if (problems.length > 0)
    throw new UsageError(`Failed to open sessions:\n${problems.map((line) => `  ${line}`).join('\n')}`);

  await using opening = new AsyncDisposableStack();
  const log_folder = options.logs ?? (await mkdtemp(join(tmpdir(), 'muster-sessions-')));
  if (options.logs !== undefined) await makeLogFolder(options.logs);
  else opening.defer(() => rm(log_folder, { recursive: true, force: true }));
  const { onEvent, onPorts, ready_ms_max = DEFAULT_LIMITS.ready_ms_max } = options;
  const sessions = opening.use(
    await openTargetSessions({
      targets,
      mode: options.mode ?? 'real',
      ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
      ports,
      limits,
      health,
      ready_ms_max,
      log_folder,
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(onPorts === undefined ? {} : { onPorts }),
    }).catch((error: unknown) => {
      throw error instanceof LockFolderError ? new UsageError(error.message, { cause: error }) : error;
    }),
  );
  const closers = opening.move();
  return { ...sessions, [Symbol.asyncDispose]: () => closers.disposeAsync() };
}

async function makeLogFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new UsageError(
      `Failed to keep logs in "${folder}": ${reasonOf(error)}. Name a folder that is there, or that can be made.`,
      { cause: error },
    );
  }
}

function targetsOf(options: OpenSessionsOptions, problems: string[]): Targets {
  const { fixture = [], command = [], socketActivation = false } = options;
  const commands = [command].flat();
  const named = [fixture].flat();
  const names = withCrews(named.length + commands.length === 0 ? [DEFAULT_FIXTURE] : named);
  if (commands.some((each) => each.trim() === ''))
    problems.push("command: it is empty; give what starts your agent, such as 'node agent.js'");
  if (socketActivation && commands.length === 0)
    problems.push('socketActivation: it is for commands; a fixture needs no such setting');
  const activated = socketActivation ? ({ socket_activation: true } as const) : {};
  const targets = [
    ...names.map((name) => ({ kind: 'fixture', name }) as const),
    ...commands.map((each) => ({ kind: 'command', command: each, ...activated }) as const),
  ].flatMap((target) => {
    const live = liveTargetOf(target, problems);
    return live === undefined || live.kind === 'url' ? [] : live;
  });
  const simulates = options.mode === 'simulated' || options.fallback === 'simulated';
  for (const target of targets) {
    if (simulates && !(target.kind === 'fixture' && target.fixture.simulate !== undefined))
      problems.push(
        `${target.kind === 'fixture' ? `fixture: "${target.fixture.name}"` : `command: "${target.command}"`} cannot be simulated: it needs a process of its own`,
      );
    const peer = target.kind === 'fixture' ? target.fixture.peer : undefined;
    if (target.kind === 'fixture' && peer !== undefined && !names.includes(peer))
      problems.push(`fixture: "${target.fixture.name}" delegates to "${peer}", which must be named, too`);
  }
  return targets;
}

/** Whoever has a crew brings it along. */
export function withCrews(names: readonly string[]): readonly string[] {
  const crews = names.flatMap((name) => Object.values(findFixture(name)?.crew ?? {}));
  return [...names, ...crews.filter((name) => !names.includes(name))];
}

function mutable({ exclude, ...ports }: Partial<PortsPlan>) {
  return { ...ports, ...(exclude === undefined ? {} : { exclude: [...exclude] }) };
}
