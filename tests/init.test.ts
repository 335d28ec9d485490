/** `muster init` as a newcomer types it: the config that it writes is enough for a run, and nothing of his is overwritten. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench, ROOT } from './muster.ts';

const COMMAND = `node ${join(ROOT, 'fixtures/agents/standalone.mjs')}`;

test('a config is written from an agent that is started for it, and the next command is a run', async () => {
  using bench = openBench({ config: null });
  const made = await bench.muster('init', '--command', COMMAND);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(/wrote muster\.config\.mts\nnext {2}npx muster run\n$/);
  expect(bench.left()).toEqual([]);
  const run = await bench.muster('run', 'two-devices', '--out', 'run');
  expect(run.stderr).toBe('');
  expect(bench.record('run').scenarios).toMatchObject([{ applicable: true, findings: [] }]);
  expect(bench.record('run').run).toMatchObject({
    agent: 'standalone',
    identity: 'bearer',
    target: { command: COMMAND },
  });

  const again = await bench.muster('init', '--command', COMMAND);
  expect(again).toMatchObject({ code: 4 });
  expect(again.stderr).toContain('"muster.config.mts" is there already: --force overwrites it');
});

test('with --force the config that is loaded is the one that is overwritten', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mjs'), 'export default {};');
  const made = await bench.muster('init', '--fixture', 'echo', '--force');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain('next  npx muster run --fixture echo\n');
  expect(readFileSync(join(bench.folder, 'muster.config.mjs'), 'utf8')).toMatch(/^\/\/ Of echo.*\n};\n$/s);
});
