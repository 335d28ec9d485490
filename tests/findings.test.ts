/** The baseline of the fixtures accepts what docs/findings tells, and nothing is accepted that it does not tell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench, ROOT } from './muster.ts';

const BASELINE = join(ROOT, 'fixtures/findings/muster.baseline.json');

test('a hole in a subscription is found in an agent that does nothing wrong, and is known', async () => {
  using bench = openBench();
  const command = `node ${join(ROOT, 'fixtures/findings/agent.ts')} slow-store`;
  const flags = ['--phrasebook', 'echo', '--identity', 'bearer', '--baseline', BASELINE, '--out', 'run'];
  await bench.muster('run', 'transports-mixed', '--command', command, '--seed', '1', ...flags);
  const found = bench.record('run').scenarios.flatMap(({ findings }) => findings);
  const hole = found.find(({ check }) => check === 'subscribe-complete');
  expect(hole).toMatchObject({ kind: 'hole-in-subscription', accepted: true });
});

test('each entry of the baseline names the page that explains it', () => {
  const { findings } = JSON.parse(readFileSync(BASELINE, 'utf8'));
  for (const { reason } of findings) {
    const page = /docs\/findings\/[\w-]+\.md$/.exec(reason)?.[0] ?? 'no page';
    expect(readFileSync(join(ROOT, page), 'utf8')).toContain('**What happens.**');
  }
});
