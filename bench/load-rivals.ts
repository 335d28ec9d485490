/**
 * Load generators of others, each as a process that is measured from outside: what the stub has answered and what CPU the process has
 * used, from one moment to a later one, so that neither its start nor its end counts. One that is not installed is told as such.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findK6 } from '../harness/engines/k6/find.ts';
import { RUN_QUIETLY } from '../harness/engines/k6/run.ts';
import { pinned } from './child.ts';
import type { LoadAnswer } from './load-child.ts';
import { CORES, type Stub } from './load-ground.ts';

export interface Rival {
  readonly name: string;
  readonly program: string;
  readonly args: (url: string) => readonly string[];
  /** Why it cannot be measured here. */
  readonly missing?: string;
}

/** Longer than anything here is measured; it is ended before. */
const FOR_S = 900;
const LOOK_MS = 20;
const LOOKS_MAX = 6_000;
const ENDS_MS_MAX = 5_000;
/** As Linux counts CPU in /proc. */
const TICKS_PER_S = 100;

export type K6Work = 'unary' | 'stream' | 'hold';

/** `each`: streams that one VU holds. */
export async function findK6Rival(work: K6Work, vus: number, each = 1): Promise<Rival> {
  const k6 = await findK6();
  const about = { unary: 'http.post, JSON checks', stream: 'k6/x/a2a', hold: 'k6/x/a2a' }[work];
  const [version, script] = [k6.found ? ` ${k6.version}` : '', fileURLToPath(new URL('k6/work.ts', import.meta.url))];
  return {
    name: `k6${version}, ${about}`,
    program: k6.found ? k6.path : '',
    args: (url) => [
      ...RUN_QUIETLY,
      ...Object.entries({ STUB: url, WORK: work, VUS: vus, EACH: each, FOR_S }).map(
        ([key, value]) => `--env=${key}=${value}`,
      ),
      script,
    ],
    ...(k6.found ? {} : { missing: k6.message }),
  };
}

export function findWrk(connections: number): Rival {
  const version = versionOfWrk();
  const script = fileURLToPath(new URL('wrk.lua', import.meta.url));
  return {
    name: `wrk${version === undefined ? '' : ` ${version}`}, in C, which looks at no body`,
    program: 'wrk',
    args: (url) => ['-t', '1', '-c', String(connections), '-d', `${FOR_S}s`, '-s', script, url],
    ...(version === undefined ? { missing: 'there is no wrk on the PATH; Debian has it as the package wrk' } : {}),
  };
}

/** It tells its version and exits with 1. */
function versionOfWrk(): string | undefined {
  try {
    execFileSync('wrk', ['-v'], { stdio: 'pipe' });
  } catch (error) {
    const told = String((error as { stdout?: Buffer }).stdout ?? '');
    return /^wrk (?:debian\/)?([\w.]+)/.exec(told)?.[1];
  }
  return undefined;
}

export interface RunningRival extends AsyncDisposable {
  readonly pid: number;
  /** Throws when it has ended by itself, which none of them may before it is told to. */
  readonly alive: () => void;
}

export function startRival({ name, program, args }: Rival, url: string): RunningRival {
  const env = { ...process.env, K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true' };
  const child = spawn(...pinned(CORES.client, program, args(url)), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  const hear = (chunk: Buffer): void => {
    told = `${told}${chunk}`.slice(-2_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'close');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const alive = (): void => {
    if (isOver()) throw new Error(`Failed to measure ${name}: it ended with code ${child.exitCode}. It said: ${told}`);
  };
  return {
    pid: child.pid ?? 0,
    alive,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      const forcing = setTimeout(() => child.kill('SIGKILL'), ENDS_MS_MAX);
      await ended;
      clearTimeout(forcing);
      if (/Non-2xx|Socket errors/.test(told)) throw new Error(`Failed to measure ${name}: ${told}`);
    },
  };
}

export async function measureRival(
  rival: Rival,
  stub: Stub,
  { warm_up_ms, for_ms }: { readonly warm_up_ms: number; readonly for_ms: number },
): Promise<LoadAnswer> {
  const { requests: before } = await stub.counts();
  await using running = startRival(rival, stub.url);
  await until(async () => (await stub.counts()).requests > before, running);
  await delay(warm_up_ms);
  const look = async () => ({ ...(await stub.counts()), cpu_s: cpuSecondsOf(running.pid), at_ms: performance.now() });
  const from = await look();
  await delay(for_ms);
  const to = await look();
  running.alive();
  return {
    requests: to.requests - from.requests,
    events: to.events - from.events,
    cpu_s: to.cpu_s - from.cpu_s,
    seconds: (to.at_ms - from.at_ms) / 1000,
  };
}

export async function until(isSo: () => Promise<boolean>, running: RunningRival): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    running.alive();
    if (await isSo()) return;
    await delay(LOOK_MS);
  }
  throw new Error('Failed to measure a rival: it did not get so far in two minutes.');
}

/** Of all its threads, system time included; not a number where the system does not say so. */
function cpuSecondsOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [, rest = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_PER_S;
}

export function residentKbOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
