/**
 * One op that is over, as numbers: all that is measured of a load, whoever made it. An engine that writes a history need not make
 * any, since the same is read from its events. Times are milliseconds since the run began.
 */
import type { OperationName } from './op.ts';

export interface Measurement {
  readonly op: OperationName;
  /** Position of the user among all identities of the load, from 0. */
  readonly user: number;
  readonly due_ms: number;
  readonly sent_ms: number;
  readonly ended_ms: number;
  readonly outcome: 'ok' | 'fail' | 'info';
  /** Of an outcome that is not `ok`; a code of `OpError`. */
  readonly error?: string;
  /** A stream that its reader left: it lasted as long as he chose. */
  readonly left?: true;
  /** When the events of a stream came; not those that were told one by one as they came. */
  readonly events_ms?: readonly number[];
  /** Of a stream whose events were told as they came, when its last one did. */
  readonly last_event_ms?: number;
  /** Only of the first answer or event that showed the task over. */
  readonly terminal?: TerminalMeasure;
  /** It showed its task failed or rejected; where `terminal` is told apart. */
  readonly in_vain?: true;
  readonly bytes_in?: number;
  readonly bytes_out?: number;
}

export interface TerminalMeasure {
  /** What sent the message that began the task. */
  readonly began_by: OperationName;
  /** A terminal `TaskState`. */
  readonly state: string;
  /** From the sending of that message to what showed the state, also where that was another op. */
  readonly took_ms: number;
}

/** Takes the numbers of users who are not written down. */
export interface Measures {
  op(measurement: Measurement): void;
  /** A user was due, and came or was dropped. */
  visit(due_ms: number, came: boolean, user: number): void;
}
