/** Two agents loaded in turn: the same visits to both, one order by seed, and what is slower is found in two passes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFixture } from '../fixtures/table.ts';
import type { Comparison } from '../harness/model/comparison.ts';
import { openBench } from './muster.ts';

test('an agent that thinks for longer is worse than one that does not, block by block', async () => {
  using bench = openBench();
  await using quick = await findFixture('echo')?.start({ port: 0 });
  await using slow = await findFixture('shared-variable')?.start({ port: 0 });
  const flags = ['--url', quick?.url ?? '', '--against', slow?.url ?? '', '--phrasebook', 'echo', '--seed', '7'];
  const load = ['--rate', '50', '--pairs', '6', '--block', '200ms', '--out', 'turns'];
  const { code, stdout, stderr } = await bench.muster('load', ...flags, ...load);
  expect([code, stderr]).toEqual([3, '']);
  expect(stdout).toContain(' WORSE  B is worse than A');
  const comparison: Comparison = JSON.parse(bench.text('turns', 'comparison.json'));
  expect(comparison).toMatchObject({ how: 'blocks', judgement: 'worse', exit_code: 3 });
  expect(comparison.metrics.find(({ metric }) => metric === 'p50_ms')).toMatchObject({ judgement: 'worse', parts: 12 });
  const blocks = readdirSync(join(bench.folder, 'turns/blocks'));
  expect(blocks.length).toBe(24);
  const visits = (block: string) =>
    bench
      .history(`turns/blocks/${block}`)
      .flatMap((event) => (event.type === 'user' ? [`${event.user} ${event.device}`] : []));
  expect(visits('1-01-a').toSorted()).toEqual(visits('1-01-b').toSorted());
});

test('two agents are not compared under a load that changes, and both must be allowed', async () => {
  using bench = openBench();
  const changing = await bench.muster('load', '--fixture', 'echo', '--against', 'fixture:echo', '--rate', '1..50');
  expect(changing.code).toBe(4);
  expect(changing.stderr).toContain('blocks are alike, so the load must be, too');
  const strange = await bench.muster('load', '--fixture', 'echo', '--against', 'http://agent.invalid', '--rate', '5');
  expect(strange.code).toBe(4);
  expect(strange.stderr).toContain('agent.invalid is not this machine');
});
