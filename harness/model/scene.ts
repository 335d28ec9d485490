/**
 * What is known of one scenario so far, kept once for all checks and brought up to date before any of them is given the event: who is
 * there, which agents live, what muster itself is breaking, the tasks, and the ops in flight. Only types: the behaviour is in harness/checks/parts.
 */
import type { HistoryEvent, InvokeEvent } from './history.ts';
import type { Kinship, UserName } from './kinship.ts';
import type { FaultPlan } from './scenario.ts';

export interface Scene {
  readonly book: CanaryBook;
  readonly lives: AgentLives;
  readonly faults: FaultWindows;
  readonly tasks: Tasks;
  readonly ops: OpsInFlight;
}

export interface AgentLives {
  /** Names a task, a context or a user within a life. Nothing when the agent died since the op was invoked, or the op went to no agent. */
  keyOf(invoke: InvokeEvent, name: string): string | undefined;
  /** The life alone, under the same conditions. */
  lifeOf(invoke: InvokeEvent): Life | undefined;
}

/** One life of one agent is one object. */
export interface Life {
  readonly number: number;
  readonly began_seq: number;
}

export interface FaultWindows {
  /** Whether a fault on the op's own agent was open at any moment since the op was invoked. */
  touched(invoke: InvokeEvent): boolean;
  /** The same for a fault on any agent: an agent may well wait for a peer that is frozen. */
  touchedAny(invoke: InvokeEvent): boolean;
  isOpen(agent: string): boolean;
  /** The faults on this agent or peer that were open at any moment since the op was invoked. */
  since(invoke: InvokeEvent, agent: string): readonly FaultPlan[];
  /** Whether any fault but this one was open at any moment since the op was invoked. */
  touchedByOther(invoke: InvokeEvent, fault_id: number): boolean;
  /**
   * Whether a fault that changes what streams tell stood between the op and its agent since the op was invoked: then what was
   * told is nobody's word.
   */
  falsified(invoke: InvokeEvent): boolean;
}

export interface CanaryBook {
  arrivalOf(user: string): HistoryEvent | undefined;
  userOf(canary: string): string | undefined;
  canaryOf(user: string): string | undefined;
  /** The agent can tell this user from others. */
  isKnownByAgent(user: string): boolean;
  /** Under which the agent knows the user; nothing where the scenario gives no names. */
  nameOf(user: string): UserName | undefined;
  /** For a sentence. */
  nameTold(user: string): string;
  /** In what way the names of two users may be taken for one another. */
  kinshipOf(user: string, other: string): Kinship | undefined;
  /** More than one user has arrived, so that one's canary could reach another. */
  hasTwo(): boolean;
}

/** A task of one life of one agent. */
export interface KnownTask {
  /** By its agent, life and id. */
  readonly key: string;
  /** What each check notes of it; only for `PerTask`. */
  readonly notes: unknown[];
}

export interface Tasks {
  /** Nothing when the agent died since the op was invoked, or the op went to no agent. */
  of(invoke: InvokeEvent, taskId: string): KnownTask | undefined;
  /** A column of the table of tasks, for one check to note what it likes. To be asked for when the check starts. */
  perTask<V extends {}>(): PerTask<V>;
}

export interface OpsInFlight {
  /** A column of the table of ops in flight, for one check to note what it likes. To be asked for when the check starts. */
  perOp<V extends {}>(): PerOp<V>;
}

/** What is noted of an op is there until it is over: with the event that ends it for the last time. */
export interface PerOp<V extends {}> {
  get(invoke: InvokeEvent): V | undefined;
  set(invoke: InvokeEvent, value: V): void;
  /** In the order in which anything was noted of the ops; without the one that the latest event has ended. */
  values(): Iterable<V>;
}

/** Only the latest tasks are remembered: whoever asks must not take what was forgotten for what never was. */
export interface PerTask<V extends {}> {
  get(task: KnownTask): V | undefined;
  set(task: KnownTask, value: V): void;
  delete(task: KnownTask): void;
  /** In the order in which they were first set. */
  values(): Iterable<V>;
  /** How many notes were forgotten; until there is one, what is not here never was. */
  readonly forgotten: number;
}
