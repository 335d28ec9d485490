/** Closes a test run with what a reader wants to know: how many passed and failed, and which were skipped and why. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export default class ClosingLines implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()]);
    const by = (state: string): readonly TestCase[] => cases.filter((each) => each.result().state === state);
    const [passed, failed, skipped] = [by('passed'), by('failed'), by('skipped')];
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests()].length === 0,
    );
    const lines = skipped.map((each) => {
      const result = each.result();
      const why = result.state === 'skipped' ? result.note : undefined;
      return `skipped: ${each.fullName} (${why ?? 'no reason given'})`;
    });
    const failures = failed.length + broken.length + errors.length;
    process.stdout.write(
      `\n${cases.length} tests in ${modules.length} files\n${lines.map((line) => `${line}\n`).join('')}${passed.length} passed, ${failures} failed, ${skipped.length} skipped\n`,
    );
  }
}
