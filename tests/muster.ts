/** Runs the real command line in a folder of its own, as a user would, and looks for what it left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HistoryEvent } from '../harness/model/history.ts';
import type { RunRecord } from '../harness/model/record.ts';

const MUSTER = fileURLToPath(new URL('../harness/cli/muster.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Whether muster itself is late is not the question on a machine that has other work. */
export const PATIENT = 'export default { policy: { harness_lag_ms_max: 20000, harness_wait_percent_max: 100 } };';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bench extends Disposable {
  /** An empty folder. */
  readonly folder: string;
  start(...args: readonly string[]): ChildProcess;
  muster(...args: readonly string[]): Promise<Ended>;
  /** Processes that this bench's commands started and that still live. */
  left(): readonly string[];
  record(run: string): RunRecord;
  history(run: string): readonly HistoryEvent[];
  /** A file of a run, as far as it has been written. */
  text(run: string, file: string): string;
}

/**
 * Runs lock their ports where all of muster does, so that tests which run at once keep out of each other's way. `ownLocks` is
 * for looking at what is left of them; such runs need a range of ports that no other has. Other tests are at work on the
 * machine: a run that is late for that is not inconclusive here, unless the test has a config of its own or wants none.
 */
export function openBench({
  ownLocks = false,
  env = {},
  config = PATIENT,
}: {
  readonly ownLocks?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: string | null;
} = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  if (config !== null) writeFileSync(join(folder, 'muster.config.mjs'), config);
  // Every descendant inherits it, whatever it does to its process group.
  const mark = randomUUID();
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [MUSTER, ...args], {
      cwd: folder,
      env: { ...process.env, ...env, ...(ownLocks ? { TMPDIR: folder } : {}), MUSTER_BENCH: mark, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    folder,
    start,
    muster: (...args) => ending(start(...args)),
    left: () => processesWith(`MUSTER_BENCH=${mark}`),
    record: (run) => JSON.parse(readFileSync(join(folder, run, 'report.json'), 'utf8')),
    history: (run) =>
      readFileSync(join(folder, run, 'history.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    text: (run, file) => {
      const path = join(folder, run, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export function ending(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...text }));
  });
}

/** Linux only: there /proc tells the environment of every process of ours. */
function processesWith(assignment: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(assignment);
      } catch {
        return false; // It has just ended, or is somebody else's.
      }
    })
    .map((pid) => `${pid} ${commandOf(pid)}`);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '(gone)';
  }
}

/** Tries a condition again and again, twenty times a second, and gives what it last said. */
export async function eventually<T>(ask: () => T, good: (answer: T) => boolean, tries_max = 200): Promise<T> {
  let answer = ask();
  for (let tries = 0; tries < tries_max && !good(answer); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = ask();
  }
  return answer;
}
