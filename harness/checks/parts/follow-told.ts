/**
 * Holds what streams and blocking sends told of a task that was over against what GetTask then returns, for the checks that ask
 * who of the two lacks something. Memory: the artifacts of open streams; afterwards a hash per artifact and five events per
 * stream, for the latest 10,000 tasks that have not been read back.
 */
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import type { Op } from '../../model/op.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import type { KnownTask, Scene } from '../../model/scene.ts';
import type { Example } from './findings.ts';
import {
  type ArtifactDigest,
  addToFold,
  digestOf,
  foldOfTask,
  isUnchanged,
  startFold,
  type TaskFold,
} from './fold-task.ts';
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
  readonly events: readonly KeptEvent[];
  readonly seq: number;
}

export interface Comparison {
  readonly told: Told;
  /** GetTask, and its answer. */
  readonly invoke: InvokeEvent;
  readonly event: HistoryEvent;
  readonly task: KnownTask;
  readonly difference: Difference | undefined;
}

export interface Difference {
  readonly kind: string;
  readonly message: string;
  readonly told: string;
  readonly got: string;
  /** What was told is less than what GetTask returns. */
  readonly toldLess: boolean;
}

interface Following {
  readonly task: KnownTask;
  readonly fold: TaskFold;
  readonly events: KeptEvent[];
}

const EVENTS_MAX = 4;

export interface ToldFollower {
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  /** Streams whose artifacts could not be compared. */
  uncertain(): number;
}

export function followTold(
  { tasks, faults, ops }: Scene,
  follows: (op: Op) => boolean,
  onCompared: (comparison: Comparison) => void,
): ToldFollower {
  const following = ops.perOp<Following>();
  const told = tasks.perTask<readonly Told[]>();
  let uncertain = 0;

  const remember = (task: KnownTask, fold: TaskFold, invoke: InvokeEvent, events: readonly KeptEvent[]): void => {
    const end = events.at(-1);
    if (!isTerminal(fold.state) || end === undefined || faults.falsified(invoke)) return;
    if (!fold.isCertain) uncertain += 1;
    const others = (told.get(task) ?? []).filter((one) => one.invoke !== invoke);
    const artifacts = fold.isCertain ? digestOf(fold) : undefined;
    told.set(task, [
      ...others,
      { state: fold.state, artifacts, isWhole: fold.isWhole, invoke, events: [...events], seq: end.seq },
    ]);
  };

  const follow = (event: HistoryEvent, invoke: InvokeEvent): void => {
    const seen = observe(event, invoke)[0];
    const task = seen === undefined ? undefined : tasks.of(invoke, seen.taskId);
    if (event.type !== 'event' || task === undefined) return;
    const known = following.get(invoke);
    if (known !== undefined && known.task !== task) return;
    const payload = recordOf(event.payload);
    const isNew = isSend(invoke.op) ? invoke.op.taskId === undefined : payload['task'] !== undefined;
    const one = known ?? { task, fold: startFold(isNew), events: [] };
    following.set(invoke, one);
    addToFold(one.fold, payload);
    // The first ones, which are as good as any, and always the last one.
    if (one.events.length > EVENTS_MAX) one.events.pop();
    one.events.push(keep(event));
    remember(task, one.fold, invoke, one.events);
  };

  const compare = (event: HistoryEvent, invoke: InvokeEvent): void => {
    const got = event.type === 'ok' ? recordOf(recordOf(event.value)['task']) : {};
    const task = got['id'] === taskIdOf(invoke.op) ? tasks.of(invoke, String(got['id'])) : undefined;
    if (task === undefined) return;
    for (const one of told.get(task) ?? []) {
      if (one.seq > invoke.seq) continue;
      onCompared({ told: one, invoke, event, task, difference: differenceOf(one, got) });
    }
    if (isReadBack(invoke) && isTerminal(stateOf(got))) told.delete(task);
  };

  return {
    add(event, invoke) {
      if (invoke === undefined) return;
      if (invoke.op.op === 'GetTask') compare(event, invoke);
      else if (!follows(invoke.op)) return;
      else if (isStreaming(invoke.op)) follow(event, invoke);
      else if (invoke.op.op === 'SendMessage' && invoke.op.returnImmediately !== true && event.type === 'ok') {
        const taskId = observe(event, invoke)[0]?.taskId;
        const task = taskId === undefined ? undefined : tasks.of(invoke, taskId);
        if (task !== undefined)
          remember(task, foldOfTask(recordOf(recordOf(event.value)['task'])), invoke, [keep(event)]);
      }
    },
    uncertain: () => uncertain,
  };
}

function differenceOf(told: Told, task: Json): Difference | undefined {
  const state = stateOf(task);
  if (isNotTerminal(state)) {
    return {
      kind: 'get-is-behind',
      message: 'GetTask said that a task was still going on, after its end had been told',
      told: `the state ${stateWord(told.state)}`,
      got: `the state ${stateWord(state)}`,
      toldLess: false,
    };
  }
  if (told.artifacts === undefined || listOf(task['artifacts']).some((artifact) => !hasId(artifact))) return undefined;
  const fold = foldOfTask(task);
  for (const [id, digest] of told.artifacts) {
    if (isUnchanged(fold.artifacts.get(id), digest)) continue;
    const other = digestOf(fold).get(id);
    return {
      kind: other === undefined ? 'artifact-missing-in-get' : 'artifact-differs',
      message:
        other === undefined
          ? 'GetTask did not return an artifact that had been told of'
          : 'GetTask returned an artifact with other content than had been told',
      told: `artifact ${clip(id, 40)} with ${digest.shown}`,
      got: other === undefined ? 'no such artifact' : other.shown,
      toldLess: other !== undefined && digest.length < other.length,
    };
  }
  if (!told.isWhole || [...fold.artifacts.keys()].every((id) => told.artifacts?.has(id))) return undefined;
  const extra = [...digestOf(fold)].find(([id]) => told.artifacts?.has(id) !== true);
  if (extra === undefined) return undefined;
  return {
    kind: 'artifact-never-told',
    message: 'GetTask returned an artifact that had never been told of',
    told: `${told.artifacts.size} artifacts, and none called ${clip(extra[0], 40)}`,
    got: `artifact ${clip(extra[0], 40)} with ${extra[1].shown}`,
    toldLess: true,
  };
}

const hasId = (artifact: unknown): boolean => typeof recordOf(artifact)['artifactId'] === 'string';

export function exampleOf({ told, invoke, event }: Comparison, difference: Difference): Example {
  const way = told.invoke.op.op === 'SendMessage' ? 'The answer to SendMessage' : `The stream of ${told.invoke.op.op}`;
  return {
    kind: difference.kind,
    message: difference.message,
    expected: `GetTask, asked after the end was told, returns what had been told: ${difference.told}.`,
    seen: `${way} had told ${difference.told}; GetTask returned ${difference.got}.`,
    users: [told.invoke.user, invoke.user],
    tasks: [taskIdOf(invoke.op) ?? ''],
    evidence: [told.invoke, ...told.events, invoke, event],
  };
}
