/** `muster load`: users come to an agent as a profile says, and what that does to it is measured and judged. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findK6 } from '../../engines/k6/find.ts';
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
import { readLoad } from './read-load.ts';
import { refuseUnsafe } from './refuse.ts';
import { type LoadSettings, planLoadFrom } from './settings.ts';
import { watchStopFile } from './stop-file.ts';

export async function load(args: LoadArguments & LoadDoing): Promise<number> {
  const against = againstOf(args);
  const { plan, knee } = args.plan === undefined ? await planLoadFrom(args) : await readLoad(args.plan, args);
  refuseUnsafe(plan);
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
  if (engine === 'k6') await refuseK6();
  using stopFile = watchStopFile(args.stopFile);
  using interrupted = untilInterrupted();
  const signal = AbortSignal.any([interrupted.signal, stopFile.signal]);
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
    if (args.emit !== undefined)
      problems.push('--emit, --against: two agents are compared on one machine; leave it out');
    if (args.gate !== undefined) problems.push('--gate, --against: a comparison judges no gates; leave it out');
  }
  if (problems.length === 0) return against;
  throw new UsageError(`Failed to compare:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

/** Whoever has no k6 is told how to get one. */
async function refuseK6(): Promise<never> {
  const k6 = await findK6();
  throw new UsageError(
    k6.found
      ? `--engine k6: there is a k6 ${k6.version} at ${k6.path}, but this muster cannot run a plan with it yet; leave --engine out, and the embedded engine makes the load`
      : `--engine k6: ${k6.message}`,
  );
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
