/**
 * The load of a plan, made by k6: what it measures is read while it comes, as numbers of the same kind as those of the embedded engine. It
 * judges nothing, and whatever keeps it from doing all of the load is told, so that no load that was cut short is ever green.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepSamples } from '../engines/k6/keep-samples.ts';
import { isDrawn, k6ArgumentsOf, k6EnvironmentOf, k6LoadOf } from '../engines/k6/load-of-plan.ts';
import { type K6Run, startK6 } from '../engines/k6/run.ts';
import { type K6SampleCounts, openK6Samples } from '../engines/k6/samples.ts';
import { packageRoot } from '../engines/k6/sources.ts';
import type { World } from '../engines/node/world.ts';
import { startWindow } from '../judge/gate-window.ts';
import { K6_METRICS, startK6Feed } from '../judge/k6-samples.ts';
import { loadRulesOf } from '../judge/load-metrics.ts';
import type { Metrics } from '../judge/metrics.ts';
import type { Agent } from '../model/live.ts';
import type { Measurement, Measures } from '../model/measurement.ts';
import { dueTimes } from '../plan/due-times.ts';
import { loadVisits } from '../plan/load-visits.ts';
import { forkRandom } from '../plan/random.ts';
import { userName } from '../plan/visits.ts';
import { drawByWeight, LOAD_SCENARIO } from '../script/load-scenario.ts';
import { FILES } from './folder.ts';
import type { PlanOfLoad } from './load.ts';
import { type LoadGuard, openLoadGuard } from './load-guard.ts';
import type { RunOptions } from './options.ts';

/** Whoever stops a load is not to wait for it. What k6 has told until then is here. */
const END_MS_MAX = 900;
const ERRORS_TOLD_MAX = 3;
const DIGITS = 36;
/** Each VU of k6 has them in its memory. */
const DRAWN_MAX = 10_000;

export interface K6LoadRun {
  readonly options: Pick<RunOptions, 'folder' | 'k6' | 'measures'>;
  /** What was measured goes in here. */
  readonly measured: Metrics;
  readonly tellVitals: () => void;
}

export interface K6LoadGiven {
  readonly world: Pick<World, 'clock' | 'emit' | 'fail' | 'headersOf' | 'scenarioPlan' | 'signal' | 'transportsOf'>;
  readonly plan: PlanOfLoad;
  readonly agent: Agent;
}

export async function carryK6Load({ options, measured, tellVitals }: K6LoadRun, given: K6LoadGiven): Promise<void> {
  const { world, plan } = given;
  const { folder, k6 } = options;
  if (k6 === undefined) throw new Error('Failed to begin the load: it is one for k6, and nobody has said where k6 is');
  const drawn = drawnOf(plan);
  await using load = await writeLoad(given, drawn);
  using guard = guardFor(plan, world, measured);
  const running = startK6({
    program: k6.program,
    script: join(packageRoot(), 'k6', 'load.ts'),
    load: load.path,
    log: join(folder, FILES.k6_log),
    ...(plan.load.shard && { shard: plan.load.shard }),
    args: k6ArgumentsOf(plan.load),
    env: { ...process.env, ...k6EnvironmentOf(plan.load) },
    end_ms_max: END_MS_MAX,
    signal: world.signal,
  });
  if (running.samples === null) throw new Error('Failed to begin the load: k6 has no output that could be read');
  const told = keepSamples(running.samples, join(folder, FILES.k6_samples));
  const samples = openK6Samples(told, (metric) => K6_METRICS.has(metric));
  const feed = startK6Feed(measured, Date.now() - world.clock(), alsoTo(guard, options.measures));
  let hasBegun = false;
  let visits = 0;
  for await (const sample of samples) {
    feed(sample);
    if (sample.metric === 'muster_visit_due') visits += 1;
    if (hasBegun || sample.metric !== 'muster_load_began') continue;
    hasBegun = true;
    world.emit({ type: 'scenario', phase: 'loading' });
  }
  // Without a reader it would wait for one.
  running.samples.resume();
  const run = await running.ended;
  end(world, run, samples.counts(), run.ended === 'finished' ? untold(plan, drawn, visits) : undefined);
  tellVitals();
}

/** When users are due, where k6 has to be told. */
const drawnOf = ({ load, seed }: PlanOfLoad): readonly number[] | undefined =>
  isDrawn(load.demand) ? [...dueTimes(load.demand, seed)] : undefined;

