/** The types of `k6/x/a2a`: an agent, its operations, each in a form that waits and in one that gives a promise, and what they come to. */
declare module 'k6/x/a2a' {
  export interface AgentOptions {
    /** Where the agent is: its interface, or with a card whatever the card's URLs are relative to. */
    readonly url: string;
    /** As `fetchCard` gives it. The first interface of A2A 1.x over JSON-RPC or HTTP+JSON is spoken to. */
    readonly card?: object;
    /** `jsonrpc` unless there is a card. */
    readonly transport?: 'jsonrpc' | 'rest';
    readonly tenant?: string;
    /** With every call. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Keeps cookies in the VU's jar. Not unless asked for: users of one VU would share them. */
    readonly cookies?: boolean;
  }

  export interface CallOptions {
    /** Of this call, as those that say who the user is. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string | number | boolean>>;
    /** Becomes the tag `user` of all its samples. */
    readonly user?: string;
    /** No whole answer, or no further event of a stream, for so long: `info timeout`. 30 s. */
    readonly timeout_ms?: number;
    /** A larger answer is cut off, and a stream of 64 times that. 16 MiB. */
    readonly answer_bytes_max?: number;
    /** When it should have begun, in milliseconds since 1970: its samples tell in their metadata how late it was (`late_ms`). */
    readonly due_ms?: number;
    /** What of the answer the script gets: of a stream all events, the last one, or none. `last`. */
    readonly keep?: 'all' | 'last' | 'none';
    readonly aborter?: Aborter;
  }

  export interface StreamOptions extends CallOptions {
    /** A longer silence is a stall. 5 s. */
    readonly stall_ms?: number;
    /** Beyond it: `info stream-too-long`. 10,000. */
    readonly events_max?: number;
    /** Hangs up after so many events. */
    readonly leave_after?: number;
  }

  interface Sending {
    readonly returnImmediately?: boolean;
    readonly historyLength?: number;
  }

  /** A Message of the specification (§4.1.4); `text` stands for a single part of text. */
  export interface MessageToSend {
    readonly text?: string;
    readonly parts?: readonly object[];
    /** Made up unless given. */
    readonly messageId?: string;
    readonly contextId?: string;
    readonly taskId?: string;
    readonly metadata?: object;
    readonly extensions?: readonly string[];
    readonly referenceTaskIds?: readonly string[];
  }

  export interface TasksWanted {
    readonly contextId?: string;
    readonly status?: string;
    readonly pageSize?: number;
    readonly pageToken?: string;
    readonly historyLength?: number;
    readonly statusTimestampAfter?: string;
    readonly includeArtifacts?: boolean;
  }

  export interface Result {
    /** `ok`: it happened. `fail`: it certainly did not. `info`: nobody knows. */
    readonly outcome: 'ok' | 'fail' | 'info';
    /** A code of muster's table of errors, as `TaskNotFoundError`, `http-503`, `timeout`; empty where it happened. */
    readonly reason: string;
    readonly message: string;
    /** Of HTTP; 0 where there was no answer. */
    readonly status: number;
    readonly taskId: string;
    readonly contextId: string;
    /** The last that was told of the task. */
    readonly state: string;
    /** JSON of what came; of a stream nothing. */
    readonly answer: string;
    readonly events: readonly { readonly at_ms: number; readonly json: string }[];
    readonly event_count: number;
    readonly comments: number;
    readonly ended: '' | 'by-agent' | 'by-reader';
    readonly stalled: boolean;
    readonly duration_ms: number;
    /** Until there was a connection; almost nothing where one was there already. */
    readonly connect_ms: number;
    /** From when there was a connection. */
    readonly first_event_ms: number;
    readonly longest_gap_ms: number;
    /** What Retry-After asked for. */
    readonly retry_after_ms: number;
  }

  export interface Agent {
    readonly url: string;
    readonly transport: 'jsonrpc' | 'rest';
    send(message: string | MessageToSend, options?: CallOptions & Sending): Result;
    sendAsync(message: string | MessageToSend, options?: CallOptions & Sending): Promise<Result>;
    stream(message: string | MessageToSend, options?: StreamOptions & Sending): Result;
    streamAsync(message: string | MessageToSend, options?: StreamOptions & Sending): Promise<Result>;
    subscribe(taskId: string, options?: StreamOptions): Result;
    subscribeAsync(taskId: string, options?: StreamOptions): Promise<Result>;
    get(taskId: string, options?: CallOptions & { readonly historyLength?: number }): Result;
    getAsync(taskId: string, options?: CallOptions & { readonly historyLength?: number }): Promise<Result>;
    cancel(taskId: string, options?: CallOptions): Result;
    cancelAsync(taskId: string, options?: CallOptions): Promise<Result>;
    list(wanted?: TasksWanted, options?: CallOptions): Result;
    listAsync(wanted?: TasksWanted, options?: CallOptions): Promise<Result>;
  }

  export interface Aborter {
    /** Leaves the streams and gives up the calls that were given this. */
    abort(): void;
  }

  export function agent(options: AgentOptions): Agent;
  export function aborter(): Aborter;
  /** Best in `setup()`, which hands it to all VUs. Throws. */
  export function fetchCard(url: string): object;
}
