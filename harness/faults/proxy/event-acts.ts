/** What can be done to one event of a stream, as pure functions: an event goes in, and what goes on in its place comes out. */

export interface Acted {
  readonly out: readonly Buffer[];
  /** Kept for the next event; it goes on when the stream ends or the rule is healed. */
  readonly held?: Buffer;
  /** What goes on leaves so much later, and all that follows behind it. */
  readonly hold_ms?: number;
  /** Whether the rule did something. */
  readonly hit: boolean;
}

/** `nth` counts the events that began since the rule was there, from 1; `held` is what the last call kept. */
export type EventAct = (event: Buffer, nth: number, held: Buffer | undefined) => Acted;

/** Leaves all events alone but the one with this number. */
export function onNth(wanted: number, act: (event: Buffer) => Omit<Acted, 'hit'> & Partial<Acted>): EventAct {
  return (event, nth) => (nth === wanted ? { hit: true, ...act(event) } : { out: [event], hit: false });
}
