/**
 * The one place where a history's file is written. What `append` returns must be what a reader of the file gets, so
 * that folding a live run and folding its file cannot disagree. Memory stays bounded because a full buffer is written
 * before `append` returns: a slow disk slows the run down (its vitals tell), it does not swell it.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import type { HistoryEvent, Unstamped } from '../model/history.ts';
import { reasonOf } from '../model/reason-of.ts';
import { HistoryError } from './error.ts';

export interface HistoryLog extends AsyncDisposable {
  readonly path: string;
  /** Gives the event its place and time, and returns it as a reader of the file will see it. */
  append(event: Unstamped, scenario: string): HistoryEvent;
  /** Of a part: gives it the next place, and leaves it the time that it has. */
  take(event: HistoryEvent): HistoryEvent;
  /** Hands everything appended so far to the operating system. */
  flush(): void;
}

/** Characters held back at most; few writes, and little to lose to a kill -9. */
const BUFFERED_CHARACTERS_MAX = 256 * 1024;
const FLUSH_EVERY_MS = 200;

/** `clock` gives milliseconds since the run began. A file that already holds something is refused. */
export function openHistory(path: string, options: { readonly clock: () => number }): HistoryLog {
  const file = openEmpty(path);
  let pending = '';
  let seq = 0;
  let closed = false;
  let failure: HistoryError | undefined;
  let failureTold = false;
  let timer: NodeJS.Timeout | undefined;

  const refuseIfUnusable = (): void => {
    if (closed) throw new HistoryError(`The history ${path} is closed; nothing can be appended to it any more.`);
    if (failure === undefined) return;
    failureTold = true;
    throw failure;
  };

  /** Never throws, since a timer calls it too: a failure is kept and thrown by the next call of the owner. */
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (failure !== undefined || pending === '') return;
    const bytes = Buffer.from(pending);
    pending = '';
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    } catch (error) {
      failure = new HistoryError(
        `Failed to write the history ${path}: ${reasonOf(error)}. What was written before is kept and can be judged; ` +
          'make room on the disk, or give another folder with --out, and run again.',
      );
    }
  };

  const add = <E extends object>(event: E): HistoryEvent => {
    refuseIfUnusable();
    const line = JSON.stringify(event);
    seq += 1;
    pending += line;
    pending += '\n';
    if (pending.length >= BUFFERED_CHARACTERS_MAX) {
      write();
      refuseIfUnusable();
    } else if (timer === undefined) {
      timer = setTimeout(write, FLUSH_EVERY_MS);
      timer.unref();
    }
    // To read the line back takes longer than to write it, and mostly gives the same.
    return (survivesJson(event) ? event : JSON.parse(line)) as HistoryEvent;
  };

  return {
    path,
    append(event, scenario) {
      const time_ms = Math.round(options.clock() * 1000) / 1000;
      return add({ seq, time_ms, scenario, ...event });
    },
    take: (event) => add({ ...event, seq }),
    flush() {
      refuseIfUnusable();
      write();
      refuseIfUnusable();
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      write();
      closed = true;
      closeSync(file);
      if (failure !== undefined && !failureTold) throw failure;
    },
  };
}

/** Whether a value is to the letter what a reader of its JSON gets. */
export function survivesJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      if (value === null) return true;
      return Array.isArray(value) ? survivesAsList(value) : survivesAsObject(value);
    default:
      return false;
  }
}

function survivesAsList(list: readonly unknown[]): boolean {
  if (Object.getPrototypeOf(list) !== Array.prototype) return false;
  for (const item of list) if (!survivesJson(item)) return false;
  return true;
}

function survivesAsObject(object: object): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false;
  for (const key in object) if (!survivesJson((object as Readonly<Record<string, unknown>>)[key])) return false;
  return true;
}

function openEmpty(path: string): number {
  let file: number;
  try {
    file = openSync(path, 'a');
  } catch (error) {
    throw new HistoryError(
      `Failed to open the history ${path} for writing: ${reasonOf(error)}. ` +
        'Its folder must exist and be writable; another one can be given with --out.',
    );
  }
  if (fstatSync(file).size === 0) return file;
  closeSync(file);
  throw new HistoryError(
    `The history ${path} already holds a run, and two runs in one file could not be told apart. ` +
      'Give another folder with --out, or move the old file away.',
  );
}
