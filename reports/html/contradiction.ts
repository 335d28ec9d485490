/**
 * What was told of a task earlier beside what the last event says, where the two cannot both be true: a terminal state
 * that was left, a text that lost or changed what had been sent, a task that is suddenly unknown. Nothing is shown
 * where a later answer may simply know more.
 */
import { type StreamResponse, type Task, TERMINAL_STATES } from '../../harness/model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../harness/model/history.ts';
import type { FindingRecord } from '../../harness/model/record.ts';
import { invokeOf, invokesOf } from '../tell.ts';
import { artifactText, stateWord } from '../tell-task.ts';
import { type Html, html, unfolding } from './escape.ts';

interface Story {
  readonly state?: string;
  readonly text?: string;
  readonly missing?: string;
}

/** What one event tells of one task. */
interface Telling {
  readonly taskId: string;
  readonly user: string | undefined;
  /** The op or stream through which it was told. */
  readonly through: string;
  readonly after: (before: Story) => Story;
}

interface Told {
  readonly story: Story;
  readonly through: string;
  /** Position in the evidence, from 1, of the event that first told it so. */
  readonly number: number;
}

export interface Contradiction {
  readonly earlier: Told;
  readonly later: Told;
  readonly lines: readonly Line[];
}

type Line = readonly [what: string, earlier: string, later: string, bad: boolean];

type Tale = Pick<Telling, 'taskId' | 'after'>;

function taleOfTask(task: Task): Tale {
  const text = task.artifacts === undefined ? {} : { text: artifactText(task) };
  return { taskId: task.id, after: (before) => ({ ...before, state: task.status?.state, ...text }) };
}

function taleOfPayload(payload: StreamResponse): Tale | undefined {
  if (payload.task !== undefined) return taleOfTask(payload.task);
  if (payload.statusUpdate !== undefined) {
    const { taskId, status } = payload.statusUpdate;
    return { taskId, after: (before) => ({ ...before, state: status?.state ?? '' }) };
  }
  if (payload.artifactUpdate === undefined) return undefined;
  const { taskId, artifact, append } = payload.artifactUpdate;
  const text = artifactText({ artifacts: [artifact] });
  return { taskId, after: (before) => ({ ...before, text: append === true ? (before.text ?? '') + text : text }) };
}

function tellingOf(event: HistoryEvent, invoke: InvokeEvent | undefined): Telling | undefined {
  const whence = {
    user: invoke?.user,
    through: event.type === 'event' ? 'the stream' : (invoke?.op.op ?? 'an answer'),
  };
  if (event.type === 'event') {
    const tale = taleOfPayload(event.payload);
    return tale && { ...whence, ...tale };
  }
  if (event.type === 'ok') return event.value.task && { ...whence, ...taleOfTask(event.value.task) };
  if (event.type !== 'fail' || event.error.code !== 'TaskNotFoundError') return undefined;
  const taskId = invoke !== undefined && 'taskId' in invoke.op ? invoke.op.taskId : undefined;
  return taskId === undefined
    ? undefined
    : { ...whence, taskId, after: (before) => ({ ...before, missing: event.error.code }) };
}

function linesOf(earlier: Story, later: Story): readonly Line[] {
  const over = TERMINAL_STATES.has(earlier.state ?? '');
  const lines: Line[] = [];
  if (later.missing !== undefined) return [['task', stateWord(earlier.state ?? 'known'), later.missing, true]];
  if (earlier.state !== undefined && later.state !== undefined) {
    lines.push(['state', stateWord(earlier.state), stateWord(later.state), over && earlier.state !== later.state]);
  }
  if (earlier.text !== undefined && later.text !== undefined) {
    const broken = over ? earlier.text !== later.text : !later.text.startsWith(earlier.text);
    lines.push(['text', earlier.text || 'none', later.text || 'none', broken]);
  }
  return lines;
}

const same = (left: Story, right: Story): boolean => left.state === right.state && left.text === right.text;

/** Undefined where the evidence shows no contradiction about one task of one user. */
export function contradictionOf({ evidence }: FindingRecord): Contradiction | undefined {
  const invokes = invokesOf(evidence);
  const tellings = evidence.map((event) => tellingOf(event, invokeOf(event, invokes)));
  const last = tellings.at(-1);
  if (last === undefined) return undefined;
  let earlier: Told | undefined;
  for (const [index, telling] of tellings.slice(0, -1).entries()) {
    if (telling === undefined || telling.taskId !== last.taskId || telling.user !== last.user) continue;
    const story = telling.after(earlier?.story ?? {});
    if (earlier === undefined || !same(story, earlier.story)) {
      earlier = { story, through: telling.through, number: index + 1 };
    }
  }
  if (earlier === undefined) return undefined;
  const later = { story: last.after(earlier.story), through: last.through, number: evidence.length };
  const lines = linesOf(earlier.story, later.story);
  return lines.some(([, , , bad]) => bad) ? { earlier, later, lines } : undefined;
}

export function contradictionTable({ earlier, later, lines }: Contradiction): Html {
  const rows = lines.map(
    ([what, before, after, bad]) =>
      html`<tr><th scope="row">${what}</th><td>${unfolding(before, 120)}</td><td class="${bad ? 'bad' : 'same'}">${unfolding(after, 120)}</td></tr>`,
  );
  return html`<table class="told"><thead><tr><th></th><th scope="col">told earlier, by ${earlier.through}</th><th scope="col">told later, by ${later.through}</th></tr></thead><tbody>${rows}</tbody></table>`;
}
