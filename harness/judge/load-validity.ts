/**
 * Whether the numbers of a load say something of the agent, or only of muster: a generator that was late, had no core, descriptor or
 * port to spare, or dropped too many, has measured itself. Each reason is one sentence with its numbers. Memory: one number for each
 * second in which a core was full.
 */
import type { VitalsEvent } from '../model/history.ts';
import type { LoadPlan } from '../model/load.ts';
import { maxOf, percentileOf } from './latency.ts';
import type { LoadMetrics } from './load-metrics.ts';
import type { Metrics } from './metrics.ts';

const CORE_FULL_PERCENT = 90;
/** A core may be full for a moment. */
const SECONDS_MIN = 3;
const SPARE = 'Ask for less, or give the load more cores, threads or machines.';
/** Of descriptors or ports that there are. */
const SHORT_FRACTION = 0.95;
/** As with the p99: more than one in a hundred. */
const LATE_FRACTION = 0.01;

export interface LoadVitals {
  vitals: number;
  /** Those in which the event loop was held up for longer than the harness may be late. */
  breathless: number;
  breathless_ms_max: number;
  /** When a core was full, by the clock of the run. */
  readonly full_ms: number[];
  /** The most that were open or timing out at once, and of how many. */
  descriptors: { readonly some: number; readonly all: number } | null;
  ports: { readonly some: number; readonly all: number } | null;
}

export function startLoadVitals(): LoadVitals {
  return { vitals: 0, breathless: 0, breathless_ms_max: 0, full_ms: [], descriptors: null, ports: null };
}

export function addVitals(told: LoadVitals, event: VitalsEvent, lag_ms_max: number): void {
  const { loop_delay_ms_p99, cpu_percent, cores_percent, descriptors, ports } = event;
  told.vitals += 1;
  if (loop_delay_ms_p99 > lag_ms_max) told.breathless += 1;
  told.breathless_ms_max = Math.max(told.breathless_ms_max, loop_delay_ms_p99);
  if (Math.max(cpu_percent, ...(cores_percent ?? [])) >= CORE_FULL_PERCENT) told.full_ms.push(event.time_ms);
  told.descriptors = fuller(told.descriptors, descriptors && { some: descriptors.open, all: descriptors.limit });
  told.ports = fuller(told.ports, ports && { some: ports.time_wait, all: ports.range });
}

type Share = { readonly some: number; readonly all: number };

function fuller(known: Share | null, now: Share | undefined): Share | null {
  if (now === undefined || now.all <= 0) return known;
  return known === null || now.some / now.all > known.some / known.all ? now : known;
}

/** Why the load says nothing of the agent; empty where it does. */
export function distrustLoad(plan: LoadPlan, metrics: Metrics, told: LoadVitals): readonly string[] {
  const { load } = metrics;
  if (load === null) return [];
  return [
    ...nothingMeasured(metrics, load),
    ...late(load, told),
    ...breathless(load, told),
    ...short('descriptors', told.descriptors, 'open', 'Raise `ulimit -n`, or hold fewer connections.'),
    ...short('ports', told.ports, 'timing out', 'Keep connections alive, or connect from more source addresses.'),
    ...noSocket(metrics),
    ...droppedTooMany(plan, load),
  ];
}

function nothingMeasured({ tallies }: Metrics, { due }: LoadMetrics): string[] {
  if (tallies.size > 0) return [];
  return [`Nothing was measured: of ${due} users who were due none has ended an operation.`];
}

function late(load: LoadMetrics, told: LoadVitals): string[] {
  const { lag, rules } = load;
  const all = lag.histogram.totalCount;
  const full_s = secondsFullAndLate(load, told);
  const busy = `a core was at least ${CORE_FULL_PERCENT} % busy in ${told.full_ms.length} of ${told.vitals} seconds. ${SPARE}`;
  // Too few for a percentile are judged by the worst.
  const p99_ms = percentileOf(lag, 99) ?? maxOf(lag) ?? 0;
  if (p99_ms > rules.lag_ms_max) {
    return [
      `Muster itself was late: of ${all} ops one in a hundred was sent ${round(p99_ms)} ms or more after it was due, and at most ` +
        `${rules.lag_ms_max} ms are trusted; ${busy}`,
    ];
  }
  if (full_s < SECONDS_MIN) return [];
  return [`Muster itself had no core to spare: it was late in ${full_s} seconds in which its CPU was full; ${busy}`];
}

/** Seconds in which a core was full and more than one in a hundred ops that ended were sent too late. */
function secondsFullAndLate({ seconds, began_ms }: LoadMetrics, { full_ms }: LoadVitals): number {
  return full_ms.filter((at_ms) => {
    const counts = seconds.slices.get(Math.floor((at_ms - began_ms) / seconds.slice_ms))?.counts;
    return counts !== undefined && counts.late > LATE_FRACTION * (counts.ok + counts.fail + counts.info);
  }).length;
}

function breathless({ rules }: LoadMetrics, { vitals, breathless, breathless_ms_max }: LoadVitals): string[] {
  if (breathless <= Math.floor(LATE_FRACTION * vitals)) return [];
  return [
    `Muster itself was out of breath: in ${breathless} of ${vitals} seconds its event loop was held up for more than ` +
      `${rules.lag_ms_max} ms, at worst for ${round(breathless_ms_max)} ms.`,
  ];
}

function short(what: string, share: Share | null, how: string, advice: string): string[] {
  if (share === null || share.some < SHORT_FRACTION * share.all) return [];
  return [`Muster itself ran short of ${what}: ${share.some} of ${share.all} were ${how} at once. ${advice}`];
}

function noSocket({ tallies }: Metrics): string[] {
  const count = [...tallies.values()].reduce((sum, { errors }) => sum + (errors.get('no-socket') ?? 0), 0);
  if (count === 0) return [];
  return [
    `Muster itself ran out of sockets or descriptors: ${count} ops were never sent. Raise \`ulimit -n\`, or ask for less.`,
  ];
}

function droppedTooMany({ dropped_percent_max }: LoadPlan, { due, dropped }: LoadMetrics): string[] {
  if (dropped * 100 <= dropped_percent_max * due) return [];
  return [
    `Too many users were dropped: ${dropped} of ${due} who were due (${round((dropped * 100) / due)} %) found as many in flight as ` +
      `may be, and at most ${dropped_percent_max} % may. Allow more in flight, or ask for less.`,
  ];
}

const round = (value: number): number => Math.round(value * 10) / 10;
