/**
 * What a script has seen of its streams. Live and in recall the same rules turn events into completions, so that a
 * script cannot tell the two apart.
 */
import type { StreamResponse } from '../model/a2a.ts';
import type { Completion, Outcome, Step } from '../model/op.ts';

export interface StreamState {
  readonly events: StreamResponse[];
  /** How many events the script has been given. */
  read: number;
  /** How it ended, once it has. */
  ended?: Outcome;
}

/** Opening completes with the first event; without any, with how the stream ended. */
export function completeOpen(step: Step, stream: StreamState): Completion {
  const events = take(stream, 1);
  const outcome: Outcome =
    events.length > 0 || stream.ended === undefined ? { type: 'ok', value: { events: events.length } } : stream.ended;
  return { step, outcome, events };
}

/** Reading completes with `count` events more; the stream's own ending shows when there is nothing left to read. */
export function completeRead(step: Step, stream: StreamState, count: number): Completion {
  const events = take(stream, count);
  const outcome: Outcome =
    stream.ended !== undefined && stream.read === stream.events.length
      ? stream.ended
      : { type: 'ok', value: { events: count } };
  return { step, outcome, events };
}

function take(stream: StreamState, count: number): readonly StreamResponse[] {
  const events = stream.events.slice(stream.read, stream.read + count);
  stream.read += events.length;
  return events;
}
