/**
 * One thread of a load: its own users, wire and part of the history, and the clock of the run. What it is told comes as messages, and so
 * does what it tells, all but the history: that is merged by time when all are done.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { startLoadReadBack } from '../engines/node/load-read-back.ts';
import { runLoad } from '../engines/node/run-load.ts';
import type { SeenTask, World } from '../engines/node/world.ts';
import { openHistory } from '../history/write.ts';
import type { Transport } from '../model/a2a.ts';
import type { Unstamped } from '../model/history.ts';
import type { Measurement } from '../model/measurement.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { Scenario } from '../model/scenario.ts';
import { dealTransport } from '../plan/deal-transport.ts';
import { loadScenario } from '../script/load-scenario.ts';
import { openWire } from '../wire/wire.ts';
import { openGuardedLoad } from './guarded-load.ts';
import type { PlanOfLoad } from './load.ts';
import { watchVitals } from './vitals.ts';
import { wireOptionsOf } from './wire-options.ts';

export interface WorkerData {
  /** From 1. */
  readonly worker: number;
  /** Its shard is that of this worker. */
  readonly plan: PlanOfLoad;
  readonly nonce: string;
  readonly card: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly transports: readonly Transport[];
  /** Of the users of this worker, by their positions. */
  readonly headers: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly segment: string;
  /** When the run began, by the clock that all threads of a process share, in milliseconds. */
  readonly zero_ms: number;
}

export type Visited = readonly [due_ms: number, came: boolean, user: number];

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'measured'; readonly ops: readonly Measurement[]; readonly visits: readonly Visited[] }
  | { readonly kind: 'over' }
  /** By its guard. */
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'done'; readonly tasks: readonly SeenTask[] };

export type ToWorker = { readonly kind: 'begin'; readonly begin_ms: number } | { readonly kind: 'stop' };

/** Milliseconds by a clock that is the same in all threads. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

const BATCH_MS = 200;

/** `scenarios`: those that the mix may name. */
export async function workOnLoad(scenarios: ReadonlyMap<string, Scenario>): Promise<void> {
  const data = workerData as WorkerData;
  const tell = (message: FromWorker): void => parentPort?.postMessage(message);
  const stopping = new AbortController();
  const begin = Promise.withResolvers<number>();
  parentPort?.on('message', (message: ToWorker) => {
    if (message.kind === 'begin') begin.resolve(message.begin_ms);
    else stopping.abort();
  });
  try {
    tell({ kind: 'done', tasks: await work(data, { scenarios, tell, signal: stopping.signal, begin: begin.promise }) });
  } catch (error) {
    tell({ kind: 'failed', reason: reasonOf(error) });
  }
  parentPort?.close();
}

interface Work {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly tell: (message: FromWorker) => void;
  readonly signal: AbortSignal;
  readonly begin: Promise<number>;
}

async function work(data: WorkerData, { scenarios, tell, signal, begin }: Work): Promise<readonly SeenTask[]> {
  const { plan, worker } = data;
  const [scenarioPlan] = plan.scenarios;
  if (scenarioPlan === undefined) throw new Error('Failed to carry out a load: its plan has no scenario');
  const clock = clockFrom(data.zero_ms);
  await using closing = new AsyncDisposableStack();
  const history = closing.use(openHistory(data.segment, { clock }));
  let opsOpen = 0;
  const emit = (event: Unstamped) => {
    if (event.type === 'invoke') opsOpen += 1;
    if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') opsOpen -= 1;
    return history.append(event, scenarioPlan.name);
  };
  const vitals = closing.use(
    watchVitals(
      (event) => emit({ ...event, worker }),
      () => opsOpen,
    ),
  );
  const wires = new Map<Transport, Awaited<ReturnType<typeof openWire>>>();
  for (const transport of data.transports) {
    wires.set(
      transport,
      closing.use(await openWire({ ...wireOptionsOf(plan), card: data.card, url: data.url, transport })),
    );
  }
  const [first] = data.transports;
  vitals.wake(() => {
    const traffic = first && wires.get(first)?.traffic?.();
    return traffic ? { traffic, open_ops: traffic.ops_open } : {};
  });
  let ops = 0;
  const bare: World = {
    plan,
    scenarioPlan,
    scenario: loadScenario(plan.load, scenarios, scenarioPlan.users),
    nonce: data.nonce,
    clock,
    emit,
    nextOpId: () => {
      ops += 1;
      return ops;
    },
    wireOf: (_agent, over = first) => over && wires.get(over),
    transportsOf: () => data.transports,
    dealtTo: (_agent, index, device) => dealTransport(plan, data.transports, index, device),
    headersOf: (index) => data.headers.get(index) ?? {},
    sessions: { open: notHere, close: notHere },
    hooks: { open: notHere, noteTurn: () => {}, configure: () => undefined, untilEnd: notHere },
    measure: notHere,
    fail: (reason) => tell({ kind: 'failed', reason }),
    signal,
  };
  using batches = startBatches(tell);
  using guarded = openGuardedLoad(plan, { world: bare, measures: batches.measures }, (reason) =>
    tell({ kind: 'stopped', reason }),
  );
  tell({ kind: 'ready' });
  const begin_ms = await begin;
  const readBack = startLoadReadBack();
  const { world, measures } = guarded;
  await runLoad(world, { plan, begin_ms, readBack, measures, onOver: () => tell({ kind: 'over' }) });
  emit({ ...vitals.take(), worker });
  return readBack.open();
}

/** Threads count from their own beginnings, by the same clock. */
function clockFrom(zero_ms: number): () => number {
  const offset_ms = sharedNow() - performance.now() - zero_ms;
  return () => Math.round((performance.now() + offset_ms) * 1000) / 1000;
}

function startBatches(tell: (message: FromWorker) => void) {
  let ops: Measurement[] = [];
  let visits: Visited[] = [];
  const flush = (): void => {
    if (ops.length + visits.length === 0) return;
    tell({ kind: 'measured', ops, visits });
    ops = [];
    visits = [];
  };
  const timer = setInterval(flush, BATCH_MS);
  timer.unref();
  return {
    measures: {
      op: (measurement: Measurement) => void ops.push(measurement),
      visit: (...visit: Visited) => void visits.push(visit),
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      flush();
    },
  };
}

const notHere = async () =>
  ({
    type: 'fail',
    error: { code: 'not-in-load', message: 'the scripts of a load have no hooks and no sessions' },
  }) as const;
