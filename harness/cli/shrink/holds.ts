/** Two findings are the same when they share a fingerprint: check, kind and shape, whatever ids and times they have. */
import type { Verdict } from '../../model/record.ts';

export function holds({ scenarios }: Verdict, fingerprints: ReadonlySet<string>): boolean {
  const found = scenarios.flatMap(({ findings }) => findings.flatMap((finding) => finding.fingerprints));
  return found.some((one) => fingerprints.has(one));
}
