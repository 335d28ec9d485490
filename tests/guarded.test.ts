/** A fixture whose users bring credentials of their own: they are good in whatever process the agent is, and are written down nowhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench } from './muster.ts';

/** What every JWT begins with: `{"`. */
const TOKEN = /eyJ[\w-]{10,}/;

test('tokens are good for an agent in a process of its own, a refused one is followed by a fresh one, and no file has any', async () => {
  using bench = openBench();
  const named = ['guarded-idle', 'guarded-audit', 'restart-elsewhere'];
  const { code, stdout } = await bench.muster('run', ...named, '--fixture', 'guarded', '--out', 'run');
  expect([code, stdout]).toEqual([0, expect.stringContaining('3 passed')]);
  expect(stdout).not.toMatch(TOKEN);
  const folder = join(bench.folder, 'run');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  expect(texts.length).toBeGreaterThan(4);
  for (const text of texts) expect(text).not.toMatch(TOKEN);
  const wentOn = bench.history('run').filter((event) => event.type === 'invoke' && event.op.op === 'expect');
  expect(wentOn.length).toBeGreaterThan(6);
});
