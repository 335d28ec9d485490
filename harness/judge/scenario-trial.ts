/**
 * One scenario before its judge: every check folds its events. A check that throws is crashed for this scenario and no
 * other, the remaining checks go on, and what it had found by then is not told, since half a fold proves nothing.
 */
import { startScene } from '../checks/parts/scene.ts';
import type { Check, CheckResult, Fold } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { Op } from '../model/op.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import { followLacks } from './lacks.ts';

export interface CheckOutcome {
  readonly check: Check;
  readonly result: CheckResult | null;
  /** Why it crashed, where there is no result. */
  readonly crash?: Crash;
}

export interface Crash {
  readonly message: string;
  /** Where in the check; whoever called it is left out, so that judging live and later give the same. */
  readonly stack: readonly string[];
}

export interface Progress {
  readonly seen: boolean;
  readonly ended: boolean;
  /** The reason given when it could not be carried out. */
  readonly broken: string | null;
  readonly notApplicable: string | null;
  /** What the agent turned out to be without. */
  readonly lacks: string | null;
  /** Why a load did not last as long as its plan says. */
  readonly early: string | null;
}

export interface Trial {
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  progress(): Progress;
  /** In the order of the checks. */
  close(): readonly CheckOutcome[];
}

interface Running {
  readonly check: Check;
  fold: Fold | null;
  crash?: Crash;
}

const OPS_MAX = 100;

export function startTrial(plan: Plan, scenario: ScenarioPlan, checks: readonly Check[]): Trial {
  /** By type of event, and by the op that it belongs to. */
  const readers = new Map<HistoryEvent['type'], Map<Op['op'] | undefined, readonly Running[]>>();
  const scene = startScene();
  let progress: Progress = { seen: false, ended: false, broken: null, notApplicable: null, lacks: null, early: null };
  const lacks = followLacks(scenario);
  const running = checks.map((check): Running => {
    const one: Running = { check, fold: null };
    attempt(one, () => {
      one.fold = check.start({ plan, scenario, scene });
    });
    return one;
  });

  const concerned = running.filter(({ check }) => check.concerns?.(scenario) ?? true);

  const readersOf = (type: HistoryEvent['type'], op: Op['op'] | undefined): readonly Running[] => {
    const ofType = readers.get(type) ?? new Map<Op['op'] | undefined, readonly Running[]>();
    const known = ofType.get(op);
    if (known !== undefined) return known;
    const found = concerned.filter(({ check: { reads, ops } }) => {
      const looksAtOp = op === undefined || (ops?.includes(op) ?? true);
      return looksAtOp && (reads?.includes(type) ?? true);
    });
    // A history that somebody else wrote may name any number of ops.
    if (ofType.size < OPS_MAX) readers.set(type, ofType.set(op, found));
    return found;
  };

  return {
    add(event, invoke) {
      progress = follow(progress, event);
      scene.add(event);
      lacks.add(event, invoke);
      for (const one of readersOf(event.type, (event.type === 'invoke' ? event : invoke)?.op.op))
        feed(one, event, invoke);
    },
    progress: () => ({ ...progress, lacks: lacks.reason() }),
    close: () =>
      running.map((one): CheckOutcome => {
        let result: CheckResult | null = null;
        attempt(one, () => {
          result = one.fold?.close() ?? null;
        });
        return { check: one.check, result, ...(one.crash === undefined ? {} : { crash: one.crash }) };
      }),
  };
}

/** Apart from `attempt` since it runs for every event and check, and should make no closure. */
function feed(one: Running, event: HistoryEvent, invoke: InvokeEvent | undefined): void {
  try {
    one.fold?.add(event, invoke);
  } catch (error) {
    crash(one, error);
  }
}

function attempt(one: Running, step: () => void): void {
  try {
    step();
  } catch (error) {
    crash(one, error);
  }
}

function crash(one: Running, error: unknown): void {
  one.fold = null;
  one.crash = { message: reasonOf(error), stack: stackOf(error) };
}

const FRAMES_MAX = 20;

function stackOf(error: unknown): readonly string[] {
  const frames = (error instanceof Error ? (error.stack ?? '') : '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.findIndex((frame) => frame.includes('scenario-trial'));
  return frames
    .slice(0, own < 0 ? FRAMES_MAX : Math.min(own, FRAMES_MAX))
    .map((frame) => frame.trim().replace(/(?:file:\/\/)?\/\S*?\/(?=harness\/|node_modules\/)/, ''));
}

function follow(progress: Progress, event: HistoryEvent): Progress {
  if (event.type !== 'scenario') return progress.seen ? progress : { ...progress, seen: true };
  switch (event.phase) {
    case 'broken':
      return { ...progress, seen: true, broken: event.reason };
    case 'load-over':
      return { ...progress, seen: true, early: event.early ?? null };
    case 'not-applicable':
      return { ...progress, seen: true, notApplicable: event.reason };
    case 'ended':
      return { ...progress, seen: true, ended: true };
    default:
      return { ...progress, seen: true };
  }
}
