/** `muster replay DIR`: runs the plan of a run again, and says how often each of its findings came back. */
import type { ScenarioVerdict, Verdict } from '../model/record.ts';
import { readPlan } from '../run/folder.ts';
import { UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';
import { readRun } from './judge.ts';
import { carryOut, describeTarget } from './run.ts';

interface Sought {
  readonly scenario: string;
  readonly check: string;
  readonly kind: string;
  readonly message: string;
  count: number;
}

/** Exit code 1 when any finding came back, 0 when none did. */
export async function replay(directory: string, times: number, finding: number | undefined): Promise<number> {
  if (!Number.isInteger(times) || times < 1 || times > 1000) {
    throw new UsageError(`--times: ${times} is not a whole number from 1 to 1000`);
  }
  const [plan, old] = [await readPlan(directory), await readRun(directory)];
  const all = soughtIn(old.verdict.scenarios);
  if (finding !== undefined && all[finding - 1] === undefined) {
    throw new UsageError(`--finding: there is no finding ${finding}; the run has ${all.length}`);
  }
  const sought = finding === undefined ? all : all.slice(finding - 1, finding);
  const names = new Set(sought.map(({ scenario }) => scenario));
  // Without any finding the whole plan is run again: then the question is whether one turns up.
  const again = { ...plan, scenarios: plan.scenarios.filter(({ name }) => names.size === 0 || names.has(name)) };
  process.stdout.write(
    `muster ${plan.muster}, seed ${plan.seed}, ${describeTarget(plan)}, again ${times} ×: ${again.scenarios.map(({ name }) => name).join(', ')}\n`,
  );
  using interrupted = untilInterrupted();
  let done = 0;
  let other = 0;
  for (; done < times && !interrupted.signal.aborted; done += 1) {
    // `latest` stays the run that is being replayed, or whatever it was.
    const { result, folder } = await carryOut(again, undefined, interrupted.signal, { latest: false });
    process.stdout.write(`  ${done + 1}/${times} is in ${folder}\n`);
    if (result.error !== undefined) throw result.error;
    const found = countIn(sought, result.verdict);
    other += found.others;
  }
  for (const { scenario, check, message, count } of sought) {
    process.stdout.write(`${count} of ${done}  ${scenario}, ${check}: ${message}\n`);
  }
  if (sought.length === 0) process.stdout.write(`the run had no findings; ${other} came up in ${done} replays\n`);
  else if (other > 0) process.stdout.write(`and ${other} findings of other kinds came up\n`);
  process.stdout.write(`seed ${plan.seed}\n`);
  if (interrupted.signal.aborted) return 130;
  return other > 0 || sought.some(({ count }) => count > 0) ? 1 : 0;
}

function soughtIn(scenarios: readonly ScenarioVerdict[]): readonly Sought[] {
  return scenarios.flatMap(({ name, findings }) =>
    findings.map(({ check, kind, message }) => ({ scenario: name, check, kind, message, count: 0 })),
  );
}

/** Two findings are the same when scenario, check and kind are; ids and times differ from run to run. */
function countIn(sought: readonly Sought[], { scenarios }: Verdict): { readonly others: number } {
  let others = 0;
  for (const found of soughtIn(scenarios)) {
    const match = sought.find(
      (each) => each.scenario === found.scenario && each.check === found.check && each.kind === found.kind,
    );
    if (match) match.count += 1;
    else others += 1;
  }
  return { others };
}
