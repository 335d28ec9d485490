/** What muster's exit codes mean. A verdict brings its own (0, 1, 2, 3, 130); these are for when there is none. */
export const EXIT = { usage: 4, harness: 5, interrupted: 130 } as const;

/** Something the user gave was not usable; the message says what, why and what to do. Told without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}
