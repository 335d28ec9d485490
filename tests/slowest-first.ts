/**
 * The order of test files. Without a cache vitest begins with the largest files, and the ones that run whole suites are small:
 * begun last, they would keep one core busy while the other has nothing left to do.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SLOWEST = ['mutants', 'correct-agents', 'isolation', 'targets', 'kill', 'simulated', 'pipeline'].map(
  (name) => `/tests/${name}.test.ts`,
);

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = SLOWEST.findIndex((name) => moduleId.endsWith(name));
      return rank === -1 ? SLOWEST.length : rank;
    };
    return rest.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
