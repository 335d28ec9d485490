/**
 * §3.5.2: all who watch a task are told the same updates in the same order. Each stream is a piece of one story, so any
 * two must fit together: one within the other, or the end of one over the beginning of the other; and whoever was there
 * at the end was told the end. Times of sending are no part of the story.
 */
import type { Check } from '../model/check.ts';
import type { InvokeEvent, StreamEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS } from '../model/op.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import type { KnownTask } from '../model/scene.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { fingerprintOf } from './parts/fingerprints.ts';
import { observe } from './parts/observations.ts';
import {
  ANSWERS,
  clip,
  isReadBack,
  isStreaming,
  isTerminal,
  listOf,
  stateOf,
  stateWord,
  textOf,
} from './parts/reading.ts';
import { endsWith, fitsTogether } from './parts/stories.ts';

interface Telling {
  readonly taskId: string;
  readonly invoke: InvokeEvent;
  readonly updates: number[];
  /** What the first few updates were, for the eye. */
  readonly shown: string[];
  readonly events: KeptEvent[];
  /** Its first event: from then on it was sure to be told everything. */
  readonly opened_seq: number;
  first_update_seq: number;
  last: KeptEvent | undefined;
  /** The update that brought a terminal state. */
  end: KeptEvent | undefined;
  /** Nothing came for so long that muster gave up, without a fault of muster's doing. */
  isGivenUp: boolean;
  /** A fault of muster's doing told another story in it. */
  isFalsified: boolean;
}

const SHOWN_MAX = 12;
const EVENTS_MAX = 3;

export const sameStory: Check = {
  name: 'same-story',
  title: 'All streams of one task tell the same updates in the same order',
  section: '§3.5.2',
  memory: 'A hash per update and four events per stream, for the latest 10,000 tasks that have not been read back.',
  judges: 'agent',
  reads: ANSWERS,
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { faults, ops, tasks } }) => {
    const findings = startFindings();
    const tellings = tasks.perTask<readonly Telling[]>();
    const open = ops.perOp<{ readonly task: KnownTask; readonly telling: Telling }>();
    let evidence = 0;

    const compare = (told: readonly Telling[]): void => {
      const all = told.filter(({ isFalsified }) => !isFalsified);
      const reference = fullest(all);
      for (const telling of all) {
        if (reference === undefined || telling === reference) continue;
        if (missedEnd(reference, telling, plan.policy.stream_close_ms_max))
          findings.report(silence(reference, telling));
        if (telling.updates.length === 0) continue;
        evidence += 1;
        if (!areOneStory(reference, telling)) findings.report(contradiction(reference, telling));
      }
    };

    const isOpen = (task: KnownTask): boolean => {
      for (const one of open.values()) if (one.task === task) return true;
      return false;
    };

    const onEvent = (invoke: InvokeEvent, event: StreamEvent): void => {
      const taskId = observe(event, invoke)[0]?.taskId ?? '';
      const task = taskId === '' ? undefined : tasks.of(invoke, taskId);
      const known = open.get(invoke);
      if (task === undefined || (known !== undefined && known.task !== task)) return;
      const telling = known?.telling ?? startTelling(taskId, invoke, event);
      if (known === undefined) {
        open.set(invoke, { task, telling });
        tellings.set(task, [...(tellings.get(task) ?? []), telling]);
      }
      telling.isFalsified ||= faults.falsified(invoke);
      tell(telling, event);
    };

    return {
      add(event, invoke) {
        if (invoke === undefined) return;
        if (isStreaming(invoke.op)) {
          if (event.type === 'event') return onEvent(invoke, event);
          const one = open.get(invoke);
          if (one === undefined) return;
          one.telling.last = keep(event);
          one.telling.isGivenUp = event.type === 'info' && event.error.code === 'timeout' && !faults.touched(invoke);
          return;
        }
        const seen = isReadBack(invoke) ? observe(event, invoke)[0] : undefined;
        const task = seen === undefined || !isTerminal(seen.state) ? undefined : tasks.of(invoke, seen.taskId);
        const told = task === undefined ? undefined : tellings.get(task);
        if (task === undefined || told === undefined || isOpen(task)) return;
        compare(told);
        tellings.delete(task);
      },
      close() {
        for (const all of tellings.values()) compare(all);
        return { evidence, findings: findings.list() };
      },
    };
  },
};

function startTelling(taskId: string, invoke: InvokeEvent, { seq }: StreamEvent): Telling {
  return {
    taskId,
    invoke,
    updates: [],
    shown: [],
    events: [],
    opened_seq: seq,
    first_update_seq: seq,
    last: undefined,
    end: undefined,
    isGivenUp: false,
    isFalsified: false,
  };
}

