/** What a caller gets instead of a session: which limit it met, how much of it is in use, and when to try again. */
import type { LimitName } from '../model/session.ts';

export interface Refusal {
  readonly limit: LimitName;
  readonly in_use: number;
  readonly allowed: number;
  /** When it may be worth another try at the soonest, as far as that is known. */
  readonly retry_after_ms?: number;
}

export class SessionRefused extends Error {
  override readonly name = 'SessionRefused';
  readonly limit: LimitName;
  readonly in_use: number;
  readonly allowed: number;
  readonly retry_after_ms: number | undefined;

  constructor(sentence: string, refusal: Refusal, options?: ErrorOptions) {
    super(sentence, options);
    this.limit = refusal.limit;
    this.in_use = refusal.in_use;
    this.allowed = refusal.allowed;
    this.retry_after_ms = refusal.retry_after_ms;
  }
}

/** The request itself is wrong: it would be refused however few sessions there were. */
export class SessionRequestError extends Error {
  override readonly name = 'SessionRequestError';
}
