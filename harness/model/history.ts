/**
 * The one seam: an append-only log of everything that happened in a run, in the order in which muster saw it. Times
 * are milliseconds since the run began, by a clock that never jumps. `seq` is the order: an op that was invoked with a
 * higher `seq` than an observation was invoked after it.
 */
import type { StreamResponse, Transport } from './a2a.ts';
import type { ShownCredentials } from './hooks.ts';
import type { UserName } from './kinship.ts';
import type { AgentName, Op, OpError, OpValue, Step } from './op.ts';
import type { ProcessMeasures } from './process-measures.ts';
import type { FaultPlan, NeighbourPlan, StrangerAnswer } from './scenario.ts';
import type { EndReason, IsolationName, LimitName } from './session.ts';
import type { Vitals } from './vitals.ts';

export const HISTORY_SCHEMA = 'muster.history/1';

interface Stamp {
  readonly seq: number;
  readonly time_ms: number;
  /** Empty for what belongs to the whole run. */
  readonly scenario: string;
}

export interface Environment {
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly memory_mb: number;
}

export type RunStarted = Stamp & {
  readonly type: 'run';
  readonly phase: 'started';
  readonly schema: typeof HISTORY_SCHEMA;
  readonly started_at: string;
  /** Makes message ids and canaries of this run differ from those of every other, also under the same seed. */
  readonly nonce: string;
  readonly environment: Environment;
};
export type RunEnded = Stamp & {
  readonly type: 'run';
  readonly phase: 'ended';
  readonly reason: 'finished' | 'interrupted' | 'crashed';
  readonly message?: string;
};

export type ScenarioEvent = Stamp & { readonly type: 'scenario' } & (
    | { readonly phase: 'started' }
    | { readonly phase: 'not-applicable'; readonly reason: string }
    /** The scenario could not be carried out: an agent that never came up, say. */
    | { readonly phase: 'broken'; readonly reason: string }
    /** A load begins: its visits are due so long after this as its plan says. */
    | { readonly phase: 'loading' }
    /** Nobody comes any more; `early` says why, where the load did not last as long as its plan says. */
    | { readonly phase: 'load-over'; readonly early?: string }
    /** Traffic has stopped, everything is healed, tasks may end. */
    | { readonly phase: 'settling' }
    /**
     * Every task that was not read in good time is read once more by its owner. These ops have `step` -1, also those of
     * a long run that came before this.
     */
    | { readonly phase: 'reading-back' }
    | { readonly phase: 'ended' }
  );

export type UserEvent = Stamp & {
  readonly type: 'user';
  readonly user: string;
  readonly device: number;
} & (
    | {
        readonly phase: 'arrived';
        readonly due_ms: number;
        readonly canary: string;
        /** `anonymous` users cannot be told apart by the agent. */
        readonly identity: 'anonymous' | 'bearer' | 'users-file';
        /** Under which the agent knows this user, where the scenario gives its users names; null for one who gives none. */
        readonly name?: UserName;
      }
    /** At the in-flight limit: never queued, always told. */
    | { readonly phase: 'dropped'; readonly due_ms: number }
    | { readonly phase: 'gave-up'; readonly reason: string }
    | { readonly phase: 'left' }
  );

export type InvokeEvent = Stamp & {
  readonly type: 'invoke';
  readonly op_id: number;
  readonly user: string;
  readonly device: number;
  readonly step: Step;
  /** When it should have been sent; `time_ms` is when it was. */
  readonly due_ms: number;
  /** What it went over, where that was chosen for it or by it; unless told, what its agent was `ready` with. */
  readonly transport?: Transport;
  readonly op: Op;
};
export type StreamEvent = Stamp & {
  readonly type: 'event';
  readonly op_id: number;
  /** Position in its stream, from 0. */
  readonly index: number;
  readonly payload: StreamResponse;
};
export type OkEvent = Stamp & { readonly type: 'ok'; readonly op_id: number; readonly value: OpValue };
export type FailEvent = Stamp & { readonly type: 'fail' | 'info'; readonly op_id: number; readonly error: OpError };

