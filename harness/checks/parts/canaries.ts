/**
 * Who is spoken of in a text: every user has a canary, and every message a token that begins with it. One expression and
 * one map find them all in one pass, however many users there are.
 */
import type { HistoryEvent, UserEvent } from '../../model/history.ts';
import { kinshipOf, type UserName } from '../../model/kinship.ts';
import { MARK } from '../../model/marks.ts';
import type { CanaryBook } from '../../model/scene.ts';
import { stringsIn } from '../../model/strings-in.ts';
import { startLatest } from './latest.ts';
import { clip } from './reading.ts';

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
  if (!mayHoldMark(text)) return NO_MARKS;
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

/** The texts that an event brought and that may hold a mark. More than one check asks, one after the other. */
export function markedTexts(event: HistoryEvent): readonly string[] {
  if (latest?.event !== event) {
    latest = { event, texts: stringsIn(broughtBy(event), mayHoldMark) };
  }
  return latest.texts;
}

let latest: { readonly event: HistoryEvent; readonly texts: readonly string[] } | undefined;

function broughtBy(event: HistoryEvent): unknown {
  if (event.type === 'event') return event.payload;
  if (event.type === 'ok') return event.value;
  return event.type === 'fail' || event.type === 'info' ? event.error : undefined;
}

/** Whether anything in a text that may be the beginning of a mark is not this canary, as most that a user is told is about himself. */
export function mayHoldOthers(text: string, own: string): boolean {
  for (let index = text.length - CANARY_LENGTH; index >= 0; index -= 1) {
    if (mayBegin(text, index) && !text.startsWith(own, index)) return true;
  }
  return false;
}

const NO_MARKS: readonly Mark[] = [];
const LETTER_M = 'm'.charCodeAt(0);
const LETTER_Q = 'q'.charCodeAt(0);
/** Makes a capital letter small. */
const SMALL = 0x20;

/** Most texts are ids and hold none, and no expression is as quick to say so. */
export function mayHoldMark(text: string): boolean {
  for (let index = text.length - CANARY_LENGTH; index >= 0; index -= 1) {
    if (mayBegin(text, index)) return true;
  }
  return false;
}

const mayBegin = (text: string, index: number): boolean =>
  (text.charCodeAt(index + 1) | SMALL) === LETTER_Q && (text.charCodeAt(index) | SMALL) === LETTER_M;

type Arrived = UserEvent & { readonly phase: 'arrived' };

/** Memory: the arrivals of the latest users. A user who was forgotten is nobody: his canary accuses no more. */
export function startCanaryBook(): CanaryBook & { add(event: HistoryEvent): void } {
  const byCanary = startLatest<Arrived>();
  const byUser = startLatest<Arrived>();
  /** Whoever is asked for is asked for again at once. */
  let latest: Arrived | undefined;
  const arrivalOf = (user: string): Arrived | undefined => {
    if (latest?.user !== user) latest = byUser.get(user);
    return latest;
  };
  let someone: string | undefined;
  let hasTwo = false;
  const nameOf = (user: string): UserName | undefined => {
    const name: unknown = arrivalOf(user)?.name;
    return typeof name === 'string' || name === null ? name : undefined;
  };
  return {
    add(event) {
      if (event.type !== 'user' || event.phase !== 'arrived') return;
      someone ??= event.user;
      hasTwo ||= event.user !== someone;
      byCanary.set(event.canary.toLowerCase(), event);
      byUser.set(event.user, event);
      latest = event;
    },
    arrivalOf,
    userOf: (canary) => byCanary.get(canary)?.user,
    canaryOf: (user) => arrivalOf(user)?.canary.toLowerCase(),
    isKnownByAgent: (user) => (arrivalOf(user)?.identity ?? 'anonymous') !== 'anonymous',
    nameOf,
    nameTold: (user) => {
      const name = nameOf(user);
      return typeof name === 'string' ? `"${clip(name, 40)}"` : 'anonymous';
    },
    kinshipOf: (user, other) => {
      const [one, two] = [nameOf(user), nameOf(other)];
      return one === undefined || two === undefined ? undefined : kinshipOf(one, two);
    },
    hasTwo: () => hasTwo,
  };
}
