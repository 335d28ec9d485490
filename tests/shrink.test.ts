/** A failing run of two hundred users comes down to a few, by a line that makes them fail again from nothing. */
import { expect, test } from 'vitest';
import { openBench } from './muster.ts';

test('two hundred users of a mutant shrink to at most three, and the line that is printed brings the finding back', async () => {
  using bench = openBench();
  const many = ['many-users', '--users', '200', '--rate', '400', '--fixture', 'shared-variable', '--seed', '7'];
  expect((await bench.muster('run', ...many, '--out', 'run')).code).toBe(1);
  const shrinking = await bench.muster('shrink', 'run', '--finding', '1');
  expect(shrinking.code).toBe(1);

  const [finding] = bench.record('run').scenarios[0]?.findings ?? [];
  const { shrunk } = finding ?? {};
  expect(shrunk).toMatchObject({ folder: 'shrunk/1', of: { users: 200, faults: 0 } });
  expect(shrunk?.users).toBeLessThanOrEqual(3);
  expect(shrunk?.ops).toBeLessThanOrEqual(8);
  expect(shrunk?.reproduced).toBeGreaterThan(0);
  expect(shrinking.stdout).toContain(`${shrunk?.reproduced} of ${shrunk?.tries}`);
  expect(shrinking.stdout).toContain(shrunk?.replay);

  // Its folder is a run of its own, whose history shows the finding.
  const proof = bench.record('run/shrunk/1').scenarios[0]?.findings ?? [];
  expect(proof.flatMap(({ fingerprints }) => fingerprints)).toEqual(
    expect.arrayContaining([...(finding?.fingerprints ?? [])]),
  );

  const [, , ...words] = shrunk?.replay.split(' ') ?? [];
  expect((await bench.muster('plan', ...words.slice(1))).stdout).toBe(bench.text('run/shrunk/1', 'plan.json'));
  // It is a race still, so it may take more than one try.
  const codes: (number | null)[] = [];
  while (codes.length < 5 && codes.at(-1) !== 1) {
    codes.push((await bench.muster(...words, '--out', `pasted-${codes.length}`)).code);
  }
  expect(codes).toContain(1);
}, 240_000);
