/** Node, processors, memory, the clock and descriptors: what muster itself stands on. What is seen is one thing, and what it means another. */
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { CheckupFinding } from '../../../model/checkup.ts';
import type { VitalsEvent } from '../../../model/history.ts';
import { watchMachine } from '../../../run/machine.ts';
import { note, ok, problem } from '../findings.ts';
import type { MachineExamination } from './machine.ts';

export interface Runtime {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  /** Of the last minute; 0 where the system does not tell. */
  readonly load: number;
  readonly memory_mb: { readonly free: number; readonly all: number };
  readonly descriptors?: VitalsEvent['descriptors'];
  readonly clock: Clock;
}

export interface Clock {
  /** The worst of `waits` waits of a few milliseconds. */
  readonly late_ms_max: number;
  readonly waits: number;
  /** By how much the clock on the wall went further than the one that is never set. */
  readonly drift_ms: number;
  readonly year: number;
}

const NODE_MIN = 24;
const MEMORY_MB = { low: 1_000, least: 250 };
const DESCRIPTORS = { low: 4_096, least: 256 };
const LATE_MS_MAX = 50;
const DRIFT_MS_MAX = 50;
/** When this was written: no clock that is right shows an earlier one. */
const YEAR_MIN = 2026;
const WAITS = 20;
const WAIT_MS = 5;
const MB = 1024 * 1024;

export const runtime: MachineExamination = {
  area: 'runtime',
  title: 'Machine',
  looks_at: 'Node, processors and load, memory, descriptors, timers and the clock',
  examine: async ({ signal }) => runtimeFindings(await look(signal)),
};

async function look(signal: AbortSignal): Promise<Runtime> {
  const clock = await watchClock(signal);
  const { descriptors } = watchMachine()();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memory_mb: memory(),
    ...(descriptors && { descriptors }),
    clock,
  };
}

/** A container may have less than its machine; what the system could free at once counts as free. */
function memory(): Runtime['memory_mb'] {
  const all = Math.min(totalmem(), process.constrainedMemory() || totalmem());
  const free = Math.min(process.availableMemory?.() ?? freemem(), availableByKernel() ?? all);
  return { free: Math.floor(free / MB), all: Math.floor(all / MB) };
}

function availableByKernel(): number | undefined {
  try {
    const [, kb] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    return kb === undefined ? undefined : Number(kb) * 1024;
  } catch {
    // Not on this system.
    return undefined;
  }
}

async function watchClock(signal: AbortSignal): Promise<Clock> {
  const wall_ms = Date.now();
  const began_ms = performance.now();
  let late_ms_max = 0;
  for (let wait = 0; wait < WAITS; wait += 1) {
    const due_ms = performance.now() + WAIT_MS;
    await delay(WAIT_MS, undefined, { signal });
    late_ms_max = Math.max(late_ms_max, performance.now() - due_ms);
  }
  const drift_ms = Date.now() - wall_ms - (performance.now() - began_ms);
  return { late_ms_max, waits: WAITS, drift_ms, year: new Date(wall_ms).getUTCFullYear() };
}

export function runtimeFindings(seen: Runtime): readonly CheckupFinding[] {
  return [
    nodeFinding(seen),
    processors(seen),
    memoryFinding(seen),
    ...(seen.descriptors === undefined ? [] : [descriptorFinding(seen.descriptors)]),
    ...clockFindings(seen.clock),
  ];
}

function nodeFinding({ node, platform }: Runtime): CheckupFinding {
  const id = 'runtime/node';
  const seen = `${node} on ${platform}`;
  if (Number.parseInt(node, 10) < NODE_MIN) {
    const advice = `Run muster with Node ${NODE_MIN} or later; \`npm ci\` in its repository brings one along.`;
    return problem(id, 'Node', { seen, advice, hinders: 'all' });
  }
  if (platform.startsWith('linux')) return ok(id, 'Node', seen);
  const advice = 'Use Linux for faults on processes, and for who holds which port: elsewhere muster cannot see that.';
  return note(id, 'Node', seen, advice);
}

function processors({ cores, load }: Runtime): CheckupFinding {
  const id = 'runtime/processors';
  const seen = `${cores}, load ${load.toFixed(1)} over the last minute`;
  if (cores < 2) {
    const advice =
      'Run the agent elsewhere and give its --url for loads: with one core muster and the agent take turns.';
    return note(id, 'processors', seen, advice);
  }
  if (load <= cores) return ok(id, 'processors', seen);
  const advice =
    'Wait until the machine has less to do: a busy one makes runs inconclusive, and latencies are its own.';
  return note(id, 'processors', seen, advice);
}

function memoryFinding({ memory_mb: { free, all } }: Runtime): CheckupFinding {
  const id = 'runtime/memory';
  const seen = `${free} MB free of ${all} MB`;
  const advice = `End what is not needed: a run of the standard suite wants some ${MEMORY_MB.least} MB, a load more.`;
  if (free < MEMORY_MB.least) return problem(id, 'memory', { seen, advice, hinders: 'part' });
  return free < MEMORY_MB.low ? note(id, 'memory', seen, advice) : ok(id, 'memory', seen);
}

function descriptorFinding({ open, limit }: NonNullable<Runtime['descriptors']>): CheckupFinding {
  const id = 'runtime/descriptors';
  const seen = `${limit} at most, ${open} are open`;
  const advice = `Raise the limit with \`ulimit -n\` to ${DESCRIPTORS.low} or more: each user and each stream takes at least one.`;
  if (limit - open < DESCRIPTORS.least) return problem(id, 'descriptors', { seen, advice, hinders: 'part' });
  return limit < DESCRIPTORS.low ? note(id, 'descriptors', seen, advice) : ok(id, 'descriptors', seen);
}

function clockFindings({ late_ms_max, waits, drift_ms, year }: Clock): readonly CheckupFinding[] {
  const late = `${late_ms_max.toFixed(1)} ms late at worst (n = ${waits})`;
  const busy = 'Give muster a core of its own: who is late measures himself, and runs come out inconclusive.';
  const isSet = Math.abs(drift_ms) > DRIFT_MS_MAX || year < YEAR_MIN;
  const shown = `the year ${year}, ${drift_ms.toFixed(1)} ms off the clock that is never set`;
  const right = 'Set the clock right and keep it so: dates of baselines, and certificates, go by it.';
  return [
    late_ms_max > LATE_MS_MAX ? note('runtime/timers', 'timers', late, busy) : ok('runtime/timers', 'timers', late),
    isSet ? note('runtime/clock', 'clock', shown, right) : ok('runtime/clock', 'clock', shown),
  ];
}
