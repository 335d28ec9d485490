/**
 * A stream that a device has open while its script does other things. It may be held: then nothing is taken off the connection, and
 * what is still read when it is let go is counted and told to nobody.
 */
import type { StreamResponse } from '../../model/a2a.ts';
import type { Outcome } from '../../model/op.ts';
import { type OpenStop, openStop, type Stop } from '../../model/stop.ts';
import type { StreamState } from '../../script/streams.ts';
import { waitFor } from './wait-for.ts';

/** What waited on a held stream has been read when it has ended, or nothing has come for some looks. */
const LOOK_MS = 20;
const QUIET_LOOKS = 10;
const LOOKS_MAX = 150;

export interface LiveStream extends StreamState {
  /** Stopped when the reader goes away. */
  readonly reader: OpenStop;
  /** Called whenever an event came or the stream ended. */
  wake: () => void;
  finished: Promise<void>;
  held: Held | undefined;
}

/** While it is there nothing more is read; afterwards what comes is counted, and not told. */
interface Held {
  readonly over: PromiseWithResolvers<void>;
  isOver: boolean;
  events: number;
  bytes: number;
}

export const startStream = (signal: Stop): LiveStream => ({
  events: [],
  read: 0,
  reader: openStop(signal),
  wake: () => {},
  finished: Promise.resolve(),
  held: undefined,
});

/** Waits until a stream has what is wanted, or has ended. */
export async function until(stream: LiveStream, satisfied: () => boolean): Promise<void> {
  while (!satisfied() && stream.ended === undefined) {
    await new Promise<void>((resolve) => {
      stream.wake = resolve;
    });
  }
  stream.wake = () => {};
}

export function hold(stream: LiveStream | undefined): void {
  if (stream !== undefined) stream.held ??= { over: Promise.withResolvers(), isOver: false, events: 0, bytes: 0 };
}

/** Counts what comes after a stream was let go. */
export function isThrownAway({ held }: LiveStream, payload: StreamResponse): boolean {
  if (held?.isOver !== true) return false;
  held.events += 1;
  held.bytes += JSON.stringify(payload).length;
  return true;
}

/** What is not held is left as it is. */
export async function letGo(stream: LiveStream | undefined, signal: Stop): Promise<Outcome> {
  const held = stream?.held;
  if (stream === undefined || held === undefined) return { type: 'ok', value: {} };
  held.isOver = true;
  held.over.resolve();
  for (let looks = 0, quiet = 0; looks < LOOKS_MAX && quiet < QUIET_LOOKS && !signal.aborted; looks += 1) {
    const before = held.events;
    if (stream.ended !== undefined) break;
    await waitFor(LOOK_MS, signal);
    quiet = held.events > before ? 0 : quiet + 1;
  }
  stream.reader.stop();
  await stream.finished;
  return { type: 'ok', value: { events: held.events, bytes: held.bytes } };
}

/** Reads no more of it, held or not. */
export function abandon({ reader, held }: LiveStream): void {
  reader.stop();
  held?.over.resolve();
}