function tell(telling: Telling, event: StreamEvent): void {
  const { statusUpdate, artifactUpdate } = recordOf(event.payload);
  telling.last = keep(event);
  if (statusUpdate === undefined && artifactUpdate === undefined) return;
  const update = statusUpdate === undefined ? ofArtifact(recordOf(artifactUpdate)) : ofStatus(recordOf(statusUpdate));
  if (telling.updates.length === 0) telling.first_update_seq = event.seq;
  telling.updates.push(fingerprintOf(update.content));
  if (telling.shown.length < SHOWN_MAX) telling.shown.push(update.shown());
  if (telling.events.length < EVENTS_MAX) telling.events.push(keep(event));
  if (isTerminal(update.state)) telling.end ??= keep(event);
}

interface Update {
  readonly content: unknown;
  readonly shown: () => string;
  readonly state?: string | undefined;
}

function ofStatus(update: Json): Update {
  const { state, message } = recordOf(update['status']);
  return { content: { state, message }, shown: () => stateWord(stateOf(update) ?? 'no state'), state: stateOf(update) };
}

function ofArtifact({ artifact, append, lastChunk }: Json): Update {
  const first = recordOf(listOf(recordOf(artifact)['parts'])[0]);
  return {
    content: { artifact, append: append === true, lastChunk: lastChunk === true },
    shown: () => `"${clip(textOf(first['text']) ?? 'a part', 16)}"`,
  };
}

/** Of those that were there at the end if there are any, the one that was told most. */
function fullest(tellings: readonly Telling[]): Telling | undefined {
  const ended = tellings.filter(({ end }) => end !== undefined);
  const candidates = ended.length > 0 ? ended : tellings;
  return candidates.reduce<Telling | undefined>(
    (best, one) => (best === undefined || one.updates.length > best.updates.length ? one : best),
    undefined,
  );
}

/** The reference has the end of the story if any has it. */
function areOneStory(reference: Telling, other: Telling): boolean {
  const hasEnd = reference.end !== undefined;
  if (other.end !== undefined) {
    return endsWith(reference.updates, other.updates) || endsWith(other.updates, reference.updates);
  }
  return (
    fitsTogether(reference.updates, other.updates, hasEnd) ||
    canFollow(reference, other) ||
    (!hasEnd && canFollow(other, reference))
  );
}

/**
 * Whether all that the later stream was told can have happened after all that the earlier one was told. A stream is told
 * only what happens after it was asked for: if the earlier one was asked for when the later one had already been told
 * something, it cannot be so.
 */
function canFollow(later: Telling, earlier: Telling): boolean {
  return earlier.invoke.seq < later.first_update_seq;
}

/** It was open before the end came, and still open long after. */
function missedEnd({ end }: Telling, { opened_seq, isGivenUp, last }: Telling, close_ms_max: number): boolean {
  if (end === undefined || last === undefined || !isGivenUp) return false;
  return opened_seq < end.seq && last.time_ms - end.time_ms > close_ms_max;
}

function silence(reference: Telling, other: Telling): Example {
  return {
    kind: 'end-not-told',
    message: 'A stream was not told that its task was over, and another stream was',
    expected: 'Every stream that is open when a task ends is told so.',
    seen: `Device ${reference.invoke.device} of ${reference.invoke.user} was told the end; device ${other.invoke.device} of ${other.invoke.user}, who was listening before it, waited in vain.`,
    users: [reference.invoke.user, other.invoke.user],
    tasks: [reference.taskId],
    evidence: [reference.invoke, other.invoke, ...other.events, reference.end, other.last],
  };
}

function contradiction(reference: Telling, other: Telling): Example {
  const list = ({ updates, shown }: Telling): string =>
    `${shown.join(', ')}${updates.length > shown.length ? `, and ${updates.length - shown.length} more` : ''}`;
  const later = (reference.last?.seq ?? 0) > (other.last?.seq ?? 0) ? reference : other;
  const earlier = later === reference ? other : reference;
  return {
    kind: 'stories-differ',
    message: 'Two streams of one task told different stories',
    expected:
      'Every stream of a task brings the same updates in the same order, from when it was opened to when it was closed.',
    seen: `Device ${reference.invoke.device} of ${reference.invoke.user} was told ${list(reference)}; device ${other.invoke.device} of ${other.invoke.user} was told ${list(other)}.`,
    users: [reference.invoke.user, other.invoke.user],
    tasks: [other.taskId],
    // Which of the two ended last says nothing.
    shape: [...new Set([reference, other].map(({ invoke }) => invoke.op.op))].sort().join(' and '),
    evidence: [earlier.invoke, ...earlier.events, earlier.last, later.invoke, ...later.events, later.last],
  };
}
