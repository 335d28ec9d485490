/**
 * The one file that goes into k6: what of a plan its load script needs. It is plain data with every limit written out, and k6/load.ts
 * reads it by this type and nothing else of the harness.
 */
import type { Demand } from '../../model/load.ts';

export const K6_LOAD_SCHEMA = 'muster.k6-load/1';

/** One call of a visit, and how long its user thinks before the next. */
export interface K6Turn {
  /** `GetTask`, `CancelTask` and `SubscribeToTask` are about the task of the last turn that had one. */
  readonly operation:
    | 'SendMessage'
    | 'SendStreamingMessage'
    | 'SubscribeToTask'
    | 'GetTask'
    | 'CancelTask'
    | 'ListTasks';
  /** `{token}` stands for a mark that no other turn of any user has. */
  readonly text?: string;
  readonly returnImmediately?: boolean;
  /** Goes on with the task, or only with the conversation, of the turn before. */
  readonly follows?: 'task' | 'context';
  /** Leaves a stream after so many events. */
  readonly leave_after?: number;
  /** `GetTask` again and again, with pauses of `think_ms`, until the task is over or it has been asked so often. */
  readonly looks_max?: number;
  /** Drawn evenly between the two. */
  readonly think_ms?: { readonly from: number; readonly to: number };
}

export interface K6LoadFile {
  readonly schema: typeof K6_LOAD_SCHEMA;
  readonly seed: number;
  /** Without a card it is fetched from the agent before the load begins. */
  readonly target: {
    readonly url: string;
    readonly transport?: 'jsonrpc' | 'rest';
    readonly card?: Readonly<Record<string, unknown>>;
  };
  readonly demand: Demand;
  /**
   * When the users of Poisson arrivals are due, ascending, in milliseconds after the load begins: k6 draws none, and lets users come evenly
   * only, so its script waits until it is time.
   */
  readonly due_ms?: readonly number[];
  readonly mix: readonly { readonly script: string; readonly weight: number; readonly turns: readonly K6Turn[] }[];
  /**
   * Which of the mix the first visits do, a digit in base 36 for each: as the embedded engine draws it, so that both do the same. Who comes
   * later draws for himself.
   */
  readonly scripts: string;
  /** Dealt in turn to those who come; where there are none, everybody is anonymous. */
  readonly users: readonly { readonly id: string; readonly headers: Readonly<Record<string, string>> }[];
  /** Gives every sample the name of its user, for fairness between few users; with many, k6 keeps a series for each. */
  readonly tag_users: boolean;
  readonly in_flight_max: number;
  readonly answer_ms_max: number;
  readonly stall_ms: number;
  readonly answer_bytes_max: number;
  readonly stream_events_max: number;
  /** After the last arrival, visits have so long to end. */
  readonly settle_ms_max: number;
  readonly heeds_retry_after: boolean;
  readonly user_agent: string;
}