/** What an agent posted to a webhook of muster's, in the order in which it came. */
export type PushEvent = Stamp & {
  readonly type: 'push';
  /** As the script named it, and whose it is. */
  readonly hook: string;
  readonly user: string;
  readonly device: number;
  /** Counts what came to this hook, from 0. */
  readonly index: number;
  /** What the agent was last told to post there; missing while it was told nothing, and `taskId` while the task has no id yet. */
  readonly configId?: string;
  readonly taskId?: string;
  /** The message that the task was last sent before this came, as far as its answer has told of the task. */
  readonly turn?: number;
  /** Never the credentials themselves. */
  readonly credentials: ShownCredentials;
  /** The hook to which they belong, where it is another one. */
  readonly credentials_of?: string;
  /** The HTTP status that the agent is answered with; `none` where the hook hangs. */
  readonly answered: number | 'none';
  /** The agent followed a redirection. */
  readonly redirected?: true;
} & ({ readonly payload: StreamResponse } | { readonly problem: string });

export interface CardSummary {
  readonly name: string;
  readonly version: string;
  readonly streaming: boolean;
  readonly pushNotifications: boolean;
  /** Missing in histories of muster 0.1. */
  readonly extendedAgentCard?: boolean;
  readonly transports: readonly Transport[];
  /** Not there for A2A 1.x. */
  readonly protocol?: '0.3';
}

export type AgentEvent = Stamp & { readonly type: 'agent'; readonly agent: string } & (
    | { readonly phase: 'starting'; readonly how: 'in-process' | 'process' | 'url' | 'simulated' }
    | {
        readonly phase: 'ready';
        readonly url: string;
        readonly transport: Transport;
        /** Where users speak several: all of them, in the order of the card. */
        readonly transports?: readonly Transport[];
        readonly card: CardSummary;
        readonly boot_ms: number;
        readonly pid?: number;
      }
    /** `asked`: a fault or muster itself ended it. */
    | {
        readonly phase: 'exited';
        readonly asked: boolean;
        readonly code: number | null;
        readonly signal: string | null;
        /** Last lines of what it printed. */
        readonly log_tail?: readonly string[];
      }
    /** Whether the agent card answers, asked at the end of a scenario. */
    | { readonly phase: 'probed'; readonly answers: boolean; readonly reason?: string }
    /** All its processes, when a script asked for it. */
    | ({ readonly phase: 'measured' } & ProcessMeasures)
    | { readonly phase: 'stopped' }
  );

export type PortEvent = Stamp & {
  readonly type: 'port';
  readonly holder: string;
} /** `lingering`: connections of former holders that still time out on these ports, where they were counted. */ & (
    | { readonly phase: 'leased'; readonly ports: readonly number[]; readonly lingering?: number }
    /** Another program listens on one of these, so the block was not leased. */
    | { readonly phase: 'passed-over'; readonly ports: readonly number[] }
    | { readonly phase: 'returned'; readonly ports: readonly number[] }
    /** A stranger answered on a leased port; the block was given up and another tried. */
    | { readonly phase: 'stolen'; readonly ports: readonly number[]; readonly by: string }
    | {
        readonly phase: 'refused';
        readonly blocks_held: number;
        readonly blocks_all: number;
        readonly message: string;
      }
  );

/** What one port of a stranger was sent. */
export interface Heard {
  readonly port: number;
  readonly connections: number;
  /** Muster asks whoever is there for a card, without any header of a user. */
  readonly card_requests: number;
  readonly other_requests: number;
  /** Names of headers that only users send. */
  readonly user_headers: readonly string[];
}

