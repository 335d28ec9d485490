/**
 * Sessions: one user's own set of agents, on a block of ports that nobody else has. What is told of them outside is plain
 * data (`SessionView`); the live one is disposed to end it. Only types: the behaviour is in sessions/.
 */
import type { Agent } from './live.ts';

/** `simulated` agents answer in this process and have no socket. */
export type SessionMode = 'real' | 'simulated';

/** On what ground the sessions of a scenario stand; harness/sessions/isolation has a file for each. */
export const ISOLATION_NAMES = [
  'fixed',
  'hashed',
  'dynamic',
  'os',
  'namespace',
  'container',
  'queue',
  'router',
  'on-demand',
] as const;
export type IsolationName = (typeof ISOLATION_NAMES)[number];

export type SessionState = 'starting' | 'ready' | 'ending' | 'ended';

/** Why a session ended; `failed` for one whose agents could not be started or did not stay up. */
export type EndReason = 'asked' | 'client-gone' | 'idle' | 'failed' | 'shutdown';

export interface SessionRequest {
  readonly user: string;
  /** How many agents, 1 to 6. */
  readonly agents: number;
  /** Where the client calls from, for the limit per address. */
  readonly address?: string;
  /** Ends the session: the client is gone. */
  readonly signal?: AbortSignal;
}

/** Zero never means unlimited. */
export interface SessionLimits {
  readonly sessions_max: number;
  readonly sessions_per_user_max: number;
  readonly sessions_per_address_max: number;
  readonly starts_per_s_max: number;
  /** A session that nobody has used for so long is ended. */
  readonly idle_ms_max: number;
}

export interface HealthPolicy {
  readonly every_ms: number;
  readonly timeout_ms: number;
  /** So many failures in a row, and the agent is restarted. */
  readonly failures_max: number;
  /** So many restarts of one agent, and its session is ended as failed. */
  readonly restarts_max: number;
}

/** The agents of one session on ports of their own. Disposing stops the agents and then returns the ports, also when a stop fails. */
export interface Stand extends AsyncDisposable {
  /** As they are now: one that was started again may be another one. */
  readonly agents: readonly Agent[];
  /** Nothing where they are simulated. */
  readonly ports: readonly number[];
  /** Starts the agent at a place again, where it was. Throws what its start throws; it may then be tried again. */
  restart(index: number): Promise<void>;
}

/** Stands the agents of a session up. Throws when it cannot or when the signal says so; then nothing of it is left. */
export type StandUp = (session: {
  readonly id: string;
  readonly user: string;
  readonly agents: number;
  readonly signal: AbortSignal;
}) => Promise<Stand>;

export interface SessionAgentView {
  readonly name: string;
  readonly url: string;
  /** Nothing where it is simulated. */
  readonly port?: number;
  readonly health: 'starting' | 'healthy' | 'failing' | 'stopped';
  readonly restarts: number;
  /** Of all its lives, but for requests for its card. */
  readonly requests?: number;
}

/** JSON-safe; times are milliseconds since 1970. */
export interface SessionView {
  readonly id: string;
  readonly user: string;
  readonly mode: SessionMode;
  readonly state: SessionState;
  readonly ports: readonly number[];
  readonly agents: readonly SessionAgentView[];
  readonly opened_at_ms: number;
  readonly last_used_at_ms: number;
  readonly ended?: EndReason;
}

/** What `SessionRefused` names. */
export type LimitName = 'sessions' | 'user' | 'address' | 'starts' | 'ports';

export type SessionEvent =
  | { readonly phase: 'refused'; readonly user: string; readonly limit: LimitName; readonly message: string }
  | { readonly phase: 'opened'; readonly session: SessionView; readonly boot_ms: number }
  /** An agent did not answer as it should, or could not be started again. */
  | { readonly phase: 'failing'; readonly session: SessionView; readonly agent: string; readonly message: string }
  | { readonly phase: 'restarted'; readonly session: SessionView; readonly agent: string }
  /** `problem` says why it failed, or what could not be stopped. */
  | { readonly phase: 'ended'; readonly session: SessionView; readonly reason: EndReason; readonly problem?: string };

/** Disposing ends it and returns everything that it had. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  readonly agents: readonly Agent[];
  readonly ports: readonly number[];
  readonly mode: SessionMode;
  view(): SessionView;
  /** Counts as a use: the session is not idle. */
  touch(): void;
  /** Resolves when everything has been returned, with the reason. */
  readonly ended: Promise<EndReason>;
}

export interface Sessions extends AsyncDisposable {
  /**
   * Throws `SessionRefused` (harness/sessions) at a limit or when the ports are used up, and what an agent's start throws;
   * then nothing is left of it.
   */
  open(request: SessionRequest): Promise<Session>;
  get(id: string): Session | undefined;
  /** Those that have not ended, oldest first. */
  list(): readonly SessionView[];
  /**
   * Resolves when everything has been returned; false when there is none of that id. Throws what could not be stopped, as
   * disposing does; the ports are returned even then.
   */
  end(id: string, reason: EndReason): Promise<boolean>;
}
