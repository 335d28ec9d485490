/** A plan is carried out as it stands, whole or in part, and what it says of how it is made again stays true. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOfWhole } from '../../plan/whole-plan.ts';
import type { LoadArguments } from './arguments.ts';
import { readLoad } from './read-load.ts';
import { planLoadFrom } from './settings.ts';

async function written(args: LoadArguments) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'muster-plan-'));
  const path = join(folder.path, 'plan.json');
  const { plan } = await planLoadFrom(args);
  await writeFile(path, JSON.stringify(plan));
  return { path, plan, [Symbol.asyncDispose]: () => folder.remove() };
}

test('without flags it is the plan itself', async () => {
  await using file = await written({ seed: 7, users: 6 });
  expect(await readLoad(file.path, {})).toEqual({ plan: file.plan });
});

test('shards of one plan have one whole, whatever the plan was a shard of', async () => {
  await using file = await written({ seed: 7, users: 6, shard: '1/3' });
  const { plan } = await readLoad(file.path, { shard: '2/3' });
  expect(plan.load.shard).toEqual({ index: 2, of: 3 });
  expect(plan.flags).toEqual(['--users', '6', '--shard', '2/3']);
  expect(textOfWhole(plan)).toBe(textOfWhole(file.plan));
});

test('another engine may make the load', async () => {
  await using file = await written({ seed: 7, engine: 'node' });
  const { plan } = await readLoad(file.path, { engine: 'k6' });
  // It checks nothing.
  expect(plan.load).toMatchObject({ engine: 'k6', checks: 'off', workers: 1 });
  expect(plan.flags).toEqual(['--engine', 'k6']);
});

test('a part that cannot be is refused, all of it at once', async () => {
  await using file = await written({ seed: 7, users: 2 });
  await expect(readLoad(file.path, { shard: '4/3', engine: 'wrk', findKnee: true })).rejects.toThrow(
    /--find-knee, --plan: .*\n {2}--shard: "4\/3" is no part of a whole.*\n {2}--engine: "wrk" is unknown; allowed are node, k6/,
  );
  await expect(readLoad(file.path, { shard: '1/3' })).rejects.toThrow(/2 users cannot be dealt among 3 shards/);
});
