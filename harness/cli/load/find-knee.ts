/** `muster load --find-knee`: short loads, each a run of its own, until the highest rate that keeps the gates is known. */
import { rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FILES, makeRunFolder } from '../../run/folder.ts';
import { TargetError } from '../../run/options.ts';
import type { RunResult } from '../../run/run-plan.ts';
import { UsageError } from '../exit-codes.ts';
import { carryOut, RUNS_FOLDER } from '../run.ts';
import {
  describeKnee,
  kneeExitCode,
  type LoadPlanned,
  type SearchResult,
  searchKnee,
  type TryRecord,
  type TryResult,
} from './search-knee.ts';
import type { KneeSettings } from './settings.ts';

export const KNEE_SCHEMA = 'muster.knee/1';
/** Of all tries the last one is kept whole. */
const LAST_TRY = 'last-try';

export async function findKnee(
  plan: LoadPlanned,
  settings: KneeSettings,
  out: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const folder = await makeRunFolder(
    out === undefined ? { parent: RUNS_FOLDER, name: 'knee', now: new Date(), latest: false } : { folder: out },
  );
  // The agents of a try have the logs of that try.
  await rmdir(join(folder, FILES.agents));
  const kept = join(folder, LAST_TRY);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const result = await searchKnee(plan, settings, {
    run: async (each) => {
      await rm(kept, { recursive: true, force: true });
      const { result: ran } = await carryOut(each, kept, signal, { quiet: true });
      if (ran.error instanceof TargetError) throw new UsageError(ran.error.message);
      if (ran.error !== undefined) throw ran.error;
      return resultOf(ran);
    },
    pause: (ms) => delay(ms, undefined, { signal }).catch(() => {}),
    now: () => performance.now(),
    signal,
    onTry: (record) => say(describeTry(record)),
  });
  await writeFile(join(folder, 'knee.json'), `${JSON.stringify(toFile(plan, settings, result), null, 2)}\n`);
  say(describeKnee(result));
  say(`seed ${plan.seed}, all tries in ${join(folder, 'knee.json')}, the last one whole in ${kept}`);
  return kneeExitCode(result);
}

function resultOf({ verdict, record }: RunResult): TryResult {
  const outcomes = { pass: 'kept', fail: 'missed', inconclusive: 'unknown' } as const;
  return {
    outcome: outcomes[verdict.verdict],
    operations: record.run.operations,
    gates: verdict.gates.map(({ gate, status, value }) => ({ gate, status, value })),
    reasons: verdict.reasons,
  };
}

function describeTry({ rate_per_s, outcome, gates, reasons }: TryRecord): string {
  const words = gates.map(({ gate, value }) => `${gate}: ${value === null ? '–' : Math.round(value * 100) / 100}`);
  const why = outcome === 'unknown' ? reasons.slice(0, 1) : [];
  return `  ${String(rate_per_s).padStart(7)}/s  ${outcome.padEnd(7)}  ${[...words, ...why].join(', ')}`;
}

const toFile = (plan: LoadPlanned, settings: KneeSettings, result: SearchResult) => ({
  schema: KNEE_SCHEMA,
  muster: plan.muster,
  seed: plan.seed,
  target: plan.target,
  gates: plan.gates,
  question: settings.question,
  answer: { ...result.knee, sentence: describeKnee(result), ...(result.cut === undefined ? {} : { cut: result.cut }) },
  tries: result.tries,
});
