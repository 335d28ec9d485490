/** Who is let in: every limit that a new session may meet, in one place. A refused start costs no token of the rate. */
import type { LimitName, SessionLimits, SessionRequest } from '../model/session.ts';
import { SessionRefused } from './session-refused.ts';
import { openTokenBucket } from './token-bucket.ts';

/** A session that counts: it has not ended yet. */
export interface Counted {
  readonly user: string;
  readonly address?: string;
  lastUsed_ms(): number;
}

export interface Admission {
  /** Throws `SessionRefused`. */
  admit(request: SessionRequest, counted: readonly Counted[], now_ms: number): void;
}

export function openAdmission(limits: SessionLimits, now_ms: number): Admission {
  const starts = openTokenBucket(limits.starts_per_s_max, now_ms);
  return {
    admit({ user, address }, counted, at_ms) {
      const check = (limit: LimitName, whose: string, of: readonly Counted[], allowed: number): void => {
        if (of.length < allowed) return;
        const retry_after_ms = untilIdle(of, limits, at_ms);
        throw new SessionRefused(
          `Failed to open a session for "${user}": ${whose} ${of.length} of ${allowed} sessions in use. ` +
            `End one, or try again ${inSeconds(retry_after_ms)}, when the one that has been idle longest may have been ended.`,
          { limit, in_use: of.length, allowed, retry_after_ms },
        );
      };
      check('sessions', 'there are', counted, limits.sessions_max);
      const own = counted.filter((each) => each.user === user);
      check('user', 'this user has', own, limits.sessions_per_user_max);
      if (address !== undefined) {
        const near = counted.filter((each) => each.address === address);
        check('address', `the address ${address} has`, near, limits.sessions_per_address_max);
      }
      const allowed = limits.starts_per_s_max;
      const retry_after_ms = starts.take(at_ms);
      if (retry_after_ms === 0) return;
      throw new SessionRefused(
        `Failed to open a session for "${user}": ${allowed} starts per second are allowed, and all of them are in use. Try again ${inSeconds(retry_after_ms)}.`,
        { limit: 'starts', in_use: allowed, allowed, retry_after_ms },
      );
    },
  };
}

/** When the session that nobody has used for longest is ended, should nobody use it until then. */
export function untilIdle(of: readonly Counted[], { idle_ms_max }: SessionLimits, now_ms: number): number {
  const oldest_ms = Math.min(...of.map((each) => each.lastUsed_ms()));
  return Math.max(1, Math.ceil(oldest_ms + idle_ms_max - now_ms));
}

/** Limits that nothing could ever meet, or that would let everything in, are mistakes: zero never means unlimited. */
export function assertSound(limits: SessionLimits): void {
  const wrong = Object.entries(limits).filter(([, value]) => !(typeof value === 'number' && value > 0));
  if (wrong.length === 0) return;
  const told = wrong.map(([name, value]) => `${name} is ${value}`).join(', ');
  throw new RangeError(`Failed to open sessions: ${told}. Each limit must be a number above 0.`);
}

function inSeconds(ms: number): string {
  return `in ${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
