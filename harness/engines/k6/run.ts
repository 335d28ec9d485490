/**
 * Runs k6 as a process of its own: it reads the load from a file and streams its samples into another. k6 is let connect to nothing but
 * the agent, judges nothing, and is ended by its pid; what it had measured until then is in its file.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, openSync } from 'node:fs';
import { resolve as absolute } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Shard } from '../../model/load.ts';
import { type K6Exit, readExit } from './exits.ts';
import { openK6Log } from './log.ts';

/** After that long it does not let go by itself. */
const END_MS_MAX = 5_000;
/** As k6 names its standard output. */
const PIPED = '-';

export interface RunK6Options {
  readonly program: string;
  readonly script: string;
  /** A `K6LoadFile`. */
  readonly load: string;
  /**
   * The file that its samples go to; a name that ends in .gz is compressed, at a third of the bytes and more of the CPU. Without one they
   * are to be read while they come, and k6 ends when its reader does.
   */
  readonly samples?: string;
  /** Asked to end, it is given so long. */
  readonly end_ms_max?: number;
  /** Where its log goes: one JSON object a line. */
  readonly log: string;
  readonly shard?: Shard;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export interface K6Run extends K6Exit {
  readonly pid: number;
  /** Lines of its log that tell of an error, exceptions of the script among them: k6 exits with 0 in spite of these. */
  readonly errors: number;
  /** The first of them. */
  readonly error_lines: readonly string[];
  readonly warnings: number;
}

export interface RunningK6 {
  readonly pid: number;
  /** Where they go to no file. */
  readonly samples: Readable | null;
  /** Rejects only where k6 could not be started. */
  readonly ended: Promise<K6Run>;
}

export const runK6 = (options: RunK6Options): Promise<K6Run> => startK6(options).ended;

export function startK6(options: RunK6Options): RunningK6 {
  const { program, log, signal } = options;
  signal.throwIfAborted();
  const env = { ...(options.env ?? process.env), K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true' };
  const file = createWriteStream(log, { fd: openSync(log, 'w') });
  const written = finished(file).then(
    () => undefined,
    (error: Error) => error,
  );
  // In a group of its own: a Ctrl-C that comes from the terminal as well as from here would be its second, at which k6 drops everything.
  const out = options.samples === undefined ? 'pipe' : 'ignore';
  const child = spawn(program, argumentsOf(options), { env, stdio: ['ignore', out, 'pipe'], detached: true });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const heard = openK6Log();
  child.stderr?.on('data', (chunk: Buffer) => {
    heard.take(chunk);
    file.write(chunk);
  });
  let forcing: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGINT');
    forcing = setTimeout(killNow, options.end_ms_max ?? END_MS_MAX);
  };
  signal.addEventListener('abort', end, { once: true });
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...how) => resolve(how));
  });
  const pid = child.pid ?? 0;
  const wait = async (): Promise<K6Run> => {
    try {
      const exit = readExit(...(await closed));
      file.end();
      const problem = await written;
      if (problem !== undefined) heard.note(`Failed to write the log of k6 to ${log}: ${problem.message}`);
      return { ...exit, pid, ...heard.told() };
    } finally {
      clearTimeout(forcing);
      signal.removeEventListener('abort', end);
      process.removeListener('exit', killNow);
      file.destroy();
    }
  };
  const ended = wait();
  // Who reads the samples first learns of it later.
  ended.catch(() => {});
  return { pid, samples: child.stdout, ended };
}

/**
 * Its own summary and thresholds are left out: they keep every sample in memory, and an empty threshold is green. No REST API, since
 * two runs on one machine would want the same port.
 */
export const RUN_QUIETLY: readonly string[] = [
  'run',
  '--quiet',
  '--no-color',
  '--no-usage-report',
  '--no-thresholds',
  '--summary-mode=disabled',
  '--address=',
];

function argumentsOf({ script, load, samples = PIPED, shard, args = [] }: RunK6Options): readonly string[] {
  return [
    ...RUN_QUIETLY,
    '--log-format=json',
    `--out=json=${samples}`,
    // Scripts open files beside themselves.
    `--env=MUSTER_LOAD=${absolute(load)}`,
    ...segmentOf(shard),
    ...args,
    script,
  ];
}

/** Segments of k6 are fractions; all runs of one load must be told all of them. */
export function segmentOf(shard: Shard | undefined): readonly string[] {
  if (shard === undefined) return [];
  const { index, of } = shard;
  const sequence = Array.from({ length: of + 1 }, (_, part) =>
    part === 0 ? '0' : part === of ? '1' : `${part}/${of}`,
  );
  return [
    `--execution-segment=${sequence[index - 1]}:${sequence[index]}`,
    `--execution-segment-sequence=${sequence.join(',')}`,
  ];
}
