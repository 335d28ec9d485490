/**
 * Who was told when to come back, and came before. A message is known by its id: whoever asks the same again under another one
 * is not seen, and nobody is taken for somebody else.
 */

/** A timer may fire a little early, and clocks are read at two ends. */
const TOLERANCE_MS = 20;
const MESSAGES_MAX = 10_000;

export interface Returns {
  /** A message is sent away for so long from now. Gives how many were, and how often one of them has come again too early. */
  turnAway(message: string, for_ms: number): { readonly messages: number; readonly early: number };
}

export function countReturns(now_ms: () => number = () => performance.now()): Returns {
  const awaited = new Map<string, number>();
  let messages = 0;
  let early = 0;
  return {
    turnAway(message, for_ms) {
      const due_ms = awaited.get(message);
      if (due_ms === undefined) messages += 1;
      else if (now_ms() < due_ms - TOLERANCE_MS) early += 1;
      awaited.delete(message);
      awaited.set(message, now_ms() + for_ms);
      const [oldest] = awaited.keys();
      if (awaited.size > MESSAGES_MAX && oldest !== undefined) awaited.delete(oldest);
      return { messages, early };
    },
  };
}
