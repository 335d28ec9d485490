/** One try of a plan with fresh agents: it is over as soon as the finding is seen, since nothing after that matters. */
import type { Warden } from '../../agents/warden.ts';
import { readHistory } from '../../history/read.ts';
import { startWatch } from '../../judge/watch.ts';
import type { Check } from '../../model/check.ts';
import type { HistoryEvent } from '../../model/history.ts';
import { READING_BACK } from '../../model/op.ts';
import type { OnlyScript, Plan } from '../../model/plan.ts';
import { byPlace } from '../../plan/only.ts';
import { makeRunFolder } from '../../run/folder.ts';
import { runPlan } from '../../run/run-plan.ts';
import type { Answer } from '../../shrink/smaller-plans.ts';
import type { LiveSettings } from '../live.ts';
import { holds } from './holds.ts';

export interface TryOptions {
  readonly plan: Plan;
  readonly live: LiveSettings;
  readonly check: Check;
  readonly fingerprints: ReadonlySet<string>;
  /** Empty, or not there. */
  readonly folder: string;
  readonly warden: Warden;
  readonly signal: AbortSignal;
}

/** Nothing where it was stopped before the finding was seen. Throws what starting the target throws. */
export async function tryPlan(options: TryOptions): Promise<Answer | undefined> {
  const { plan, live, check, fingerprints, warden } = options;
  const folder = await makeRunFolder({ folder: options.folder });
  const enough = new AbortController();
  const isSeen = startWatch(plan, [check], fingerprints);
  const asked = startAsked();
  let seen = false;
  const onEvent = (event: HistoryEvent): void => {
    if (!seen) asked.add(event);
    seen ||= isSeen(event);
    if (seen) enough.abort();
  };
  const signal = AbortSignal.any([options.signal, enough.signal]);
  const { verdict, error } = await runPlan({ plan, ...live, checks: [check], folder, warden, signal, onEvent });
  if (error !== undefined) throw error;
  if (seen || holds(verdict, fingerprints)) return { failed: true, asked: asked.list() };
  return options.signal.aborted ? undefined : { failed: false };
}

/** How many ops the scripts of a run have asked for. */
export function countOps(history: string): number {
  let ops = 0;
  for (const event of readHistory(history)) if (event.type === 'invoke' && event.step !== READING_BACK) ops += 1;
  return ops;
}

function startAsked(): { add(event: HistoryEvent): void; list(): readonly OnlyScript[] } {
  const steps = new Map<string, { readonly user: string; readonly device: number; readonly steps: number[] }>();
  return {
    add(event) {
      if (event.type !== 'invoke' || event.step === READING_BACK) return;
      const { user, device } = event;
      const name = `${user}.${device}`;
      const script = steps.get(name) ?? { user, device, steps: [] };
      steps.set(name, script);
      script.steps.push(event.step);
    },
    list: () => [...steps.values()].sort(byPlace),
  };
}
