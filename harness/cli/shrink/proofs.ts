/** Tries smaller plans against fresh agents, and keeps the run folder of the latest in which the finding came back, and no other. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Warden } from '../../agents/warden.ts';
import { findCheck } from '../../checks/table.ts';
import type { Only, Plan, ScenarioPlan } from '../../model/plan.ts';
import type { FindingRecord } from '../../model/record.ts';
import { keepOnly, writeOnly } from '../../plan/only.ts';
import type { Answer } from '../../shrink/smaller-plans.ts';
import type { LiveSettings } from '../live.ts';
import { holds } from './holds.ts';
import { runAfresh } from './run-afresh.ts';
import { SHRUNK } from './shrunk-files.ts';
import { tryPlan } from './try-plan.ts';

export interface ProofSettings {
  readonly plan: Plan;
  readonly scenario: ScenarioPlan;
  readonly finding: FindingRecord;
  /** As the report counts it, from 1. */
  readonly number: number;
  readonly live: LiveSettings;
  readonly warden: Warden;
  /** The run folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface Proofs {
  /** Where the latest one is, below the run folder. */
  readonly place: string;
  /** In this process, and only until the finding is seen; nothing where the time was over before. */
  tryHere(only: Only, until_ms: number): Promise<Answer | undefined>;
  /** In a process of its own, to its end. */
  tryAfresh(only: Only, until_ms: number): Promise<boolean | undefined>;
}

/** Throws when the check of the finding is not known. */
export function openProofs(settings: ProofSettings): Proofs {
  const { plan, scenario, finding, number, live, warden, folder } = settings;
  const check = findCheck(finding.check);
  if (check === undefined) throw new Error(`there is no check "${finding.check}": another muster has judged the run`);
  const fingerprints = new Set(finding.fingerprints);
  const place = join(SHRUNK, String(number));
  const tries = join(folder, SHRUNK, 'trying');
  /** A run is called what its folder is called, so the try is called what the proof will be. */
  const trying = join(tries, String(number));

  const attempt = async <T>(
    until_ms: number,
    run: (signal: AbortSignal) => Promise<T>,
    hasFailed: (result: T) => boolean,
  ): Promise<T> => {
    const left_ms = Math.max(0, Math.ceil(until_ms - performance.now()));
    try {
      await mkdir(tries, { recursive: true });
      const result = await run(AbortSignal.any([settings.signal, AbortSignal.timeout(left_ms)]));
      if (hasFailed(result)) {
        await remove(join(folder, place));
        await rename(trying, join(folder, place));
      }
      return result;
    } finally {
      await remove(tries);
    }
  };

  return {
    place,
    tryHere: (only, until_ms) =>
      attempt(
        until_ms,
        (signal) =>
          tryPlan({
            plan: smallerPlan(plan, scenario, only),
            live,
            check,
            fingerprints,
            folder: trying,
            warden,
            signal,
          }),
        (answer) => answer?.failed === true,
      ),
    tryAfresh: (only, until_ms) =>
      attempt(
        until_ms,
        async (signal) => {
          const file = join(tries, 'plan.json');
          await writeFile(file, JSON.stringify(smallerPlan(plan, scenario, only)));
          const verdict = await runAfresh(file, trying, signal);
          return verdict && holds(verdict, fingerprints);
        },
        (came) => came === true,
      ),
  };
}

/** As the replay line makes it: without the baseline, so that what comes back fails. */
export function smallerPlan(plan: Plan, scenario: ScenarioPlan, only: Only): Plan {
  const { baseline: _, ...rest } = plan;
  const smaller = keepOnly(scenario, only);
  const at = plan.flags.indexOf('--only');
  const others = at === -1 ? plan.flags : plan.flags.toSpliced(at, 2);
  const flags = [...others, '--only', writeOnly(smaller.only ?? {}, scenario)];
  return { ...rest, flags, scenario_names: [scenario.name], scenarios: [smaller] };
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });
