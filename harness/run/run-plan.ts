/**
 * Carries out a plan: the one effectful loop between plan.json and history.jsonl. The checks fold the events as they are
 * written, so the verdict is there when the last scenario has ended.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { openWarden, type Warden } from '../agents/warden.ts';
import { mergeSegments } from '../history/merge-segments.ts';
import { readHistory } from '../history/read.ts';
import { type HistoryLog, openHistory } from '../history/write.ts';
import { startJudge } from '../judge/judge.ts';
import { loadRulesOf } from '../judge/load-metrics.ts';
import { addMeasurement, addVisit, beginLoad } from '../judge/measurement.ts';
import { type Metrics, startMetrics } from '../judge/metrics.ts';
import { startRecord, toRecord } from '../judge/record.ts';
import { type Environment, HISTORY_SCHEMA, type HistoryEvent, type Unstamped } from '../model/history.ts';
import type { Measures } from '../model/measurement.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { RunRecord, Verdict } from '../model/record.ts';
import type { Scenario } from '../model/scenario.ts';
import { LOAD_SCENARIO, loadScenario } from '../script/load-scenario.ts';
import { FILES, writePlan } from './folder.ts';
import type { Segments } from './load-workers.ts';
import { type RunOptions, RunStopped, TargetError } from './options.ts';
import { runScenario, type ScenarioRun } from './run-scenario.ts';
import { beginSegment } from './segment-file.ts';
import { watchVitals } from './vitals.ts';

export interface RunResult {
  readonly verdict: Verdict;
  readonly record: RunRecord;
  /** The target could not be started, or the harness itself failed; what was seen until then is judged all the same. */
  readonly error?: unknown;
}

/** Everything that one run shares between its scenarios. */
interface Log {
  readonly emit: (event: Unstamped) => HistoryEvent;
  readonly clock: () => number;
  readonly nonce: string;
  readonly nextOpId: () => number;
  readonly measures: Measures;
  readonly measured: Metrics;
  enter(scenario: string): void;
  readonly beginLoad: ScenarioRun['beginLoad'];
  tellVitals(): void;
  readonly segments: Segments;
}

export async function runPlan(options: RunOptions): Promise<RunResult> {
  const { plan, folder, checks } = options;
  await writePlan(folder, plan);
  const started_ms = performance.now();
  const segmentFile = await beginSegment(folder, plan, started_ms);
  // Microseconds are what the clock can tell; more digits would only fill the history.
  const clock = (): number => Math.round((performance.now() - started_ms) * 1000) / 1000;
  const judge = startJudge(plan, checks);
  const record = startRecord(plan);
  const measured = startMetrics(loadRulesOf(plan));
  const crash = new AbortController();
  const nonce = randomBytes(4).toString('hex');
  let current = '';
  let opsBegun = 0;
  let opsOpen = 0;
  let error: unknown;
  {
    await using history = openHistory(join(folder, FILES.history), { clock });
    let segment: HistoryLog | undefined;
    const nextOpId = (): number => {
      opsBegun += 1;
      return opsBegun;
    };
    /** What was written is judged, and told whoever wants to know. */
    const follow = (stamped: HistoryEvent): HistoryEvent => {
      judge.add(stamped);
      record.add(stamped);
      if (stamped.type === 'scenario' && stamped.phase === 'loading') beginLoad(measured, stamped.time_ms);
      if (stamped.type === 'invoke') opsOpen += 1;
      if (stamped.type === 'ok' || stamped.type === 'fail' || stamped.type === 'info') opsOpen -= 1;
      options.onEvent?.(stamped);
      return stamped;
    };
    const orCrash = <T>(act: () => T): T => {
      try {
        return act();
      } catch (cause) {
        // Without a history there is no run: stop everything, and say why once it has stopped.
        error ??= cause;
        crash.abort();
        throw cause;
      }
    };
    const emit = (event: Unstamped): HistoryEvent =>
      segment === undefined
        ? follow(orCrash(() => history.append(event, current)))
        : orCrash(() => (segment ?? history).append(event, current));
    const segments: Segments = {
      begin: (path) => {
        segment = openHistory(path, { clock });
      },
      merge: async (paths) => {
        await segment?.[Symbol.asyncDispose]();
        segment = undefined;
        for (const event of mergeSegments(paths, nextOpId)) follow(orCrash(() => history.take(event)));
      },
    };
    const started_at = new Date().toISOString();
    emit({ type: 'run', phase: 'started', schema: HISTORY_SCHEMA, started_at, nonce, environment: environment() });
    // From here on the folder can be judged, whatever becomes of this process.
    history.flush();
    using vitals = watchVitals(emit, () => opsOpen);
    const log: Log = {
      emit,
      measures: measuresInto(measured, options.measures),
      measured,
      clock,
      nonce,
      nextOpId,
      enter: (scenario) => {
        if (current !== '') emit(vitals.take());
        current = scenario;
        vitals.rest();
      },
      beginLoad: vitals.wake,
      segments,
      tellVitals: () => emit(vitals.take()),
    };
    try {
      await using own = options.warden === undefined ? await openWarden() : undefined;
      const warden = options.warden ?? own;
      if (warden)
        await runScenarios({ ...options, signal: AbortSignal.any([options.signal, crash.signal]) }, log, warden);
    } catch (cause) {
      error ??= cause;
    }
    log.enter('');
    if (!crash.signal.aborted) emit({ type: 'run', phase: 'ended', ...endOf(options.signal, error) });
  }
  handOver(options, measured, [judge, record]);
  const verdict = judge.close((only) => readHistory(join(folder, FILES.history), { only }));
  const told = toRecord(plan, verdict, record, basename(folder));
  await segmentFile?.end({
    ended: verdict.ended,
    message: error === undefined ? undefined : reasonOf(error),
    events: told.run.events,
    metrics: record.counted(plan.scenarios[0]?.name ?? ''),
    vitals: told.vitals,
  });
  return {
    verdict,
    record: told,
    ...(error === undefined ? {} : { error }),
  };
}

async function runScenarios(options: RunOptions, log: Log, warden: Warden): Promise<void> {
  for (const scenarioPlan of options.plan.scenarios) {
    if (options.signal.aborted) return;
    const scenario = scenarioOf(options, scenarioPlan);
    if (scenario === undefined) {
      throw new TargetError(
        `Failed to run "${scenarioPlan.name}": the plan names it, but no such scenario is known. See \`muster list\`, or give the --config that brings it`,
      );
    }
    log.enter(scenarioPlan.name);
    await runScenario({
      options,
      warden,
      scenarioPlan,
      scenario,
      nonce: log.nonce,
      clock: log.clock,
      emit: log.emit,
      nextOpId: log.nextOpId,
      beginLoad: log.beginLoad,
      measures: log.measures,
      measured: log.measured,
      tellVitals: log.tellVitals,
      segments: log.segments,
      log_folder: join(options.folder, FILES.agents),
    });
  }
}

/** What was measured of users who are not in the history. The segment keeps it, so that it can be judged later. */
function handOver(
  { plan }: RunOptions,
  measured: Metrics,
  takers: readonly { take(scenario: string, measured: Metrics): void }[],
): void {
  if (plan.load === undefined || plan.load.checks === 'on') return;
  for (const taker of takers) taker.take(LOAD_SCENARIO, measured);
}

function measuresInto(measured: Metrics, others: Measures | undefined): Measures {
  return {
    op(measurement) {
      addMeasurement(measured, measurement);
      others?.op(measurement);
    },
    visit(due_ms, came, user) {
      addVisit(measured, due_ms, came, user);
      others?.visit(due_ms, came, user);
    },
  };
}

/** That of a load is made of those that its mix names. */
function scenarioOf({ plan, scenarios }: RunOptions, { name, users }: ScenarioPlan): Scenario | undefined {
  if (plan.load === undefined) return scenarios.get(name);
  try {
    return loadScenario(plan.load, scenarios, users);
  } catch (error) {
    throw new TargetError(reasonOf(error), { cause: error });
  }
}

function endOf(
  signal: AbortSignal,
  error: unknown,
): { reason: 'finished' | 'interrupted' | 'crashed'; message?: string } {
  if (error !== undefined) {
    return { reason: 'crashed', message: reasonOf(error) };
  }
  if (!signal.aborted) return { reason: 'finished' };
  const why = signal.reason instanceof RunStopped ? { message: signal.reason.message } : {};
  return { reason: 'interrupted', ...why };
}

function environment(): Environment {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: availableParallelism(),
    memory_mb: Math.round(totalmem() / 1024 / 1024),
  };
}
