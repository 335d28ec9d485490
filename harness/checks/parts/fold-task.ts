/**
 * Folds what a stream told into the task that it described (§4.2.2): a Task stands for itself, an artifact update
 * replaces the artifact or is appended to it, a status update sets the state. Only content is kept, with neighbouring
 * texts joined, because in how many parts a text comes is the agent's own business.
 */
import { type Json, recordOf } from '../../model/record-of.ts';
import { canonicalJson, fingerprintOf } from './fingerprints.ts';
import { clip, listOf, stateOf, textOf } from './reading.ts';

/** A string is text, an array holds the canonical JSON of a part that is not. */
type Segment = string | readonly [json: string];

export interface TaskFold {
  readonly artifacts: Map<string, Segment[]>;
  state: string | undefined;
  /** False when the task may hold artifacts that the stream did not tell of. */
  isWhole: boolean;
  /** False after something that can be read in two ways. */
  isCertain: boolean;
}

/** `isWhole`: nothing was there before, or the first event will say so. */
export function startFold(isWhole: boolean): TaskFold {
  return { artifacts: new Map(), state: undefined, isWhole, isCertain: true };
}

export function foldOfTask(task: Json): TaskFold {
  const fold = startFold(true);
  addTask(fold, task);
  return fold;
}

export function addToFold(fold: TaskFold, payload: Json): void {
  if (payload['task'] !== undefined) addTask(fold, recordOf(payload['task']));
  const status = stateOf(recordOf(payload['statusUpdate']));
  if (status !== undefined) fold.state = status;
  if (payload['artifactUpdate'] !== undefined) addArtifact(fold, recordOf(payload['artifactUpdate']));
}

function addTask(fold: TaskFold, task: Json): void {
  fold.state = stateOf(task) ?? fold.state;
  const artifacts = listOf(task['artifacts']);
  if (artifacts.length === 0) {
    // Either the artifacts are gone, or the agent did not bother to repeat them.
    if (fold.artifacts.size > 0) fold.isCertain = false;
    return;
  }
  fold.artifacts.clear();
  fold.isWhole = true;
  for (const artifact of artifacts) setArtifact(fold, recordOf(artifact), false);
}

function addArtifact(fold: TaskFold, update: Json): void {
  setArtifact(fold, recordOf(update['artifact']), update['append'] === true);
}

function setArtifact(fold: TaskFold, artifact: Json, append: boolean): void {
  const id = textOf(artifact['artifactId']);
  if (id === undefined) {
    fold.isCertain = false;
    return;
  }
  const before = append ? fold.artifacts.get(id) : undefined;
  // The beginning may have been told before this stream was opened.
  if (append && before === undefined && !fold.isWhole) fold.isCertain = false;
  const segments = before ?? [];
  for (const segment of segmentsOf(artifact)) join(segments, segment);
  fold.artifacts.set(id, segments);
}

export function segmentsOf(message: Json): readonly Segment[] {
  return listOf(message['parts']).map((part) => {
    const { text, raw, url, data, filename } = recordOf(part);
    return typeof text === 'string' ? text : ([canonicalJson({ raw, url, data, filename })] as const);
  });
}

function join(segments: Segment[], next: Segment): void {
  const last = segments.at(-1);
  if (next === '') return;
  if (typeof next === 'string' && typeof last === 'string') segments[segments.length - 1] = last + next;
  else segments.push(next);
}

/** All text of an artifact or message as one string; parts that are not text are cuts in it. */
export function textOfSegments(segments: readonly Segment[]): string {
  return segments.map((segment) => (typeof segment === 'string' ? segment : '\n')).join('');
}

/** What is left of an artifact once its content need not be kept. */
export interface ArtifactDigest {
  readonly fingerprint: number;
  /** Of its content; of two versions the longer one has more. */
  readonly length: number;
  /** For the eye. */
  readonly shown: string;
}

/** By artifact id; an artifact without content is as good as none. */
export function digestOf(fold: TaskFold): ReadonlyMap<string, ArtifactDigest> {
  const digests = new Map<string, ArtifactDigest>();
  for (const [id, segments] of fold.artifacts) {
    if (segments.length === 0) continue;
    const content = JSON.stringify(segments);
    const text = segments.length === 1 && typeof segments[0] === 'string' ? segments[0] : undefined;
    const shown = shownOf(text ?? content);
    digests.set(id, { fingerprint: fingerprintOf(segments), length: content.length, shown });
  }
  return digests;
}

/** Whether an artifact still has this content. */
export const isUnchanged = (segments: readonly Segment[] | undefined, { fingerprint }: ArtifactDigest): boolean =>
  segments !== undefined && segments.length > 0 && fingerprintOf(segments) === fingerprint;

const shownOf = (text: string): string => `${text.length} characters, "${clip(text, 30)}${tailOf(text)}"`;
const tailOf = (text: string): string => (text.length > 60 ? clip(text.slice(-30), 30) : '');
