/**
 * Who is spoken of in a text: every user has a canary, and every message a token that begins with it. One expression and
 * one map find them all in one pass, however many users there are.
 */
import type { HistoryEvent, UserEvent } from '../model/history.ts';
import { MARK } from '../model/marks.ts';
import { startLatest } from './latest.ts';

export const CANARY_LENGTH = 12;
/** No mark is longer than this, so that one cut in two is found in the end of one chunk and the beginning of the next. */
export const MARK_LENGTH_MAX = 32;

export interface Mark {
  readonly canary: string;
  /** The whole of it, in lower case. */
  readonly text: string;
}

/** What looks like a mark but is nobody's canary may overlap a real one, so the search goes on inside it. */
export function marksIn(text: string, isCanary: (canary: string) => boolean): readonly Mark[] {
  const found: Mark[] = [];
  MARK.lastIndex = 0;
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    const mark = match[0].toLowerCase();
    const canary = mark.slice(0, CANARY_LENGTH);
    if (isCanary(canary)) found.push({ canary, text: mark });
    else MARK.lastIndex = match.index + 2;
  }
  return found;
}

type Arrived = UserEvent & { readonly phase: 'arrived' };

export interface CanaryBook {
  add(event: HistoryEvent): void;
  arrivalOf(user: string): HistoryEvent | undefined;
  userOf(canary: string): string | undefined;
  canaryOf(user: string): string | undefined;
  /** The agent can tell this user from others. */
  isKnownByAgent(user: string): boolean;
  /** More than one user has arrived, so that one's canary could reach another. */
  hasTwo(): boolean;
}

/** Memory: the arrivals of the latest users. A user who was forgotten is nobody: his canary accuses no more. */
export function startCanaryBook(): CanaryBook {
  const byCanary = startLatest<Arrived>();
  const byUser = startLatest<Arrived>();
  let someone: string | undefined;
  let hasTwo = false;
  return {
    add(event) {
      if (event.type !== 'user' || event.phase !== 'arrived') return;
      someone ??= event.user;
      hasTwo ||= event.user !== someone;
      byCanary.set(event.canary.toLowerCase(), event);
      byUser.set(event.user, event);
    },
    arrivalOf: (user) => byUser.get(user),
    userOf: (canary) => byCanary.get(canary)?.user,
    canaryOf: (user) => byUser.get(user)?.canary.toLowerCase(),
    isKnownByAgent: (user) => (byUser.get(user)?.identity ?? 'anonymous') !== 'anonymous',
    hasTwo: () => hasTwo,
  };
}
