/**
 * What a script can ask for. A protocol operation has the name it has on the wire (§5.3); a harness act never leaves
 * muster. Ops are plain data, so that a history tells exactly what was asked and a script can be held against it.
 */
import type { Message, StreamResponse, Task, TaskState, Transport } from './a2a.ts';
import type { HookBehaviour, HookCredentials } from './hooks.ts';
import type { HostileName, RawAnswer } from './hostile.ts';
import type { Word } from './phrasebook.ts';

/** The name of an agent within a scenario: `agent`, `agent-2`, `peer`, or `<session>/agent-1`. */
export type AgentName = string;

/** As many as a session may have. */
export const SERVERS_MAX = 6;

/** Of the agents that stand from the beginning, where a scenario has several. */
export const serverNames = (count: number): readonly AgentName[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? 'agent' : `agent-${index + 1}`));

/** Counts the ops of one device of one user, from 0. A stream is named by the step that opened it. */
export type Step = number;

interface ToAgent {
  readonly agent: AgentName;
  /** Where the script chose one of those that the agent offers. */
  readonly transport?: Transport;
}

export interface SendOp extends ToAgent {
  readonly op: 'SendMessage' | 'SendStreamingMessage';
  readonly behaviour: Word;
  readonly messageId: string;
  readonly text: string;
  /** Unique to this send, and begins with the user's canary, unless it is one that users share; part of `text`. */
  readonly token: string;
  /** The phrasebook promises that the answer repeats the token. */
  readonly echoes: boolean;
  /** The phrasebook's mark of an answer that only stands in for what was asked. */
  readonly fallback?: string;
  /** The phrasebook's word for those of the crew that it takes. */
  readonly crew?: readonly string[];
  readonly taskId?: string;
  readonly contextId?: string;
  readonly returnImmediately?: boolean;
  /** Tasks that the message refers to, without being sent to them (§3.4.3). */
  readonly referenceTaskIds?: readonly string[];
  /** It goes when so many sends of this name are ready to go, in one tick with them. */
  readonly together?: Together;
  /** A push configuration that goes along (§3.2.2): where the agent is to post to, and the hook that has this address. */
  readonly push?: { readonly configId: string; readonly url: string; readonly hook: string };
}

/** Names a moment at which several sends go: each is written but for its last byte and waits for the others. */
export interface Together {
  readonly name: string;
  readonly parties: number;
}

export interface TaskOp extends ToAgent {
  readonly op: 'GetTask' | 'CancelTask' | 'SubscribeToTask' | 'ListTaskPushNotificationConfigs';
  readonly taskId: string;
}

export interface ListTasksOp extends ToAgent {
  readonly op: 'ListTasks';
  readonly contextId?: string;
  readonly status?: TaskState;
  readonly statusTimestampAfter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly historyLength?: number;
  readonly includeArtifacts?: boolean;
}

