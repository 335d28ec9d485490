/**
 * A load dealt among threads as among shards. They begin together and write each a segment of the history; when all are done these are
 * merged by time, which the threads of one machine read from one clock, so the order is the one in which things happened. A thread that
 * dies breaks the scenario, and what the others saw is kept.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SeenTask, World } from '../engines/node/world.ts';
import type { Agent } from '../model/live.ts';
import type { LoadCaps, LoadPlan, Shard } from '../model/load.ts';
import type { Measures } from '../model/measurement.ts';
import type { PlanOfLoad } from './load.ts';
import { type FromWorker, sharedNow, type ToWorker, type WorkerData } from './load-worker.ts';

export interface Segments {
  /** From here on what this thread tells is a segment, too. */
  begin(path: string): void;
  /** Into the history, by time. */
  merge(paths: readonly string[]): Promise<void>;
}

export interface WorkersOptions {
  readonly url: URL;
  readonly plan: PlanOfLoad;
  readonly agent: Pick<Agent, 'card' | 'url'>;
  readonly world: World;
  readonly folder: string;
  readonly segments: Segments;
  readonly measures: Measures;
  /** Nobody comes any more. */
  readonly onOver: () => void;
}

/** Gives the tasks that nobody has seen the end of. */
export async function runOnWorkers(options: WorkersOptions): Promise<readonly SeenTask[]> {
  const { plan, world, folder, segments } = options;
  const parts = join(folder, 'segments');
  await mkdir(parts, { recursive: true });
  const places = Array.from({ length: plan.load.workers }, (_, index) => index + 1);
  const pathOf = (worker: number): string => join(parts, `${worker}.jsonl`);
  const given = await Promise.all(places.map((worker) => dataOf(options, worker, pathOf(worker))));
  const threads = given.map((data) => startThread(options, data));
  const onStop = (): void => {
    for (const { send } of threads) send({ kind: 'stop' });
  };
  world.signal.addEventListener('abort', onStop, { once: true });
  await Promise.all(threads.map(({ ready }) => ready));
  const { time_ms: begin_ms } = world.emit({ type: 'scenario', phase: 'loading' });
  segments.begin(pathOf(0));
  if (world.signal.aborted) onStop();
  for (const { send } of threads) send({ kind: 'begin', begin_ms });
  await Promise.all(threads.map(({ over }) => over));
  options.onOver();
  const tasks = await Promise.all(threads.map(({ ended }) => ended));
  world.signal.removeEventListener('abort', onStop);
  await segments.merge([0, ...places].map(pathOf));
  await rm(parts, { recursive: true });
  return tasks.flat();
}

/** Users are dealt among workers as among shards: those of worker w of W within shard i of N are together just those of shard i. */
function shardOf({ load: { workers, shard } }: PlanOfLoad, worker: number): Shard {
  const { index, of } = shard ?? { index: 1, of: 1 };
  return { index: index + of * (worker - 1), of: of * workers };
}

/** What its users show is settled here, for it goes to another thread as data: it has to be good for as long as the load. */
async function dataOf({ plan, agent, world }: WorkersOptions, worker: number, segment: string): Promise<WorkerData> {
  const shard = shardOf(plan, worker);
  const users = plan.scenarios[0]?.users ?? 0;
  const own = Array.from({ length: users }, (_, index) => index).filter(
    (index) => index % shard.of === shard.index - 1,
  );
  return {
    worker,
    plan: { ...plan, load: { ...plan.load, shard, caps: capsOf(plan.load) }, limits: shareOf(plan) },
    nonce: world.nonce,
    card: agent.card,
    url: agent.url,
    transports: world.transportsOf('agent'),
    headers: new Map(await Promise.all(own.map(async (index) => [index, await world.headersOf(index)] as const))),
    segment,
    zero_ms: sharedNow() - world.clock(),
  };
}

/** The in-flight limit is that of all together. */
const shareOf = ({ limits, load }: PlanOfLoad): PlanOfLoad['limits'] => ({
  ...limits,
  in_flight_max: Math.max(1, Math.floor(limits.in_flight_max / load.workers)),
});

/** Each worker keeps to its share, so that all together keep to the whole without asking one another. */
function capsOf({ caps, workers }: LoadPlan): LoadCaps {
  const share = (all: number): number => Math.floor(all / workers);
  const { cost } = caps;
  return {
    ...caps,
    rate_per_s_max: share(caps.rate_per_s_max),
    requests_max: share(caps.requests_max),
    bytes_max: share(caps.bytes_max),
    ...(cost && { cost: { ...cost, max: cost.max / workers } }),
  };
}

interface Thread {
  readonly send: (message: ToWorker) => void;
  /** These resolve also when it has died. */
  readonly ready: Promise<void>;
  readonly over: Promise<void>;
  readonly ended: Promise<readonly SeenTask[]>;
}

function startThread({ url, world, measures, plan }: WorkersOptions, workerData: WorkerData): Thread {
  const ready = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<readonly SeenTask[]>();
  const thread = new Worker(url, { workerData });
  let isDone = false;
  let tasks: readonly SeenTask[] = [];
  let reason = 'it ended without a word';
  thread.on('message', (message: FromWorker) => {
    if (message.kind === 'ready') ready.resolve();
    else if (message.kind === 'over') over.resolve();
    else if (message.kind === 'failed') reason = message.reason;
    else if (message.kind === 'stopped') {
      world.fail(`worker ${workerData.worker} of ${plan.load.workers}, with its share of the caps: ${message.reason}`);
    } else if (message.kind === 'done') {
      tasks = message.tasks;
      isDone = true;
    } else {
      for (const measurement of message.ops) measures.op(measurement);
      for (const visit of message.visits) measures.visit(...visit);
    }
  });
  thread.on('error', (error) => {
    reason = error.message;
  });
  thread.on('exit', () => {
    if (!isDone) world.fail(`worker ${workerData.worker} of ${plan.load.workers} has failed: ${reason}`);
    ready.resolve();
    over.resolve();
    ended.resolve(tasks);
  });
  return {
    send: (message) => thread.postMessage(message),
    ready: ready.promise,
    over: over.promise,
    ended: ended.promise,
  };
}
