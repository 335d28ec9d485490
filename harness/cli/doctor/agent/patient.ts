/** The agent as its examinations see it, and a wire that counts and times what goes over it: what was sent is told in the end. */
import type { Transport } from '../../../model/a2a.ts';
import type { CardInterface } from '../../../model/card-interfaces.ts';
import type { Checkup, CheckupFinding } from '../../../model/checkup.ts';
import type { Agent, Wire } from '../../../model/live.ts';
import type { Outcome } from '../../../model/op.ts';
import type { Headers, Patience } from '../../init/conversation.ts';

export interface Caller {
  /** As the subject of a sentence. */
  readonly who: string;
  readonly headers: Headers;
}

export type Sent = { -readonly [Name in keyof Checkup['sent']]: number };

export interface Patient {
  readonly agent: Agent;
  /** In the order in which they are tried: the first who is let in asks everything else. */
  readonly callers: readonly Caller[];
  /** They are real users, and nobody else may ask. */
  readonly real_users: boolean;
  /** What the agent is told, with a place for its `{token}`. */
  readonly phrase: string;
  /** `call_ms_max` is for what does not begin any work. */
  readonly patience: Patience & { readonly call_ms_max: number };
  readonly signal: AbortSignal;
  readonly sent: Sent;
}

/** An interface of the card that was asked for a task that there is not. */
export interface Met {
  readonly face: CardInterface;
  /** `JSONRPC 1.0`. */
  readonly name: string;
  readonly transport: Transport;
  readonly is03: boolean;
  readonly wire: WatchedWire;
  /** Speaks the protocol and let `caller` in; speaks it perhaps, and let nobody in; does not speak it. */
  readonly state: 'answers' | 'guarded' | 'other';
  /** Of the last of them. */
  readonly took_ms: number;
  /** What each caller got who was tried. */
  readonly tried: readonly { readonly caller: Caller; readonly outcome: Outcome }[];
}

/** A patient whose first answering interface is known. */
export interface Talking extends Patient {
  readonly met: readonly Met[];
  readonly main: Met;
  readonly caller: Caller;
  /** A task that the caller has begun. */
  readonly taskId?: string;
}

/** What is looked at, and what is sent for it: in words, for the documentation. */
export interface Described {
  readonly area: string;
  readonly title: string;
  readonly looks_at: string;
  readonly sends: string;
}

export interface AgentExamination extends Described {
  readonly examine: (
    patient: Talking,
  ) => Promise<{ readonly findings: readonly CheckupFinding[]; readonly taskId?: string }>;
}

export interface Timed {
  readonly took_ms: number;
  readonly first_event_ms?: number;
  readonly events: number;
}

export interface WatchedWire extends Pick<Wire, 'perform' | 'address'> {
  /** Of the latest call to have ended. */
  readonly latest: () => Timed;
}

export function watched(wire: Wire, sent: Sent): WatchedWire {
  let latest: Timed = { took_ms: 0, events: 0 };
  return {
    address: wire.address,
    latest: () => latest,
    async perform(op, options) {
      sent.requests += 1;
      if (op.op === 'SendMessage' || op.op === 'SendStreamingMessage') sent.messages += 1;
      if (op.op === 'CancelTask') sent.cancels += 1;
      const began_ms = performance.now();
      let first_event_ms: number | undefined;
      let events = 0;
      const outcome = await wire.perform(op, {
        ...options,
        onEvent(event) {
          first_event_ms ??= performance.now() - began_ms;
          events += 1;
          options.onEvent(event);
        },
      });
      const took_ms = performance.now() - began_ms;
      latest = { took_ms, events, ...(first_event_ms === undefined ? {} : { first_event_ms }) };
      return outcome;
    },
  };
}

export const ignoreEvent = (): void => {};
