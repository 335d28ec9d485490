/** What findings are made with, and what they come to: whether all this is fit to be tested. */
import type { Checkup, CheckupFinding, Fitness, Hindrance } from '../../model/checkup.ts';
import { reasonOf } from '../../model/reason-of.ts';

export const ok = (id: string, looked_at: string, seen: string): CheckupFinding => ({
  id,
  looked_at,
  seen,
  status: 'ok',
});

export const note = (id: string, looked_at: string, seen: string, advice: string): CheckupFinding => ({
  id,
  looked_at,
  seen,
  status: 'note',
  advice,
});

/** Without `hinders`, a mistake of the agent that stands in nobody's way. */
export const problem = (
  id: string,
  looked_at: string,
  told: { readonly seen: string; readonly advice: string; readonly hinders?: Hindrance },
): CheckupFinding => ({ id, looked_at, status: 'problem', ...told });

export function fitnessOf(findings: readonly CheckupFinding[]): Fitness {
  const hindrances = findings.map((finding) => (finding.status === 'problem' ? finding.hinders : undefined));
  if (hindrances.includes('all')) return 'unfit';
  return hindrances.includes('part') ? 'partly' : 'fit';
}

/** As a verdict's: what is fit passes, what is not fails, and the rest cannot be told. */
export const EXIT_OF: Readonly<Record<Fitness, Checkup['exit_code']>> = { fit: 0, unfit: 1, partly: 2 };

/** For an examination that came to no end: then nothing is known, and that is no good sign. */
export const couldNot = (area: string, looked_at: string, error: unknown): CheckupFinding =>
  problem(`${area}/examined`, looked_at, {
    seen: `could not be examined: ${reasonOf(error)}`,
    advice: 'Try again; if it stays so, it is a bug in muster, and this sentence belongs in its issue.',
    hinders: 'part',
  });
