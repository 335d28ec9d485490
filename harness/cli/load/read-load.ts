/**
 * A load that was planned before: it is carried out as it stands, but for which part of it this run is, and which engine makes it. So many
 * runs, on many machines, share one plan.
 */
import { LOAD_ENGINES, type LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { UsageError } from '../exit-codes.ts';
import { flagged } from '../flags.ts';
import { readPlanFile } from '../run.ts';
import type { LoadArguments } from './arguments.ts';
import { dealProblems, shardOf } from './deal.ts';
import type { LoadSettings } from './settings.ts';

export async function readLoad(path: string, args: LoadArguments): Promise<LoadSettings> {
  const plan = await readPlanFile(path);
  const { load } = plan;
  if (load === undefined) {
    throw new UsageError(
      `Failed to use the plan "${path}": it is of scenarios and no load; \`muster run --plan\` carries it out`,
    );
  }
  const problems: string[] = [];
  if (args.findKnee === true) {
    problems.push('--find-knee, --plan: a search makes its own plans; give the flags of the load instead of --plan');
  }
  const shard = shardOf(args.shard, problems) ?? load.shard;
  const engine = LOAD_ENGINES.find((each) => each === (args.engine ?? load.engine));
  if (engine === undefined) {
    problems.push(`--engine: "${args.engine}" is unknown; allowed are ${LOAD_ENGINES.join(', ')}`);
  }
  problems.push(...dealProblems({ workers: load.workers, ...(shard && { shard }) }, plan.scenarios[0]?.users ?? 0));
  if (problems.length > 0 || engine === undefined) {
    throw new UsageError(`Failed to use the plan "${path}":\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  // Of a plan for the embedded engine k6 is given what it can do; it says itself what it cannot.
  const asked = engine === 'k6' && args.engine === 'k6' ? ({ checks: 'off', workers: 1 } as const) : {};
  return { plan: withPart(plan, { ...load, engine, ...asked, ...(shard && { shard }) }, args) };
}

/** So that the line which makes it again still does. */
function withPart(plan: Plan, load: LoadPlan, { shard, engine }: LoadArguments): LoadSettings['plan'] {
  const given = flagged([
    ['--engine', engine],
    ['--shard', shard],
  ]);
  const isOld = (word: string | undefined): boolean => word?.startsWith('--') === true && given.includes(word);
  const kept = plan.flags.filter((word, place) => !isOld(word) && !isOld(plan.flags[place - 1]));
  return { ...plan, flags: [...kept, ...given], load };
}
