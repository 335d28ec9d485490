/**
 * §3.5.2, §4.2.2: whoever followed a task to its end, or waited for it, knows the same of it as whoever asks afterwards.
 * Every chunk that was lost, doubled or swapped on one of the two ways shows here. That a task which is over for one is
 * over for all is judged by terminal-is-final; here, that the way which told of the end was ahead of what GetTask knows.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { recordOf } from '../model/record-of.ts';
import { followLives } from './agent-lives.ts';
import { followFaults } from './fault-windows.ts';
import { type Example, startFindings } from './findings.ts';
import { type ArtifactDigest, addToFold, digestOf, foldOfTask, startFold, type TaskFold } from './fold-task.ts';
import { startLatest } from './latest.ts';
import { observe } from './observations.ts';
import {
  clip,
  isNotTerminal,
  isReadBack,
  isSend,
  isStreaming,
  isTerminal,
  listOf,
  stateOf,
  stateWord,
  taskIdOf,
} from './reading.ts';

/** What one stream, or one blocking send, said of a task that was over. */
interface Told {
  readonly state: string;
  readonly artifacts: ReadonlyMap<string, ArtifactDigest> | undefined;
  readonly isWhole: boolean;
  readonly invoke: InvokeEvent;
  readonly events: readonly HistoryEvent[];
  readonly seq: number;
}

interface Following {
  readonly key: string;
  readonly fold: TaskFold;
  readonly events: HistoryEvent[];
}

const EVENTS_MAX = 4;

export const foldEqualsGet: Check = {
  name: 'fold-equals-get',
  title: 'Following a task to its end gives exactly what GetTask then returns',
  section: '§3.5.2, §4.2.2',
  memory:
    'The artifacts of open streams; afterwards a hash per artifact and five events per stream, for the latest 10,000 tasks that have not been read back.',
  judges: 'agent',
  start: () => {
    const lives = followLives();
    const faults = followFaults();
    const findings = startFindings();
    const following = new Map<number, Following>();
    const told = startLatest<readonly Told[]>();
    let evidence = 0;
    let uncertain = 0;

    const remember = (key: string, fold: TaskFold, invoke: InvokeEvent, events: readonly HistoryEvent[]): void => {
      const end = events.at(-1);
      if (!isTerminal(fold.state) || end === undefined || faults.falsified(invoke)) return;
      if (!fold.isCertain) uncertain += 1;
      const others = (told.get(key) ?? []).filter((one) => one.invoke !== invoke);
      const artifacts = fold.isCertain ? digestOf(fold) : undefined;
      told.set(key, [...others, { state: fold.state, artifacts, isWhole: fold.isWhole, invoke, events, seq: end.seq }]);
    };

    const follow = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const seen = observe(event, invoke)[0];
      const key = seen === undefined ? undefined : lives.keyOf(invoke, seen.taskId);
      if (event.type !== 'event' || key === undefined) return;
      const known = following.get(invoke.op_id);
      if (known !== undefined && known.key !== key) return;
      const payload = recordOf(event.payload);
      const isNew = isSend(invoke.op) ? invoke.op.taskId === undefined : payload['task'] !== undefined;
      const one = known ?? { key, fold: startFold(isNew), events: [] };
      following.set(invoke.op_id, one);
      addToFold(one.fold, payload);
      // The first ones, which are as good as any, and always the last one.
      if (one.events.length > EVENTS_MAX) one.events.pop();
      one.events.push(event);
      remember(key, one.fold, invoke, [...one.events]);
    };

    const compare = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const task = event.type === 'ok' ? recordOf(recordOf(event.value)['task']) : {};
      const key = task['id'] === taskIdOf(invoke.op) ? lives.keyOf(invoke, String(task['id'])) : undefined;
      if (key === undefined) return;
      for (const one of told.get(key) ?? []) {
        if (one.seq > invoke.seq) continue;
        evidence += 1;
        const difference = differenceOf(one, task);
        if (difference !== undefined) findings.report(exampleOf(difference, one, invoke, event));
      }
      if (isReadBack(invoke) && isTerminal(stateOf(task))) told.delete(key);
    };

    return {
      add(event, invoke) {
        lives.add(event);
        faults.add(event);
        if (invoke === undefined) return;
        if (isStreaming(invoke.op)) {
          follow(event, invoke);
          if (event.type !== 'event') following.delete(invoke.op_id);
        } else if (invoke.op.op === 'GetTask') {
          compare(event, invoke);
        } else if (invoke.op.op === 'SendMessage' && invoke.op.returnImmediately !== true && event.type === 'ok') {
          const taskId = observe(event, invoke)[0]?.taskId;
          const key = taskId === undefined ? undefined : lives.keyOf(invoke, taskId);
          if (key !== undefined) remember(key, foldOfTask(recordOf(recordOf(event.value)['task'])), invoke, [event]);
        }
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(uncertain > 0 && {
          note: `The artifacts of ${uncertain} streams were not compared: they held a Task without the artifacts told before, or began in the middle of one.`,
        }),
      }),
    };
  },
};

interface Difference {
  readonly kind: string;
  readonly message: string;
  readonly told: string;
  readonly got: string;
}

function differenceOf(told: Told, task: Readonly<Record<string, unknown>>): Difference | undefined {
  const state = stateOf(task);
  if (isNotTerminal(state)) {
    return {
      kind: 'get-is-behind',
      message: 'GetTask said that a task was still going on, after its end had been told',
      told: `the state ${stateWord(told.state)}`,
      got: `the state ${stateWord(state)}`,
    };
  }
  if (told.artifacts === undefined || listOf(task['artifacts']).some((artifact) => !hasId(artifact))) return undefined;
  const got = digestOf(foldOfTask(task));
  for (const [id, digest] of told.artifacts) {
    const other = got.get(id);
    if (other?.fingerprint === digest.fingerprint) continue;
    return {
      kind: other === undefined ? 'artifact-missing-in-get' : 'artifact-differs',
      message:
        other === undefined
          ? 'GetTask did not return an artifact that had been told of'
          : 'GetTask returned an artifact with other content than had been told',
      told: `artifact ${clip(id, 40)} with ${digest.shown}`,
      got: other === undefined ? 'no such artifact' : other.shown,
    };
  }
  const extra = [...got].find(([id]) => told.isWhole && told.artifacts?.has(id) !== true);
  if (extra === undefined) return undefined;
  return {
    kind: 'artifact-never-told',
    message: 'GetTask returned an artifact that had never been told of',
    told: `${told.artifacts.size} artifacts, and none called ${clip(extra[0], 40)}`,
    got: `artifact ${clip(extra[0], 40)} with ${extra[1].shown}`,
  };
}

const hasId = (artifact: unknown): boolean => typeof recordOf(artifact)['artifactId'] === 'string';

function exampleOf(difference: Difference, told: Told, invoke: InvokeEvent, event: HistoryEvent): Example {
  const way = told.invoke.op.op === 'SendMessage' ? 'The answer to SendMessage' : `The stream of ${told.invoke.op.op}`;
  const { kind, message } = difference;
  return {
    kind,
    message,
    expected: `GetTask, asked after the end was told, returns what had been told: ${difference.told}.`,
    seen: `${way} had told ${difference.told}; GetTask returned ${difference.got}.`,
    users: [told.invoke.user, invoke.user],
    tasks: [taskIdOf(invoke.op) ?? ''],
    evidence: [told.invoke, ...told.events, invoke, event],
  };
}
