/**
 * One scenario, from the start of its agents to the return of its ports: load, heal, settle, read back, probe. Whatever
 * happens, everything that was opened is closed, and the history says how it ended.
 */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HAS_PROC } from '../agents/process-table.ts';
import type { Warden } from '../agents/warden.ts';
import { openReadBack } from '../engines/node/read-back.ts';
import { runUsers } from '../engines/node/run-users.ts';
import type { World } from '../engines/node/world.ts';
import type { FaultSubject } from '../faults/fault.ts';
import { openHooks } from '../hooks/open-hooks.ts';
import type { Metrics } from '../judge/metrics.ts';
import type { HistoryEvent, Unstamped, VitalsEvent } from '../model/history.ts';
import type { Hooks } from '../model/hooks.ts';
import { linksOf } from '../model/links.ts';
import type { Agent } from '../model/live.ts';
import type { Measures } from '../model/measurement.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { FaultPlan, Scenario } from '../model/scenario.ts';
import { dealTransport } from '../plan/deal-transport.ts';
import { lengthOf } from '../plan/due-times.ts';
import { forkRandom } from '../plan/random.ts';
import { recordedPush } from '../wire/recorded.ts';
import { type FaultSchedule, scheduleFaults } from './fault-schedule.ts';
import { openGuardedLoad } from './guarded-load.ts';
import { carryK6Load } from './k6-load.ts';
import { carryLoad, isLoad, watchLoad } from './load.ts';
import type { Segments } from './load-workers.ts';
import { missingCapability } from './missing-capability.ts';
import { headersIn } from './named-headers.ts';
import { type LiveTarget, NotApplicable, type RunOptions, TargetError } from './options.ts';
import { openStage, type Stage } from './stage.ts';
import { howToStart } from './start-agent.ts';

const DRAWS = 2 ** 30;
/** Beyond it `setTimeout` fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface ScenarioRun {
  readonly options: RunOptions;
  readonly warden: Warden;
  readonly scenarioPlan: ScenarioPlan;
  readonly scenario: Scenario;
  readonly nonce: string;
  readonly clock: () => number;
  readonly emit: (event: Unstamped) => HistoryEvent;
  readonly nextOpId: () => number;
  readonly log_folder: string;
  /** The agents stand, and the users are about to come. */
  readonly beginLoad: (tellFurther?: () => Partial<Unstamped<VitalsEvent>>) => void;
  readonly measures: Measures;
  /** What is measured of users who are not written down. */
  readonly measured: Metrics;
  /** How the harness is doing, now and not at the next second. */
  readonly tellVitals: () => void;
  readonly segments: Segments;
}

