/**
 * What every isolation strategy is: a way to stand sessions up, from the ground that it is given. A strategy decides which
 * sessions stand apart and which stand together; leasing ports, starting agents and opening doors is done by its ground.
 */
import type { Socket } from 'node:net';
import type { Transport } from '../../model/a2a.ts';
import type { SessionHistoryEvent, Unstamped } from '../../model/history.ts';
import type { Agent, HeldPort, PortLease } from '../../model/live.ts';
import type { AgentName } from '../../model/op.ts';
import type { StandUp } from '../../model/session.ts';

/** Where one agent of a session is to answer. */
export interface Seat {
  readonly name: AgentName;
  /** Position in its session, from 0. */
  readonly index: number;
  readonly port: number;
  /** Whose port it is. */
  readonly lease: PortLease;
  readonly signal: AbortSignal;
}

/** A command in a process session of its own. Disposing stops all of it. */
export interface Program extends AsyncDisposable {
  /** Of the process that leads its session. */
  readonly pid: number;
  isOver(): boolean;
  /** What it printed last. */
  lastWords(): string;
}

export interface ProgramRequest {
  /** For its log. */
  readonly name: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its descriptor 3. */
  readonly socket?: HeldPort;
  /** A shell command that takes away what the program leaves elsewhere. It is run when the program has ended, however that was. */
  readonly afterwards?: string;
  /** Those of its agents that are told as exited when it is. */
  readonly agents: readonly AgentName[];
}

export interface Ground {
  /** This process, as a word for labels of what may outlive it. */
  readonly owner: string;
  /** Whether such a word names a process that is no more; false as well where nobody can know. */
  readonly isDead: (owner: string) => boolean;
  /** How many blocks of ports there are. */
  readonly blocks: number;
  /** Consecutive ports of the range, or ports from the operating system, for each session anew; with an agent on each. */
  readonly standOn: (from: 'range' | 'os') => StandUp;
  /** Given back by disposing. Throws `SessionRefused` when no block is left. */
  readonly lease: (holder: string) => Promise<PortLease>;
  /** On ports that somebody else gives back. */
  readonly standOnLease: (lease: PortLease) => StandUp;
  readonly start: (seat: Seat) => Promise<Agent>;
  /**
   * For what boots agents without `start`. No more boot at once than there are processors: they would only hold one another up,
   * and muster, which measures them.
   */
  readonly boot: <T>(start: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly stop: (agent: Agent) => Promise<void>;
  /**
   * Tells what memory the processes of these agents have, and those of sessions that others lead, under this name. What
   * `standOn…` stood up tells it by itself.
   */
  readonly measure: (name: string, agents: readonly Agent[], leaders?: readonly number[]) => void;
  readonly tell: (event: Unstamped<SessionHistoryEvent>) => void;
  /** What the users speak, where that was asked for. */
  readonly transport: Transport | undefined;
  /** The shell command that starts an agent on this port; nothing where it cannot bind a port itself. */
  readonly commandFor: (port: number) => string | undefined;
  readonly run: (request: ProgramRequest, signal: AbortSignal) => Promise<Program>;
  /** An agent that `program` has started, seen through a door at the seat's port, which is dialled from there anew each time. */
  readonly startBehindDoor: (
    seat: Seat,
    behind: { readonly program: Program; readonly upstream: string; readonly dial: () => Socket },
  ) => Promise<Agent>;
}

/** Passes a call on to an agent, when the agent is there. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>;

/** Disposed after the last session has ended. */
export interface Isolation extends AsyncDisposable {
  readonly standUp: StandUp;
  /** Where calls to an agent must pass; nothing for an agent that the strategy does not know. */
  readonly gateOf?: (agent: AgentName) => Gate | undefined;
}

export interface IsolationStrategy {
  /** Who shares what, as a sentence. */
  readonly title: string;
  /** Why it cannot be had here, as a sentence. */
  readonly whyNot?: (ground: Ground) => Promise<string | undefined>;
  readonly open: (ground: Ground) => Promise<Isolation>;
}

/** For a strategy that keeps nothing between its sessions. */
export const keepsNothing = async (): Promise<void> => {};