/** Other programs on the machine; those that are processes of muster lease ports under their own name. */
export type NeighbourEvent = Stamp & { readonly type: 'neighbour'; readonly neighbour: string } & (
    | { readonly phase: 'came'; readonly what: NeighbourPlan['neighbour']; readonly pid: number }
    | { readonly phase: 'took'; readonly port: number; readonly answers: StrangerAnswer; readonly proof: string }
    | { readonly phase: 'kept-out'; readonly port: number; readonly proof: string }
    /** `asked`: muster ended it. */
    | { readonly phase: 'left'; readonly asked: boolean; readonly proof: string; readonly heard: readonly Heard[] }
  );

/** Sessions that a script opens; `session` is what the script called it. All phases but `opened` and `ended` are told where isolation strategies are compared. */
export type SessionHistoryEvent = Stamp & { readonly type: 'session'; readonly session: string } & (
    | { readonly phase: 'asked'; readonly isolation: IsolationName; readonly agents: number }
    /** It was its turn, after it had waited. */
    | { readonly phase: 'admitted' }
    /** Its ports had an owner already, whose agents it uses. */
    | { readonly phase: 'conflict'; readonly owner: string; readonly ports: readonly number[] }
    | { readonly phase: 'opened'; readonly ports: readonly number[] }
    | { readonly phase: 'refused'; readonly limit: LimitName; readonly message: string }
    /** Its agents could not be started. */
    | { readonly phase: 'failed'; readonly message: string }
    /** A request met an agent that was not running, which was then started. */
    | { readonly phase: 'woken'; readonly agent: string; readonly boot_ms: number }
    /**
     * All processes of its agents, before they are stopped. Where sessions share agents, or agents are stopped one by one,
     * `session` is the name of what is stopped.
     */
    | {
        readonly phase: 'measured';
        readonly processes: number;
        readonly memory_mb: number;
        /** `pss` counts a page that n processes share as an nth for each; `rss` counts it for each in full. */
        readonly memory_is: 'pss' | 'rss';
      }
    | { readonly phase: 'ended'; readonly reason: EndReason }
  );

export type FaultEvent = Stamp & {
  readonly type: 'fault';
  /** Position in the scenario's plan, from 0. */
  readonly fault_id: number;
  readonly fault: FaultPlan;
} & (
    | { readonly phase: 'asked' }
    /** With what shows that it bit: a process state, a count of connections. */
    | { readonly phase: 'applied'; readonly proof: string }
    /**
     * `hits`: how often traffic met it, where that is counted; a fault with none has shown nothing. `attempts`: requests and
     * connections that came to the proxy while the fault was there, cards included. `turned_away`: where they were told when to
     * come back, how many messages were, and how often one of them came again before.
     */
    | {
        readonly phase: 'healed';
        readonly proof: string;
        readonly hits?: number;
        readonly attempts?: number;
        readonly turned_away?: { readonly messages: number; readonly early: number };
      }
    | { readonly phase: 'failed'; readonly message: string }
  );

/** A request that a peer was sent, as the proxy in front of it read it: by the marks in it the turn is known that caused it. */
export type PeerCallEvent = Stamp & {
  readonly type: 'peer-call';
  readonly peer: AgentName;
  /** Named as on the wire. */
  readonly operation: string;
  /** Those of messages that it holds. */
  readonly tokens: readonly string[];
  /** Of the message that it sends, and of the task that it names. */
  readonly message?: string;
  readonly task?: string;
};

/** How the harness itself is doing; one a second while there are users, and one at the end of each scenario. */
export type VitalsEvent = Stamp & { readonly type: 'vitals' } & Vitals;

export type HistoryEvent =
  | RunStarted
  | RunEnded
  | ScenarioEvent
  | UserEvent
  | InvokeEvent
  | StreamEvent
  | OkEvent
  | FailEvent
  | PushEvent
  | AgentEvent
  | PortEvent
  | NeighbourEvent
  | SessionHistoryEvent
  | FaultEvent
  | PeerCallEvent
  | VitalsEvent;

/** A history event before it is given its place. */
export type Unstamped<E extends HistoryEvent = HistoryEvent> = E extends HistoryEvent
  ? Omit<E, 'seq' | 'time_ms' | 'scenario'>
  : never;
