/**
 * Reads a history back, line by line in flat memory, also one whose run was killed: a torn last line is left out and
 * told, everything before it is kept. A line that is broken anywhere else is an error, since a judge that skips what it
 * cannot read would call a damaged history a pass.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { HISTORY_SCHEMA, type HistoryEvent } from '../model/history.ts';
import { reasonOf } from '../model/reason-of.ts';
import { HistoryError } from './error.ts';

export interface ReadOptions {
  /** Called when the last line was cut short, as a kill -9 leaves it. */
  readonly torn?: (cut: { readonly line: number; readonly bytes: number }) => void;
  /** A part of a history, which need not begin with the start of a run, and may hold nothing. */
  readonly part?: true;
  /** Gives events that have one of these places, and may give others: only lines that begin with their place, as ours do, are passed over. */
  readonly only?: ReadonlySet<number>;
  /** How much is read at a time. */
  readonly chunk_bytes?: number;
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const SEQ_FIRST = Buffer.from('{"seq":');
/** No history has more scenarios and ops, unless somebody else wrote it. */
const NAMES_MAX = 1_000;

/** Each iteration reads the file anew, from its beginning, and closes it when it ends or is left. */
export function readHistory(path: string, options: ReadOptions = {}): Iterable<HistoryEvent> {
  return { [Symbol.iterator]: () => readEvents(path, options) };
}

function* readEvents(path: string, options: ReadOptions): Generator<HistoryEvent, void> {
  const names = new Map<string, string>();
  let number = 0;
  for (const line of readLines(path, options.chunk_bytes ?? CHUNK_BYTES)) {
    number += 1;
    if (options.only !== undefined && isOther(line, options.only)) continue;
    let value: unknown;
    try {
      value = JSON.parse(textOf(line));
    } catch (error) {
      if (line.isWhole) throw brokenLine(path, number, `it is not JSON in UTF-8 (${reasonOf(error)})`);
      if (number === 1 && !options.part) throw holdsNothing(path, 'holds no whole line');
      options.torn?.({ line: number, bytes: line.end - line.from });
      return;
    }
    if (!isEvent(value)) throw brokenLine(path, number, 'it has no seq, time_ms, scenario and type');
    if (number === 1 && !options.part) refuseOtherSchemas(path, value);
    shareNames(value, names);
    yield value;
  }
  if (number === 0 && !options.part) throw holdsNothing(path, 'is empty');
}

/** Whether a line says as its first word that it has none of these places; one of another make has to be parsed to be known. */
function isOther({ bytes, from, end }: Line, places: ReadonlySet<number>): boolean {
  const digits = from + SEQ_FIRST.length;
  if (digits >= end || bytes.compare(SEQ_FIRST, 0, SEQ_FIRST.length, from, digits) !== 0) return false;
  let seq = 0;
  for (let at = digits; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) return bytes[at] === COMMA && !places.has(seq);
    seq = seq * 10 + digit;
  }
  return false;
}

/** Where a line lies, as bytes, until the next one is asked for. */
interface Line {
  readonly bytes: Buffer;
  readonly from: number;
  readonly end: number;
  /** Not so a last one that was cut short. */
  readonly isWhole: boolean;
}

/** A line that lies across two chunks is moved to the beginning, so that each is in one piece; the buffer grows with the longest. */
function* readLines(path: string, chunk_bytes: number): Generator<Line, void> {
  const file = openForReading(path);
  try {
    let bytes = Buffer.allocUnsafe(chunk_bytes);
    let filled = 0;
    for (;;) {
      const length = readSync(file, bytes, filled, bytes.length - filled, null);
      if (length === 0) break;
      filled += length;
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0 && end < filled; end = bytes.indexOf(NEWLINE, from)) {
        yield { bytes, from, end, isWhole: true };
        from = end + 1;
      }
      bytes.copyWithin(0, from, filled);
      filled -= from;
      if (filled === bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
    }
    if (filled > 0) yield { bytes, from: 0, end: filled, isWhole: false };
  } finally {
    closeSync(file);
  }
}

/** Decoding that refuses what is not UTF-8 takes twice as long; what the other puts in its place may also have been there. */
function textOf({ bytes, from, end }: Line): string {
  const text = bytes.toString('utf8', from, end);
  return text.includes('\uFFFD') || text.startsWith('\uFEFF') ? STRICT.decode(bytes.subarray(from, end)) : text;
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new HistoryError(
      `Failed to open the history ${path}: ${reasonOf(error)}. Give the history.jsonl of a run, as under reports/runs/.`,
    );
  }
}

function isEvent(value: unknown): value is HistoryEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, time_ms, scenario, type } = value as Partial<Record<string, unknown>>;
  return (
    typeof seq === 'number' && typeof time_ms === 'number' && typeof scenario === 'string' && typeof type === 'string'
  );
}

/**
 * The few names that every event repeats become one string each: what is compared with them all the time is then told apart by where
 * it lies in memory, and not letter by letter.
 */
function shareNames(event: HistoryEvent, names: Map<string, string>): void {
  const named: { scenario: string; op?: { op: string } } = event as { scenario: string };
  const share = (name: string): string => {
    const known = names.get(name);
    if (known === undefined && names.size < NAMES_MAX) names.set(name, name);
    return known ?? name;
  };
  named.scenario = share(named.scenario);
  if (event.type === 'invoke' && typeof named.op?.op === 'string') named.op.op = share(named.op.op);
}

function refuseOtherSchemas(path: string, first: HistoryEvent): void {
  const isStart = first.type === 'run' && first.phase === 'started';
  const schema: unknown = isStart ? first.schema : undefined;
  if (schema === HISTORY_SCHEMA) return;
  if (typeof schema !== 'string') {
    throw new HistoryError(
      `The file ${path} is not a history of muster: its first line is not the start of a run. ` +
        'Give the history.jsonl of a run, as under reports/runs/.',
    );
  }
  throw new HistoryError(
    `The history ${path} is of version ${schema}, and this muster reads ${HISTORY_SCHEMA}. ` +
      'Judge it with the version of muster that wrote it (its plan.json names it), or run again.',
  );
}

function brokenLine(path: string, line: number, why: string): HistoryError {
  return new HistoryError(
    `Line ${line} of the history ${path} is broken: ${why}. Only a last line that was cut short can be left out; ` +
      'restore the file, or run again.',
  );
}

function holdsNothing(path: string, what: string): HistoryError {
  return new HistoryError(
    `The history ${path} ${what}: the run ended before it wrote its first event. Nothing can be judged; run again.`,
  );
}
