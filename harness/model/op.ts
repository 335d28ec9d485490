/**
 * What a script can ask for. A protocol operation has the name it has on the wire (§5.3); a harness act never leaves
 * muster. Ops are plain data, so that a history tells exactly what was asked and a script can be held against it.
 */
import type { Message, StreamResponse, Task } from './a2a.ts';
import type { BehaviourName } from './phrasebook.ts';

/** The name of an agent within a scenario: `agent`, `agent-2`, `peer`, or `<session>/agent-1`. */
export type AgentName = string;

/** As many as a session may have. */
export const SERVERS_MAX = 6;

/** Of the agents that stand from the beginning, where a scenario has several. */
export const serverNames = (count: number): readonly AgentName[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? 'agent' : `agent-${index + 1}`));

/** Counts the ops of one device of one user, from 0. A stream is named by the step that opened it. */
export type Step = number;

export interface SendOp {
  readonly op: 'SendMessage' | 'SendStreamingMessage';
  readonly agent: AgentName;
  readonly behaviour: BehaviourName;
  readonly messageId: string;
  readonly text: string;
  /** Unique to this send; it begins with the user's canary and is part of `text`. */
  readonly token: string;
  /** The phrasebook promises that the answer repeats the token. */
  readonly echoes: boolean;
  /** The phrasebook's mark of an answer that only stands in for what was asked. */
  readonly fallback?: string;
  readonly taskId?: string;
  readonly contextId?: string;
  readonly returnImmediately?: boolean;
}

export interface TaskOp {
  readonly op: 'GetTask' | 'CancelTask' | 'SubscribeToTask' | 'ListTaskPushNotificationConfigs';
  readonly agent: AgentName;
  readonly taskId: string;
}

export interface ListTasksOp {
  readonly op: 'ListTasks';
  readonly agent: AgentName;
  readonly contextId?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly includeArtifacts?: boolean;
}

export interface PushConfigOp {
  readonly op:
    | 'CreateTaskPushNotificationConfig'
    | 'GetTaskPushNotificationConfig'
    | 'DeleteTaskPushNotificationConfig';
  readonly agent: AgentName;
  readonly taskId: string;
  readonly configId: string;
  /** Only for Create: where the agent is to post to. */
  readonly url?: string;
}

export type ProtocolOp = SendOp | TaskOp | ListTasksOp | PushConfigOp;
export type OperationName = ProtocolOp['op'];
/** In the order in which tables list them. */
const OPERATIONS: Readonly<Record<OperationName, true>> = {
  SendMessage: true,
  SendStreamingMessage: true,
  GetTask: true,
  ListTasks: true,
  CancelTask: true,
  SubscribeToTask: true,
  CreateTaskPushNotificationConfig: true,
  GetTaskPushNotificationConfig: true,
  ListTaskPushNotificationConfigs: true,
  DeleteTaskPushNotificationConfig: true,
};

export const OPERATION_NAMES: readonly string[] = Object.keys(OPERATIONS);

/** Something that goes to an agent, not a harness act. */
export const isProtocolOp = (op: Op): op is ProtocolOp => Object.hasOwn(OPERATIONS, op.op);

/** The step of the ops with which every task is read once more in the end: they are muster's own, no script's. */
export const READING_BACK: Step = -1;

export type HarnessAct =
  | { readonly op: 'pause'; readonly ms: number }
  /** Holds `parties` scripts until all have arrived, then releases them in one tick. */
  | { readonly op: 'barrier'; readonly name: string; readonly parties: number }
  | { readonly op: 'share'; readonly name: string; readonly value: string }
  | { readonly op: 'await'; readonly name: string }
  /** Reads a stream of this script on: for `count` more events, or to its end. */
  | { readonly op: 'read'; readonly stream: Step; readonly count?: number }
  /** Stops listening to a stream, as a client that goes away does. */
  | { readonly op: 'leave'; readonly stream: Step }
  /** Stops reading a stream that stays open: what the agent sends waits on the way, and in the end at the agent. */
  | { readonly op: 'hold'; readonly stream: Step }
  /** Reads what has waited on a held stream, throws it away, and leaves. Its answer says how much it was. */
  | { readonly op: 'letGo'; readonly stream: Step }
  /** Measures the processes of an agent from outside, once they have come to rest. */
  | { readonly op: 'measure'; readonly of: AgentName }
  | { readonly op: 'openSession'; readonly session: string; readonly agents: number }
  | { readonly op: 'closeSession'; readonly session: string };

export type Op = ProtocolOp | HarnessAct;

/**
 * Why an op did not succeed. `code` is an A2A error name of §3.3.2 (`TaskNotFoundError`), or a word of the table in
 * harness/wire/errors.ts (`timeout`, `connection-refused`, `junk-answer`, …), or `session-refused` and the like for acts.
 */
export interface OpError {
  readonly code: string;
  readonly message: string;
  /** HTTP status, JSON-RPC code or gRPC status, where there was one. */
  readonly status?: number;
}

/** What an op brought. Which members are there depends on the op; acts bring `value` or nothing. */
export interface OpValue {
  readonly task?: Task;
  readonly message?: Message;
  readonly tasks?: readonly Task[];
  readonly nextPageToken?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly configs?: readonly Readonly<Record<string, unknown>>[];
  /** Streams: how many events came, and who ended it. */
  readonly events?: number;
  readonly ended?: 'by-agent' | 'by-reader';
  /** `letGo`: what waited, as JSON. */
  readonly bytes?: number;
  /** `await`: the shared value; `openSession`: names of its agents, comma-separated. */
  readonly value?: string;
}

/** `ok`: it happened. `fail`: it certainly did not. `info`: nobody knows. */
export type Outcome =
  | { readonly type: 'ok'; readonly value: OpValue }
  | { readonly type: 'fail'; readonly error: OpError }
  | { readonly type: 'info'; readonly error: OpError };

/** What a script gets back from a `yield`. An opened stream completes with its first event, or with its failure. */
export interface Completion {
  readonly step: Step;
  readonly outcome: Outcome;
  /** For streams and reads: the events that came since the last completion of this stream. */
  readonly events: readonly StreamResponse[];
}

export type Script = Generator<Op, void, Completion>;
