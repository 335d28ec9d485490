/**
 * The A2A 1.0 data model in the JSON form it has on the wire (§4, §5.5), reduced to what muster records and judges.
 * Nothing here depends on an SDK, so a history can be read in ten years and by other programs.
 */

export type TaskState =
  | 'TASK_STATE_UNSPECIFIED'
  | 'TASK_STATE_SUBMITTED'
  | 'TASK_STATE_WORKING'
  | 'TASK_STATE_COMPLETED'
  | 'TASK_STATE_FAILED'
  | 'TASK_STATE_CANCELED'
  | 'TASK_STATE_INPUT_REQUIRED'
  | 'TASK_STATE_REJECTED'
  | 'TASK_STATE_AUTH_REQUIRED'
  | 'UNRECOGNIZED';

export interface Part {
  readonly text?: string;
  /** Base64 of the bytes. */
  readonly raw?: string;
  readonly url?: string;
  readonly data?: unknown;
  readonly filename?: string;
  readonly mediaType?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface Message {
  readonly messageId: string;
  readonly contextId?: string;
  readonly taskId?: string;
  readonly role: 'ROLE_USER' | 'ROLE_AGENT' | 'ROLE_UNSPECIFIED' | 'UNRECOGNIZED';
  readonly parts: readonly Part[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly extensions?: readonly string[];
  readonly referenceTaskIds?: readonly string[];
}

export interface Artifact {
  readonly artifactId: string;
  readonly name?: string;
  readonly description?: string;
  readonly parts: readonly Part[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface TaskStatus {
  readonly state: TaskState;
  readonly message?: Message;
  readonly timestamp?: string;
}

export interface Task {
  readonly id: string;
  readonly contextId?: string;
  readonly status: TaskStatus;
  readonly artifacts?: readonly Artifact[];
  readonly history?: readonly Message[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface TaskStatusUpdateEvent {
  readonly taskId: string;
  readonly contextId?: string;
  readonly status: TaskStatus;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface TaskArtifactUpdateEvent {
  readonly taskId: string;
  readonly contextId?: string;
  readonly artifact: Artifact;
  readonly append?: boolean;
  readonly lastChunk?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One item of a stream (§3.2.3): exactly one of the four members is there. */
export interface StreamResponse {
  readonly task?: Task;
  readonly message?: Message;
  readonly statusUpdate?: TaskStatusUpdateEvent;
  readonly artifactUpdate?: TaskArtifactUpdateEvent;
}

/** The transports of A2A 1.0 as muster's flags name them; the agent card's names are JSONRPC, HTTP+JSON and GRPC. */
export type Transport = 'jsonrpc' | 'rest' | 'grpc';

/** States in which a task is over for good (§3.1.2). */
export const TERMINAL_STATES: ReadonlySet<string> = new Set([
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_REJECTED',
]);

/** States in which a task waits for its user (§3.2.2). */
export const INTERRUPTED_STATES: ReadonlySet<string> = new Set([
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_AUTH_REQUIRED',
]);