export interface PushConfigOp extends ToAgent {
  readonly op:
    | 'CreateTaskPushNotificationConfig'
    | 'GetTaskPushNotificationConfig'
    | 'DeleteTaskPushNotificationConfig';
  readonly taskId: string;
  readonly configId: string;
  /** Only for Create: where the agent is to post to. */
  readonly url?: string;
  /** The hook that has this address; its credentials go along, and are not written down. */
  readonly hook?: string;
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

/** Everybody asks the same of one op after the other, and a name that was just read from a file is slow to look up. */
let latest: { readonly op: Op | undefined; readonly isProtocolOp: boolean } = { op: undefined, isProtocolOp: false };

/** Something that goes to an agent, not a harness act. */
export function isProtocolOp(op: Op): op is ProtocolOp {
  if (latest.op !== op) latest = { op, isProtocolOp: Object.hasOwn(OPERATIONS, op.op) };
  return latest.isProtocolOp;
}

/** The step of the ops with which every task is read once more in the end: they are muster's own, no script's. */
export const READING_BACK: Step = -1;

/** What a script knows to be right, since it knows what it asked for: no check can, for none knows what an agent's answers mean. */
export interface ExpectOp {
  readonly op: 'expect';
  /** Kebab-case, the same in every run: what kind of thing it is. */
  readonly that: string;
  /** A sentence that holds when all is well, with nothing in it that only this run has. */
  readonly title: string;
  readonly expected: string;
  readonly seen: string;
  readonly holds: boolean;
  readonly tasks: readonly string[];
}

export type HarnessAct =
  | { readonly op: 'pause'; readonly ms: number }
  /** Holds `parties` scripts until all have arrived, then releases them in one tick. */
  | { readonly op: 'barrier'; readonly name: string; readonly parties: number }
  | { readonly op: 'share'; readonly name: string; readonly value: string }
  | { readonly op: 'await'; readonly name: string }
  | ExpectOp
  /** Reads a stream of this script on: for `count` more events, or to its end. */
  | { readonly op: 'read'; readonly stream: Step; readonly count?: number }
  /** Stops listening to a stream, as a client that goes away does. */
  | { readonly op: 'leave'; readonly stream: Step }
  /** Which transports this agent can be spoken to over, in the order of its card. */
  | { readonly op: 'transports'; readonly agent: AgentName }
  /** Stops reading a stream that stays open: what the agent sends waits on the way, and in the end at the agent. */
  | { readonly op: 'hold'; readonly stream: Step }
  /** Reads what has waited on a held stream, throws it away, and leaves. Its answer says how much it was. */
  | { readonly op: 'letGo'; readonly stream: Step }
  /** A webhook of the user's own, with an address that nobody can guess. */
  | {
      readonly op: 'openHook';
      readonly hook: string;
      readonly behaviour: HookBehaviour;
      readonly credentials: HookCredentials;
    }
  /** Waits until a hook was told that a task is over: for as long as a task may take to settle, and `push_ms_max` more. */
  | { readonly op: 'awaitPush'; readonly hook: string }
  /** Measures the processes of an agent from outside, once they have come to rest. */
  | { readonly op: 'measure'; readonly of: AgentName }
  | { readonly op: 'openSession'; readonly session: string; readonly agents: number }
  | { readonly op: 'closeSession'; readonly session: string };

/**
 * A request that breaks the protocol, sent past the client. It is no operation of the protocol: a refusal is the right answer to it,
 * so it says nothing of whether an agent serves its users, and counts in no error rate.
 */
export interface HostileOp {
  readonly op: 'HostileRequest';
  readonly agent: AgentName;
  readonly request: HostileName;
  /** Stands wherever the request needs an id: of a message, or of a task that there is not. */
  readonly id: string;
}

/** What goes to an agent. */
export type AgentOp = ProtocolOp | HostileOp;

export type Op = AgentOp | HarnessAct;

/**
 * Why an op did not succeed. `code` is an A2A error name of §3.3.2 (`TaskNotFoundError`), or a word of the table in
 * harness/wire/errors.ts (`timeout`, `connection-refused`, `junk-answer`, …), or `session-refused` and the like for acts.
 */
export interface OpError {
  readonly code: string;
  readonly message: string;
  /** HTTP status, JSON-RPC code or gRPC status, where there was one. */
  readonly status?: number;
  /** Where the answer said when to come back. */
  readonly retry_after_ms?: number;
}

/** What an op brought. Which members are there depends on the op; acts bring `value` or nothing. */
export interface OpValue {
  readonly task?: Task;
  readonly message?: Message;
  readonly tasks?: readonly Task[];
  /** Not there when it is empty: this was the last page. */
  readonly nextPageToken?: string;
  readonly pageSize?: number;
  readonly totalSize?: number;
  /** Members that the specification wants in every answer to this op, and that were not in this one. Not known over gRPC. */
  readonly lacks?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly configs?: readonly Readonly<Record<string, unknown>>[];
  /** Streams: how many events came, and who ended it. */
  readonly events?: number;
  readonly ended?: 'by-agent' | 'by-reader';
  /** `letGo`: what waited, as JSON. */
  readonly bytes?: number;
  /** `await`: the shared value; `openSession`: names of its agents; `transports`: theirs, both comma-separated; `openHook`: its address. */
  readonly value?: string;
  /** Hostile requests: whatever came back. */
  readonly answer?: RawAnswer;
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