/** An arrival that no VU ever got to was dropped, and nobody has told of it. */
function untold({ load }: PlanOfLoad, drawn: readonly number[] | undefined, visits: number): string | undefined {
  const due = Math.floor((drawn?.length ?? 0) / (load.shard?.of ?? 1));
  return visits >= due
    ? undefined
    : `k6 told of ${visits} of ${due} arrivals: all its VUs were taken until the end (limits.in_flight_max)`;
}

/** The headers of users are nobody's business, so the file does not lie with the results. */
async function writeLoad(
  { world, plan, agent }: K6LoadGiven,
  drawn: readonly number[] | undefined,
): Promise<AsyncDisposable & { readonly path: string }> {
  if (agent.respond !== undefined) {
    throw new Error('k6 cannot reach a simulated agent, which has no socket. Run this with --engine node');
  }
  const [transport] = world.transportsOf('agent');
  const file = k6LoadOf(plan, {
    url: agent.url,
    card: agent.card,
    ...(transport && { transport }),
    scripts: scriptsOf(plan),
    ...(drawn && { due_ms: drawn }),
    users: await Promise.all(
      Array.from({ length: world.scenarioPlan.users }, async (_, index) => ({
        id: userName(index),
        headers: await world.headersOf(index),
      })),
    ),
  });
  const folder = await mkdtemp(join(tmpdir(), 'muster-k6-'));
  const path = join(folder, 'load.json');
  await writeFile(path, JSON.stringify(file), { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Of a closed load nobody knows how many will come. */
function scriptsOf(plan: PlanOfLoad): string {
  const { demand, mix } = plan.load;
  if (demand.kind === 'closed' || mix.length > DIGITS) return '';
  const { shard: _, ...whole } = plan.load;
  const places = mix.map(({ weight }, place) => ({ weight, place }));
  let drawn = '';
  for (const { index, device } of loadVisits({ ...plan, load: whole })) {
    const random = forkRandom(plan.seed, LOAD_SCENARIO, userName(index), device);
    drawn += drawByWeight(places, random).place.toString(DIGITS);
    if (drawn.length >= DRAWN_MAX) break;
  }
  return drawn;
}

/** By what k6 has told. It tells five times a second, so at a cap there are a few more requests than it allows. */
function guardFor(plan: PlanOfLoad, world: K6LoadGiven['world'], { load }: Metrics): LoadGuard<Measurement> {
  const rules = loadRulesOf(plan);
  if (rules === undefined) throw new Error('Failed to guard a load: its plan has none');
  const guard = openLoadGuard<Measurement>({
    load: plan.load,
    clock: world.clock,
    watch: (rule) => startWindow(rule, rules),
    bytesIn: () => load?.bytes_in,
  });
  const stop = (): void => world.fail(guard.reason() ?? 'it was stopped');
  guard.signal.addEventListener('abort', stop, { once: true });
  return guard;
}

function alsoTo(guard: LoadGuard<Measurement>, others: Measures | undefined): Measures {
  return {
    op(measurement) {
      guard.maySend(measurement.op);
      guard.add(measurement);
      others?.op(measurement);
    },
    visit(due_ms, came, user) {
      guard.visit(due_ms, came, due_ms);
      others?.visit(due_ms, came, user);
    },
  };
}

function end(world: K6LoadGiven['world'], run: K6Run, counts: K6SampleCounts, untold: string | undefined): void {
  const isStopped = world.signal.aborted;
  const early = isStopped ? 'it was stopped' : run.ended === 'finished' ? undefined : run.sentence;
  world.emit({ type: 'scenario', phase: 'load-over', ...(early === undefined ? {} : { early }) });
  const problems = [...problemsOf(run, counts), ...(untold === undefined ? [] : [untold])];
  if (!isStopped && problems.length > 0) world.fail(problems.join('; '));
}

function problemsOf(
  { ended, sentence, errors, error_lines }: K6Run,
  { truncated, unreadable, lines }: K6SampleCounts,
): readonly string[] {
  const more = errors > ERRORS_TOLD_MAX ? ` (${errors} in all)` : '';
  return [
    ...(ended === 'finished' ? [] : [sentence]),
    ...(errors === 0 ? [] : [`k6 said: ${error_lines.slice(0, ERRORS_TOLD_MAX).join(' | ')}${more}`]),
    ...(truncated === undefined ? [] : [truncated]),
    ...(unreadable === 0 ? [] : [`${unreadable} of ${lines} lines of its samples cannot be read`]),
  ];
}
