/**
 * Everything that one message was answered with, as it comes in: a Message, or a Task with its artifacts and status
 * messages. The history of the task does not count, since it repeats the question; what the agent itself says there
 * counts in its favour only. A token may come in pieces, so the joined texts are searched at the end.
 */
import type { HistoryEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import type { CanaryBook } from '../../model/scene.ts';
import { stringsIn } from '../../model/strings-in.ts';
import { CANARY_LENGTH, markedTexts, marksIn, mayHoldMark } from './canaries.ts';
import { addToFold, segmentsOf, startFold, type TaskFold, textOfSegments } from './fold-task.ts';
import { listOf } from './reading.ts';

const EVENTS_MAX = 3;

export interface Answer {
  readonly token: string;
  readonly fold: TaskFold;
  /** Tokens of the user's own canary, each with the event that brought it first. */
  readonly marks: Map<string, KeptEvent>;
  /** The first few events of the answer. */
  readonly events: KeptEvent[];
  statusText: string;
  hasMessage: boolean;
  hasOwnToken: boolean;
  /** Somebody else's canary is in it: a greater wrong, told by user-isolation. */
  hasForeignMark: boolean;
  last: KeptEvent | undefined;
}

export function startAnswer(token: string, isNew: boolean): Answer {
  return {
    token: token.toLowerCase(),
    fold: startFold(isNew),
    marks: new Map(),
    events: [],
    statusText: '',
    hasMessage: false,
    hasOwnToken: false,
    hasForeignMark: false,
    last: undefined,
  };
}

/** `payload`: a stream item, or the value of an answer. */
export function gather(answer: Answer, payload: Json, event: HistoryEvent, book: CanaryBook): void {
  const task = recordOf(payload['task']);
  const message = recordOf(payload['message']);
  const statuses = [recordOf(task['status']), recordOf(recordOf(payload['statusUpdate'])['status'])];
  addToFold(answer.fold, payload);
  for (const { message: said } of statuses) {
    if (said !== undefined) answer.statusText += textOfSegments(segmentsOf(recordOf(said)));
  }
  if (payload['message'] !== undefined) {
    answer.hasMessage = true;
    answer.statusText += textOfSegments(segmentsOf(message));
  }
  answer.last = keep(event);
  if (event.type === 'event' && answer.events.length < EVENTS_MAX) answer.events.push(answer.last);
  // Most events say nothing that could be of a message.
  const wanted = mayHoldMark(answer.token) ? mayHoldMark : isNotShort;
  if (wanted === mayHoldMark && markedTexts(event).length === 0) return;
  const said = [
    message,
    task['artifacts'],
    recordOf(payload['artifactUpdate'])['artifact'],
    ...statuses.map((status) => status['message']),
  ];
  search(answer, stringsIn(said, wanted), answer.last, book);
  if (answer.hasOwnToken) return;
  const replies = listOf(task['history']).filter((each) => recordOf(each)['role'] === 'ROLE_AGENT');
  answer.hasOwnToken = stringsIn(replies, wanted).some((text) => text.toLowerCase().includes(answer.token));
}

/** Without a mark in it, a token may be part of any text but a short one. */
const isNotShort = (text: string): boolean => text.length >= CANARY_LENGTH;

function search(answer: Answer, texts: readonly string[], event: KeptEvent, book?: CanaryBook): void {
  const own = answer.token.slice(0, CANARY_LENGTH);
  for (const text of texts) {
    answer.hasOwnToken ||= text.toLowerCase().includes(answer.token);
    for (const mark of marksIn(text, (canary) => canary === own || book?.userOf(canary) !== undefined)) {
      if (mark.canary !== own) answer.hasForeignMark = true;
      else if (mark.text !== own && !answer.marks.has(mark.text)) answer.marks.set(mark.text, event);
    }
  }
}

function joinedTexts({ fold, statusText }: Answer): readonly string[] {
  return [statusText, ...[...fold.artifacts.values()].map(textOfSegments)];
}

/** Call it when the answer is complete, or will not become so. */
export function marksOf(answer: Answer): ReadonlyMap<string, KeptEvent> {
  if (answer.last !== undefined) search(answer, joinedTexts(answer), answer.last);
  return answer.marks;
}

export const shownOf = (answer: Answer): string => joinedTexts(answer).join(' ').trim();

export function isComplete({ hasMessage, fold }: Answer): boolean {
  return hasMessage || fold.state === 'TASK_STATE_COMPLETED';
}

export const holdsOwnToken = ({ hasOwnToken }: Answer): boolean => hasOwnToken;
