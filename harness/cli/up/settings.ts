/** The flags of `muster up` and the config beside them become settings. Every mistake is told at once. */

import type { Argv } from 'yargs';
import type { PortsPlan } from '../../model/plan.ts';
import type { SessionLimits } from '../../model/session.ts';
import { DEFAULT_SESSION_LIMITS, SESSION_BLOCK } from '../../plan/defaults.ts';
import { PORT_OPTIONS } from '../arguments.ts';
import { loadConfig } from '../config.ts';
import { UsageError } from '../exit-codes.ts';
import { withCrews } from '../open-sessions.ts';
import { parseDuration } from '../parse-duration.ts';
import { portsOf, warnOfPorts } from '../ports-settings.ts';
import { makeToken, TOKEN_LENGTH_MIN } from './guard.ts';

export interface UpArguments {
  readonly fixture?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly socketActivation?: boolean | undefined;
  readonly sessions: number;
  readonly agents?: number | undefined;
  readonly ports?: string | undefined;
  readonly excludePorts?: string | undefined;
  readonly idle?: string | undefined;
  readonly sessionsMax?: number | undefined;
  readonly controlPort?: number | undefined;
  readonly logs?: string | undefined;
  readonly json: boolean;
  readonly config?: string | undefined;
}

export interface UpSettings {
  readonly fixture: readonly string[];
  readonly command: readonly string[];
  readonly socketActivation: boolean;
  readonly sessions: number;
  readonly agents: number;
  readonly ports: PortsPlan;
  readonly limits: SessionLimits;
  readonly control_port: number;
  readonly token: string;
  /** The user's own token is not printed. */
  readonly token_made: boolean;
  readonly logs?: string;
  readonly json: boolean;
}

export function upArguments<T>(yargs: Argv<T>) {
  return yargs
    .positional('fixture', {
      type: 'string',
      array: true,
      describe: 'agents that muster brings along; agent 1 of each session is the first, and so on; echo unless given',
    })
    .option('command', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: "a command that starts your agent on $PORT; '{port}' is filled in; may be repeated",
    })
    .option('socket-activation', {
      type: 'boolean',
      describe: 'the commands take the socket of their port as descriptor 3 (LISTEN_FDS), and bind nothing themselves',
    })
    .option('sessions', { type: 'number', default: 1, describe: 'how many to open at once, for the users u1, u2, …' })
    .option('agents', {
      type: 'number',
      describe: 'agents per session, 1 to 6; 1 unless given, or all who work together where a fixture has a crew',
    })
    .options(PORT_OPTIONS)
    .option('idle', { type: 'string', describe: 'a session that nobody uses for so long is ended: 90s, 10m, 2h' })
    .option('sessions-max', { type: 'number', describe: 'so many sessions at once, at most' })
    .option('control-port', { type: 'number', describe: 'the port of the control API; any free one unless given' })
    .option('logs', { type: 'string', describe: 'a folder to keep what commands print' })
    .option('json', { type: 'boolean', default: false, describe: 'a JSON document per line, for programs' })
    .option('config', { type: 'string', describe: 'a config file; muster.config.ts unless given' });
}

const IDLE_MS_MAX = 7 * 24 * 3_600_000;

export async function upSettings(args: UpArguments): Promise<UpSettings> {
  const { config, problems: wrong } = await loadConfig(args.config);
  const problems = [...wrong];
  const limits = limitsOf(args, problems);
  const ports = portsOf(args, { ports: { block: SESSION_BLOCK, ...config.ports } }, problems);
  const agents_max = Math.min(SESSION_BLOCK, ports.block);
  checkWhole('--sessions', args.sessions, 0, limits.sessions_max, problems);
  const fixture = args.fixture ?? [];
  const agents = args.agents ?? agentsOf(fixture);
  checkWhole('--agents', agents, 1, agents_max, problems);
  checkWhole('--control-port', args.controlPort ?? 0, 0, 65_535, problems);
  const token = tokenOf(problems);
  if (problems.length > 0)
    throw new UsageError(`Failed to bring sessions up:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  warnOfPorts(ports);
  const configured = fixture.length === 0 && config.command !== undefined ? [config.command] : [];
  return {
    fixture,
    command: args.command ?? configured,
    socketActivation:
      args.socketActivation ?? ((args.command ?? configured).length > 0 && config.socketActivation === true),
    sessions: args.sessions,
    agents,
    ports,
    limits,
    control_port: args.controlPort ?? 0,
    token: token ?? makeToken(),
    token_made: token === undefined,
    json: args.json,
    ...(args.logs === undefined ? {} : { logs: args.logs }),
  };
}

/** Who has a crew is of no use without it. */
function agentsOf(fixtures: readonly string[]): number {
  const all = withCrews(fixtures);
  return all.length > fixtures.length ? all.length : 1;
}

function limitsOf({ idle, sessionsMax }: UpArguments, problems: string[]): SessionLimits {
  const idle_ms_max = idle === undefined ? DEFAULT_SESSION_LIMITS.idle_ms_max : parseDuration(idle);
  if (idle_ms_max === undefined || !(idle_ms_max > 0 && idle_ms_max <= IDLE_MS_MAX))
    problems.push(`--idle: "${idle}" is no duration above 0 and up to seven days; write 90s, 10m or 2h`);
  const sessions_max = sessionsMax ?? DEFAULT_SESSION_LIMITS.sessions_max;
  checkWhole('--sessions-max', sessions_max, 1, 100_000, problems);
  return { ...DEFAULT_SESSION_LIMITS, sessions_max, idle_ms_max: idle_ms_max ?? DEFAULT_SESSION_LIMITS.idle_ms_max };
}

function checkWhole(flag: string, value: number, min: number, max: number, problems: string[]): void {
  if (!(Number.isInteger(value) && value >= min && value <= max))
    problems.push(`${flag}: ${value} is not a whole number from ${min} to ${max}`);
}

/** Taken out of the environment, for the agents that are started inherit it. */
function tokenOf(problems: string[]): string | undefined {
  const token = process.env['MUSTER_TOKEN'];
  delete process.env['MUSTER_TOKEN'];
  if (token === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token) || token.length < TOKEN_LENGTH_MIN)
    problems.push(`MUSTER_TOKEN: it must be at least ${TOKEN_LENGTH_MIN} characters of ASCII without blanks`);
  return token;
}
