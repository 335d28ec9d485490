/** `muster load`: users come to an agent as a profile says, and what that does to it is measured and judged. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../model/reason-of.ts';
import { FILES } from '../../run/folder.ts';
import { makeFolder } from '../../run/make-folder.ts';
import { TargetError } from '../../run/options.ts';
import { UsageError } from '../exit-codes.ts';
import { untilInterrupted } from '../interrupt.ts';
import { printSummary } from '../results.ts';
import { carryOut, describeTarget } from '../run.ts';
import { loadAgainst } from './against.ts';
import { type AgainstSettings, againstFrom } from './against-options.ts';
import type { LoadArguments, LoadDoing } from './arguments.ts';
import { describeDryRun } from './dry-run.ts';
import { emitKubernetes } from './emit-kubernetes.ts';
import { findKnee } from './find-knee.ts';
import { buildForK6, k6For, refuseForK6 } from './k6.ts';
import { readLoad } from './read-load.ts';
import { refuseUnsafe } from './refuse.ts';
import { type LoadSettings, planLoadFrom } from './settings.ts';
import { watchStopFile } from './stop-file.ts';

export async function load(args: LoadArguments & LoadDoing): Promise<number> {
  const against = againstOf(args);
  const { plan, knee } = args.plan === undefined ? await planLoadFrom(args) : await readLoad(args.plan, args);
  refuseUnsafe(plan);
  refuseForK6(plan);
  const { profile, engine } = plan.load;
  process.stdout.write(
    `muster ${plan.muster}, seed ${plan.seed}, ${describeTarget(plan)}, ${engine === 'node' ? '' : `${engine}, `}load ${profile}\n`,
  );
  if (args.dryRun === true) {
    process.stdout.write(`${describeDryRun(plan, knee)}Nothing was sent: this was a dry run.\n`);
    if (args.out !== undefined) await writePlanAlone(args.out, plan);
    return 0;
  }
  if (args.emit !== undefined) return await emitKubernetes({ plan, ...(knee && { knee }) }, args);
  using stopFile = watchStopFile(args.stopFile);
  using interrupted = untilInterrupted();
  const signal = AbortSignal.any([interrupted.signal, stopFile.signal]);
  if (args.buildK6 === true) await buildForK6(plan, signal);
  await k6For(plan);
  if (against !== undefined) return await loadAgainst(plan, against, args.out, signal);
  if (knee !== undefined) return await findKnee(plan, knee, args.out, signal);
  const { result, folder } = await carryOut(plan, args.out, signal);
  if (result.error instanceof TargetError) throw new UsageError(result.error.message);
  printSummary(result.record, folder);
  if (result.error !== undefined) throw result.error;
  return result.verdict.exit_code;
}

function againstOf(args: LoadArguments & LoadDoing): AgainstSettings | undefined {
  const problems: string[] = [];
  const against = againstFrom(args, problems);
  if (against !== undefined) {
    if (args.for !== undefined)
      problems.push('--for, --against: loads in turn last as --pairs and --block say; leave it out');
    if (args.findKnee === true)
      problems.push('--find-knee, --against: there is one knee for each agent; search them apart');
    if (args.shard !== undefined)
      problems.push('--shard, --against: two agents are compared on one machine; leave it out');
    if (args.engine === 'k6')
      problems.push('--engine, --against: blocks are too short for k6 to begin and end; leave --engine out');
    if (args.emit !== undefined)
      problems.push('--emit, --against: two agents are compared on one machine; leave it out');
    if (args.gate !== undefined) problems.push('--gate, --against: a comparison judges no gates; leave it out');
  }
  if (problems.length === 0) return against;
  throw new UsageError(`Failed to compare:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

async function writePlanAlone(folder: string, plan: LoadSettings['plan']): Promise<void> {
  const path = join(folder, FILES.plan);
  try {
    await makeFolder(folder);
    await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    throw new UsageError(`Failed to write the plan to "${path}": ${reasonOf(error)}. Give another folder with --out`);
  }
  process.stdout.write(`The plan is in ${path}; \`muster load --plan ${path}\` carries it out.\n`);
}
