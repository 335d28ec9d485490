/**
 * Reads what `k6 --out json` wrote, line by line and in bounded memory, for a load of minutes leaves gigabytes. A file that breaks off is
 * told as such, and what stands before the break is kept.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { reasonOf } from '../../model/reason-of.ts';

/** A line of k6 has some hundred bytes; one that goes on for ever is none of its. */
const LINE_BYTES_MAX = 1 << 20;

/** As k6 begins each of its lines. */
const NAMED = /^\{"metric":"([^"\\]+)"/;

export interface K6Sample {
  readonly metric: string;
  readonly value: number;
  /** Milliseconds since 1970, with fractions. */
  readonly at_ms: number;
  readonly tags: Readonly<Record<string, string>>;
  /** By how much the call began later than it was due, where its script knows when that was. */
  readonly late_ms?: number;
}

export interface K6Metric {
  readonly type: 'counter' | 'gauge' | 'rate' | 'trend';
  readonly contains: 'default' | 'time' | 'data';
  /** Of the user's own script. Muster judges none of them, and one without samples would be green. */
  readonly thresholds: readonly string[];
}

export interface K6SampleCounts {
  readonly lines: number;
  readonly samples: number;
  /** Lines in the middle that are no sample. */
  readonly unreadable: number;
  /** Why the file ends before its end; nothing where it is whole. */
  readonly truncated?: string;
  readonly metrics: ReadonlyMap<string, K6Metric>;
}

export interface K6Samples extends AsyncIterable<K6Sample> {
  /** Of what has been read so far. */
  counts(): K6SampleCounts;
}

/** `from`: a file, or what k6 writes as it comes. Of the metrics that nobody wants no line is read, which are most. */
export function openK6Samples(
  from: string | AsyncIterable<string>,
  wants: (metric: string) => boolean = () => true,
): K6Samples {
  const where = typeof from === 'string' ? ` in ${from}` : '';
  const state = { lines: 0, samples: 0, unreadable: 0, truncated: undefined as string | undefined };
  const metrics = new Map<string, K6Metric>();

  const read = (line: string): K6Sample | undefined => {
    state.lines += 1;
    const [, metric] = NAMED.exec(line) ?? [];
    if (metric !== undefined && !wants(metric)) return undefined;
    const parsed = parseLine(line);
    if (parsed === undefined) state.unreadable += 1;
    else if (parsed.type === 'Metric') metrics.set(parsed.name, parsed.metric);
    else if (parsed.type === 'Point') {
      state.samples += 1;
      return parsed.sample;
    }
    return undefined;
  };

  async function* samples(): AsyncGenerator<K6Sample, void, undefined> {
    let rest = '';
    try {
      for await (const text of textOf(from)) {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const sample = line === '' ? undefined : read(line);
          if (sample !== undefined) yield sample;
        }
        if (rest.length > LINE_BYTES_MAX) throw new Error(`a line is longer than ${LINE_BYTES_MAX} bytes`);
      }
    } catch (error) {
      state.truncated = `The samples of k6${where} break off after ${state.lines} lines: ${reasonOf(error)}.`;
      return;
    }
    if (rest !== '') {
      state.truncated = `The samples of k6${where} break off within line ${state.lines + 1}: k6 did not get to write all of it.`;
    }
  }

  return {
    [Symbol.asyncIterator]: samples,
    counts: () => {
      const { truncated, ...counted } = state;
      return { ...counted, metrics, ...(truncated === undefined ? {} : { truncated }) };
    },
  };
}

/** In pieces that end anywhere, but not within a character. */
function textOf(path: string | AsyncIterable<string>): AsyncIterable<string> {
  if (typeof path !== 'string') return path;
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file.setEncoding('utf8');
  const text = createGunzip();
  file.once('error', (error) => text.destroy(error));
  return file.pipe(text).setEncoding('utf8');
}

type Line =
  | { readonly type: 'Point'; readonly sample: K6Sample }
  | { readonly type: 'Metric'; readonly name: string; readonly metric: K6Metric }
  | { readonly type: 'other' };

interface RawLine {
  readonly type?: unknown;
  readonly metric?: unknown;
  readonly data?: {
    readonly time?: unknown;
    readonly value?: unknown;
    readonly tags?: Readonly<Record<string, string>> | null;
    readonly metadata?: Readonly<Record<string, string>> | null;
    readonly type?: K6Metric['type'];
    readonly contains?: K6Metric['contains'];
    readonly thresholds?: readonly unknown[] | null;
  };
}

function parseLine(line: string): Line | undefined {
  let raw: RawLine;
  try {
    raw = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { type, metric, data } = raw ?? {};
  if (typeof metric !== 'string' || typeof data !== 'object' || data === null) return undefined;
  if (type === 'Metric') {
    const { type: kind = 'counter', contains = 'default', thresholds } = data;
    return { type, name: metric, metric: { type: kind, contains, thresholds: (thresholds ?? []).map(String) } };
  }
  if (type !== 'Point') return { type: 'other' };
  const at_ms = typeof data.time === 'string' ? millisecondsOf(data.time) : Number.NaN;
  if (typeof data.value !== 'number' || Number.isNaN(at_ms)) return undefined;
  const late_ms = Number(data.metadata?.['late_ms'] ?? Number.NaN);
  const late = Number.isNaN(late_ms) ? {} : { late_ms };
  return { type, sample: { metric, value: data.value, at_ms, tags: data.tags ?? {}, ...late } };
}

/** Go writes up to nine digits of a second, of which `Date` reads three. */
function millisecondsOf(time: string): number {
  const below = /\.\d{3}(\d+)/.exec(time)?.[1] ?? '';
  return Date.parse(time) + (below === '' ? 0 : Number(`0.${below}`));
}
