/** A comparison as it is written and told: with its verdict over all metrics, and the exit code of that. */
import { COMPARISON_SCHEMA, type Comparison } from '../../model/comparison.ts';
import { judgeAll } from './judge-metrics.ts';
import { COMPARED } from './parts.ts';

const EXIT_CODES = { better: 0, same: 0, worse: 3, 'cannot tell': 2 } as const;

/** `isUnconfirmed`: it did not come to its end. */
export function toComparison({
  isUnconfirmed,
  ...told
}: Pick<Comparison, 'how' | 'a' | 'b' | 'metrics' | 'notes' | 'policy'> & {
  readonly isUnconfirmed: boolean;
}): Comparison {
  const judgement = isUnconfirmed ? 'cannot tell' : judgeAll(told.metrics, COMPARED);
  return { schema: COMPARISON_SCHEMA, judgement, exit_code: EXIT_CODES[judgement], ...told };
}
