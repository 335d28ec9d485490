/**
 * Whom devices tell what they do: a history, somebody who only measures, or both. Where nothing is written down nothing is made that
 * only a history would hold.
 */
import type { StreamResponse } from '../../model/a2a.ts';
import type { InvokeEvent, Unstamped, UserEvent } from '../../model/history.ts';
import type { Outcome } from '../../model/op.ts';

export type BegunOp = Omit<Unstamped<InvokeEvent>, 'type'>;

export interface ToldOp {
  readonly op_id: number;
  /** An event of its stream, and its place in it. */
  event(payload: StreamResponse, index: number): void;
  end(outcome: Outcome): void;
}

export interface Telling {
  /** A user has come, or is gone. */
  user(event: Unstamped<UserEvent>): void;
  /** An op is under way; `index`: the position of its user among all. */
  begin(op: BegunOp, index: number): ToldOp;
}

export function tellHistory(emit: (event: Unstamped) => unknown): Telling {
  return {
    user: emit,
    begin(op) {
      const { op_id } = op;
      emit({ type: 'invoke', ...op });
      return {
        op_id,
        event: (payload, index) => void emit({ type: 'event', op_id, index, payload }),
        end: (outcome) =>
          void emit(
            outcome.type === 'ok'
              ? { type: 'ok', op_id, value: outcome.value }
              : { type: outcome.type, op_id, error: outcome.error },
          ),
      };
    },
  };
}

export function tellBoth(first: Telling, second: Telling): Telling {
  return {
    user(event) {
      first.user(event);
      second.user(event);
    },
    begin(op, index) {
      const [one, other] = [first.begin(op, index), second.begin(op, index)];
      return {
        op_id: one.op_id,
        event(payload, place) {
          one.event(payload, place);
          other.event(payload, place);
        },
        end(outcome) {
          one.end(outcome);
          other.end(outcome);
        },
      };
    },
  };
}
