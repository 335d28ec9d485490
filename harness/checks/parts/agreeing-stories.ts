/**
 * The same words of one user, said over several transports: what becomes of them has the same shape, but for ids, times and the
 * token. An agent that thinks may answer differently each time, so only that is compared which is always the same over each of
 * the two transports. Memory: nine examples per user and kind of request, for the latest 10,000 of them; the updates of open streams.
 */
import type { Transport } from '../../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import type { SendOp } from '../../model/op.ts';
import { recordOf } from '../../model/record-of.ts';
import type { Example } from './findings.ts';
import { canonicalJson, fingerprintOf } from './fingerprints.ts';
import { startLatest } from './latest.ts';
import { clip, isInterrupted, isSend, isStreaming, isTerminal, listOf, stateOf, stateWord } from './reading.ts';

/** What is looked at of a story, each by itself. */
type Aspect = 'kind of answer' | 'states' | 'artifacts' | 'messages' | 'history' | 'metadata';

interface Story {
  readonly prints: ReadonlyMap<Aspect, number>;
  readonly shown: ReadonlyMap<Aspect, string>;
  readonly invoke: InvokeEvent;
  readonly end: KeptEvent;
}

export interface AgreeingStories {
  add(event: HistoryEvent, invoke: InvokeEvent, transport: Transport): void;
  close(): number;
}

/**
 * Fewer that are all the same may be so by chance; more would let a later answer take back what an earlier part of the history
 * has shown.
 */
const SAMPLES = 3;
const UPDATES_MAX = 1_000;

export function startAgreeingStories(report: (example: Example) => void): AgreeingStories {
  const told = startLatest<Map<Transport, Story[]>>();
  const open = new Map<number, unknown[]>();

  const remember = (parts: readonly unknown[], invoke: InvokeEvent, end: KeptEvent, transport: Transport): void => {
    if (!isSend(invoke.op)) return;
    const key = keyOf(invoke, invoke.op);
    const all = told.get(key) ?? new Map<Transport, Story[]>();
    const stories = all.get(transport) ?? [];
    if (stories.length < SAMPLES) stories.push(storyOf(parts, invoke.op, invoke, end));
    all.set(transport, stories);
    told.set(key, all);
  };

  return {
    add(event, invoke, transport) {
      const { op, op_id } = invoke;
      if (!isSend(op) || op.taskId !== undefined || op.contextId !== undefined || op.returnImmediately === true) return;
      if (event.type === 'event') {
        const parts = open.get(op_id) ?? [];
        open.set(op_id, parts);
        if (parts.length <= UPDATES_MAX) parts.push(event.payload);
        return;
      }
      const parts = open.get(op_id) ?? [];
      open.delete(op_id);
      if (event.type !== 'ok') return;
      if (!isStreaming(op)) remember([event.value], invoke, keep(event), transport);
      else if (event.value?.ended === 'by-agent' && parts.length <= UPDATES_MAX && hasEnd(parts.at(-1)))
        remember(parts, invoke, keep(event), transport);
    },
    close() {
      let compared = 0;
      for (const all of told.values()) {
        const enough = [...all].filter(([, stories]) => stories.length === SAMPLES);
        for (const [at, one] of enough.entries()) {
          for (const other of enough.slice(at + 1)) {
            const stable = aspectsOf(one[1]).filter((aspect) => isStable(one[1], aspect) && isStable(other[1], aspect));
            compared += stable.length;
            const differing = stable.find((aspect) => printOf(one[1], aspect) !== printOf(other[1], aspect));
            if (differing !== undefined) report(exampleOf(differing, one, other));
          }
        }
      }
      return compared;
    },
  };
}

function hasEnd(payload: unknown): boolean {
  const { task, statusUpdate, message } = recordOf(payload);
  const state = stateOf(recordOf(task ?? statusUpdate));
  return message !== undefined || isTerminal(state) || isInterrupted(state);
}

const keyOf = ({ user }: InvokeEvent, op: SendOp): string =>
  JSON.stringify([user, op.agent, op.op, op.behaviour, String(op.text).replaceAll(op.token, '{token}')]);

function storyOf(parts: readonly unknown[], { token }: SendOp, invoke: InvokeEvent, end: KeptEvent): Story {
  const all = parts.map(recordOf);
  const tasks = all.map(({ task }) => recordOf(task));
  const updates = all.map(({ statusUpdate }) => recordOf(statusUpdate));
  const aspects: Readonly<Record<Aspect, unknown>> = {
    'kind of answer': all.map((part) => Object.keys(part).sort().join()),
    states: [...tasks, ...updates].flatMap((each) => stateOf(each) ?? []),
    artifacts: all.flatMap(({ task, artifactUpdate }) => [
      ...listOf(recordOf(task)['artifacts']),
      ...(artifactUpdate === undefined ? [] : [artifactUpdate]),
    ]),
    messages: all.flatMap(({ task, statusUpdate, message }) => [
      ...(message === undefined ? [] : [message]),
      ...[task, statusUpdate].flatMap((each) => recordOf(recordOf(each)['status'])['message'] ?? []),
    ]),
    history: tasks.flatMap(({ history }) => listOf(history)),
    metadata: all.flatMap((part) => Object.values(part).flatMap((each) => recordOf(each)['metadata'] ?? [])),
  };
  const shown = new Map(Object.entries(aspects).map(([name, value]) => [name as Aspect, anonymous(value, token)]));
  const prints = new Map([...shown].map(([name, text]) => [name, fingerprintOf(text)]));
  return { prints, shown: new Map([...shown].map(([name, text]) => [name, clip(text, 80)])), invoke, end };
}

const NAMES = /"(id|taskId|contextId|messageId|artifactId|timestamp)":"(?:[^"\\]|\\.)*"/g;
const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi;
const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g;

/** As JSON, without what is another one each time; that it is there is kept. */
const anonymous = (value: unknown, token: string): string =>
  canonicalJson(value)
    .replaceAll(token, '{token}')
    .replaceAll(NAMES, '"$1":"…"')
    .replaceAll(UUID, '{id}')
    .replaceAll(TIME, '{time}');

const aspectsOf = ([first]: readonly Story[]): readonly Aspect[] => [...(first?.prints.keys() ?? [])];

const printOf = ([first]: readonly Story[], aspect: Aspect): number | undefined => first?.prints.get(aspect);

const isStable = (stories: readonly Story[], aspect: Aspect): boolean =>
  stories.every(({ prints }) => prints.get(aspect) === printOf(stories, aspect));

function exampleOf(
  aspect: Aspect,
  [a, ofA]: readonly [Transport, readonly Story[]],
  [b, ofB]: readonly [Transport, readonly Story[]],
): Example {
  const [one, other] = [ofA[0], ofB[0]];
  const { op, user } = (one as Story).invoke;
  const shown = (story: Story | undefined): string => {
    const text = story?.shown.get(aspect) ?? '';
    return aspect === 'states' ? text.replaceAll(/TASK_STATE_\w+/g, stateWord) : text;
  };
  return {
    kind: 'stories-differ',
    message: 'The same words lead to something else over another transport',
    expected: `${op.op} with the same words brings the same ${aspect} over ${a} and ${b}, but for ids and times.`,
    seen: `${ofA.length} times over ${a}: ${shown(one)}. ${ofB.length} times over ${b}: ${shown(other)}.`,
    users: [user],
    tasks: [],
    // Which of the two was first is a matter of luck.
    shape: `${op.op} ${aspect}`,
    evidence: [one?.invoke, one?.end, other?.invoke, other?.end],
  };
}
