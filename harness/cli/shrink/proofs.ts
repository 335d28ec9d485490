/** Tries smaller plans against fresh agents, and keeps the run folder of the latest in which the finding came back, and no other. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Warden } from '../../agents/warden.ts';
import { findCheck } from '../../checks/table.ts';
import type { Only, Plan, ScenarioPlan } from '../../model/plan.ts';
import type { FindingRecord } from '../../model/record.ts';
import { keepOnly, writeOnly } from '../../plan/only.ts';
import type { TryResult } from '../../shrink/shrink.ts';
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
  /** In this process, and only until the finding is seen. */
  tryHere(only: Only, times: number, until_ms: number): Promise<TryResult>;
  /** In a process of its own, to its end; nothing where the time was over before. */
  tryAfresh(only: Only, until_ms: number): Promise<boolean | undefined>;
}

const TRYING = 'trying';
/** Small plans mostly wait. */
const AT_ONCE = 4;

/** Throws when the check of the finding is not known. */
export function openProofs(settings: ProofSettings): Proofs {
  const { plan, scenario, finding, number, live, warden, folder } = settings;
  const check = findCheck(finding.check);
  if (check === undefined) throw new Error(`there is no check "${finding.check}": another muster has judged the run`);
  const fingerprints = new Set(finding.fingerprints);
  const place = join(SHRUNK, String(number));
  const keep = async (tried: string): Promise<void> => {
    await remove(join(folder, place));
    await rename(tried, join(folder, place));
  };

  /** Several at once, of which the first in which it comes back ends the others. */
  let begun = 0;
  const tryAtOnce = async (smaller: Plan, times: number, signal: AbortSignal): Promise<TryResult> => {
    const enough = new AbortController();
    const stop = AbortSignal.any([signal, enough.signal]);
    let failed: Answer | undefined;
    const answers = await Promise.all(
      Array.from({ length: times }, async () => {
        begun += 1;
        // A run is called what its folder is called, so the try is called what the proof will be.
        const trying = join(folder, SHRUNK, TRYING, String(begun), String(number));
        const answer = await tryPlan({
          plan: smaller,
          live,
          check,
          fingerprints,
          folder: trying,
          warden,
          signal: stop,
        });
        if (answer?.failed !== true || failed !== undefined) return answer;
        failed = answer;
        enough.abort();
        await keep(trying);
        return answer;
      }),
    );
    const tries = answers.filter((answer) => answer !== undefined).length;
    return { answer: failed ?? (tries === times ? { failed: false } : undefined), tries };
  };

  return {
    place,
    tryHere: (only, times, until_ms) =>
      within(settings, until_ms, async (signal) => {
        const smaller = smallerPlan(plan, scenario, only);
        const at_once = canRunBeside(plan, scenario) ? AT_ONCE : 1;
        // Alone at first: what fails mostly does so at once, and others would only be in its way.
        let result = await tryAtOnce(smaller, 1, signal);
        while (result.answer?.failed === false && result.tries < times) {
          const next = await tryAtOnce(smaller, Math.min(at_once, times - result.tries), signal);
          result = { answer: next.answer, tries: result.tries + next.tries };
        }
        return result;
      }),
    tryAfresh: (only, until_ms) =>
      within(settings, until_ms, async (signal) => {
        const file = join(folder, SHRUNK, TRYING, 'plan.json');
        const trying = join(folder, SHRUNK, TRYING, String(number));
        await writeFile(file, JSON.stringify(smallerPlan(plan, scenario, only)));
        const verdict = await runAfresh(file, trying, signal);
        const came = verdict && holds(verdict, fingerprints);
        if (came) await keep(trying);
        return came;
      }),
  };
}

/** What is left of a try is gone when it is over. */
async function within<T>(
  { folder, signal }: ProofSettings,
  until_ms: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const tries = join(folder, SHRUNK, TRYING);
  const left_ms = Math.max(0, Math.ceil(until_ms - performance.now()));
  try {
    await mkdir(tries, { recursive: true });
    return await run(AbortSignal.any([signal, AbortSignal.timeout(left_ms)]));
  } finally {
    await remove(tries);
  }
}

/** Whoever needs certain ports, a process of its own or an agent that stands elsewhere is in the way of others. */
function canRunBeside({ target }: Plan, { process, blocks, range, neighbours, isolation }: ScenarioPlan): boolean {
  const needs = [blocks, range, neighbours, isolation].some((need) => need !== undefined);
  return target.kind !== 'url' && process === 'any' && !needs;
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