/** Throws `TargetError` when the target could not be started at all; everything else is told in the history. */
export async function runScenario(run: ScenarioRun): Promise<void> {
  const { scenarioPlan, options, emit } = run;
  emit({ type: 'scenario', phase: 'started' });
  const obstacle = scenarioPlan.not_applicable ?? missingSystem(scenarioPlan);
  if (obstacle !== undefined) {
    emit({ type: 'scenario', phase: 'not-applicable', reason: obstacle });
  } else {
    const stopping = new AbortController();
    const { load, limits } = options.plan;
    // A load may take its time, and all else no longer than in every scenario.
    const ms_max = limits.scenario_ms_max + (load === undefined ? 0 : lengthOf(load.demand));
    const timer = setTimeout(
      () => {
        stopping.abort();
        broken(`it took longer than ${ms_max} ms`);
      },
      Math.min(ms_max, TIMER_MS_MAX),
    );
    const broken = (reason: string): void => {
      emit({ type: 'scenario', phase: 'broken', reason });
      stopping.abort();
    };
    try {
      await onStage(run, AbortSignal.any([options.signal, stopping.signal]), broken);
    } catch (error) {
      if (error instanceof TargetError) throw error;
      if (error instanceof NotApplicable) emit({ type: 'scenario', phase: 'not-applicable', reason: error.message });
      else if (!options.signal.aborted && !stopping.signal.aborted) broken(reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
    if (options.signal.aborted) broken('the run was interrupted');
  }
  emit({ type: 'scenario', phase: 'ended' });
}

async function onStage(run: ScenarioRun, signal: AbortSignal, broken: (reason: string) => void): Promise<void> {
  const { scenarioPlan, options, emit } = run;
  const { plan, target, peer, crew } = options;
  let faults: FaultSchedule | undefined;
  const emitAndCount = (event: Unstamped): HistoryEvent => {
    const stamped = emit(event);
    faults?.count(event);
    return stamped;
  };
  const { answer_bytes_max: bytes_max, stream_events_max: pushes_max } = plan.limits;
  // Closed after the agents, so that what they still post as they stop finds somebody.
  await using hooks = openHooks({ bytes_max, pushes_max, read: recordedPush, emit: emitAndCount, signal });
  await using stage = await openStage({
    plan,
    scenario: scenarioPlan,
    target,
    peer,
    crew,
    warden: run.warden,
    log_folder: run.log_folder,
    run: basename(options.folder),
    headersOf: headersIn(scenarioPlan, options.headersOf),
    emit: emitAndCount,
    signal,
  });
  let agent: Agent | undefined;
  if (scenarioPlan.blocks === undefined) {
    agent = await startTarget(stage, run);
    const obstacle =
      missingCapability(agent.summary, stage.transportsOf('agent'), scenarioPlan) ??
      unreachableHooks(agent, scenarioPlan);
    if (obstacle !== undefined) {
      emit({ type: 'scenario', phase: 'not-applicable', reason: obstacle });
      return;
    }
  } else await loadAgent(options.target, scenarioPlan);
  faults = scheduleFaults({
    faults: scenarioPlan.faults,
    subjectOf: (fault, fault_id) => subjectOf(run, stage, fault, fault_id),
    emit: emitAndCount,
    signal,
  });
  const bare = { world: worldOf(run, { stage, hooks }, emitAndCount, signal, broken), measures: run.measures };
  const byK6 = plan.load?.engine === 'k6';
  using guarded = isLoad(plan) && !byK6 ? openGuardedLoad(plan, bare, broken) : undefined;
  const { world, measures } = guarded ?? bare;
  run.beginLoad(plan.load && watchLoad(stage));
  faults.begin();
  const readBack = openReadBack(world);
  if (isLoad(plan) && agent !== undefined && byK6) await carryK6Load(run, { world, plan, agent });
  else if (isLoad(plan) && agent !== undefined) await carryLoad({ ...run, measures }, { world, plan, readBack, agent });
  else await runUsers(world, readBack);
  const { rest_ms = 0 } = scenarioPlan.only ?? {};
  if (rest_ms > 0) await delay(rest_ms, undefined, { signal }).catch(() => {});
  emit({ type: 'scenario', phase: 'settling' });
  await faults.end();
  emit({ type: 'scenario', phase: 'reading-back' });
  await readBack.finish();
  if (!signal.aborted) await stage.probe();
}

/** Whose sessions are opened under load: the first start of a fixture loads its code, which keeps this process from all else. */
async function loadAgent(target: LiveTarget, scenario: ScenarioPlan): Promise<void> {
  if (target.kind !== 'fixture' || howToStart({ target, scenario }) !== 'in-process') return;
  // Of what is wrong with it the sessions tell.
  const running = await target.fixture.start({ port: 0 }).catch(() => undefined);
  await running?.[Symbol.asyncDispose]();
}

/** A draw is a stream of its own, so that one more draw of one fault changes none of another. */
function subjectOf(
  { options, scenarioPlan }: ScenarioRun,
  stage: Stage,
  fault: FaultPlan,
  fault_id: number,
): FaultSubject {
  const agent = stage.processOf(fault.target);
  const proxy = stage.proxyOf(fault.target);
  const lie = stage.lieOf(fault.target);
  const toxics = stage.toxicsOf(fault.target);
  // Leaving out one fault changes the draws of no other.
  const place = scenarioPlan.only?.faults?.[fault_id] ?? fault_id;
  const index = (user: string): number => Number(user.slice(1)) - 1;
  const headersOf = headersIn(scenarioPlan, options.headersOf);
  return {
    ...(agent && { agent }),
    ...(proxy && { proxy }),
    ...(lie && { lie }),
    ...(toxics && { toxics }),
    isGrpc: stage.transportOf(fault.target) === 'grpc',
    isLinks: linksOf(fault.target) !== undefined,
    headersOf: (user) => (index(user) < scenarioPlan.users ? headersOf(index(user)) : undefined),
    draw: (purpose, count) =>
      forkRandom(options.plan.seed, scenarioPlan.name, 'fault', place, purpose, count).between(0, DRAWS - 1) / DRAWS,
  };
}

async function startTarget(stage: Stage, run: ScenarioRun): Promise<Agent> {
  try {
    return await stage.startTarget();
  } catch (error) {
    if (run.options.signal.aborted) throw error;
    throw new TargetError(reasonOf(error), { cause: error });
  }
}

function missingSystem({ descriptors, measures, socket, agents_hang_up }: ScenarioPlan): string | undefined {
  const needsProc =
    measures === true || descriptors !== undefined || socket === 'bound-by-agent' || agents_hang_up === true;
  return needsProc && !HAS_PROC
    ? 'this system has no /proc to tell who has a port, and how many descriptors a process has open: run it on Linux'
    : undefined;
}

/** Muster's webhooks are on loopback, and so has an agent to be that is to post to them. */
function unreachableHooks({ how, url }: Agent, { capabilities }: ScenarioPlan): string | undefined {
  const { hostname } = new URL(url);
  const isNear = how !== 'url' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (isNear || !capabilities.includes('pushNotifications')) return undefined;
  return `the agent at ${hostname} cannot post to muster's webhooks, which are on 127.0.0.1 of this machine: run muster on the machine of the agent`;
}

function worldOf(
  run: ScenarioRun,
  { stage, hooks }: { readonly stage: Stage; readonly hooks: Hooks },
  emit: World['emit'],
  signal: AbortSignal,
  fail: (reason: string) => void,
): World {
  return {
    plan: run.options.plan,
    scenarioPlan: run.scenarioPlan,
    scenario: run.scenario,
    nonce: run.nonce,
    clock: run.clock,
    emit,
    nextOpId: run.nextOpId,
    wireOf: stage.wireOf,
    transportsOf: stage.transportsOf,
    dealtTo: (agent, index, device) => dealTransport(run.options.plan, stage.transportsOf(agent), index, device),
    headersOf: headersIn(run.scenarioPlan, run.options.headersOf),
    sessions: { open: stage.openSession, close: stage.closeSession },
    hooks,
    measure: stage.measure,
    fail,
    signal,
  };
}
