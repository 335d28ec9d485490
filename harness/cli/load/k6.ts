/** What `--engine k6` needs before anything is sent: a plan that k6 can carry out, and a k6 that is one of ours. */
import { buildK6, K6NotBuilt } from '../../engines/k6/build.ts';
import { findK6 } from '../../engines/k6/find.ts';
import { k6LoadOf, NotForK6 } from '../../engines/k6/load-of-plan.ts';
import type { Plan } from '../../model/plan.ts';
import { UsageError } from '../exit-codes.ts';

const isK6 = ({ load }: Plan): boolean => load?.engine === 'k6';

/** Throws `UsageError` for a load that k6 would make otherwise than the plan says; says nothing to others. */
export function refuseForK6(plan: Plan): void {
  if (!isK6(plan)) return;
  try {
    k6LoadOf(plan, { url: '', users: [] });
  } catch (error) {
    if (!(error instanceof NotForK6)) throw error;
    throw new UsageError(`--engine k6: ${error.message}`);
  }
}

/** Nothing for another engine. Whoever has no k6 is told how to get one. */
export async function k6For(plan: Plan): Promise<{ readonly program: string } | undefined> {
  if (!isK6(plan)) return undefined;
  refuseForK6(plan);
  const k6 = await findK6();
  if (!k6.found) throw new UsageError(`--engine k6: ${k6.message}`);
  return { program: k6.path };
}

/** Where it is built already nothing is done. */
export async function buildForK6(plan: Plan, signal: AbortSignal): Promise<void> {
  if (!isK6(plan)) throw new UsageError('--build-k6: it is for --engine k6; leave it out, or name that engine');
  try {
    await buildK6({ signal, tell: (line) => void process.stdout.write(`${line}\n`) });
  } catch (error) {
    if (!(error instanceof K6NotBuilt)) throw error;
    throw new UsageError(`--build-k6: ${error.message}`);
  }
}
