/** docs/LOAD.md, held against the code: every flag, every profile, and what its examples say. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import yargs from 'yargs';
import { AGENT_OPTIONS, JUDGE_OPTIONS, PORT_OPTIONS } from '../harness/cli/arguments.ts';
import { configSchema } from '../harness/cli/config-schema.ts';
import { loadArguments } from '../harness/cli/load/arguments.ts';
import { profileSchema } from '../harness/cli/load/profile-schema.ts';
import { builtInProfiles } from '../harness/cli/load/profiles.ts';
import { planLoadFrom } from '../harness/cli/load/settings.ts';
import { LOAD_SCRIPTS } from '../harness/plan/load-scripts.ts';
import { openBench, ROOT } from './muster.ts';

const text = readFileSync(join(ROOT, 'docs/LOAD.md'), 'utf8');
const rows = (pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

test('every flag of `muster load` is told, and no other', async () => {
  const help = await loadArguments(yargs([])).getHelp();
  const elsewhere = new Set(Object.keys({ ...AGENT_OPTIONS, ...JUDGE_OPTIONS, ...PORT_OPTIONS }));
  const flags = [...new Set([...help.matchAll(/^ +--([a-z][a-z0-9-]*)/gm)].map(([, flag = '']) => flag))];
  const own = flags.filter((flag) => !elsewhere.has(flag) && flag !== 'help' && flag !== 'version');
  expect(own.length).toBeGreaterThan(20);
  expect([...rows(/^\| `--([a-z0-9-]+)/gm)].sort()).toEqual(own.sort());
});

test('profiles, shapes, members and scripts are told, all of them and no others', () => {
  const told = rows(/^\| `([a-z_`, ]+)` /gm).flatMap((names) => names.split('`, `'));
  const shapes = ['constant', 'ramp', 'steps', 'spike', 'soak', 'stages', 'closed', 'knee'];
  const members = Object.keys(profileSchema.shape);
  expect(told.toSorted()).toEqual([...Object.keys(LOAD_SCRIPTS), ...builtInProfiles(), ...shapes, ...members].sort());
});

test('the profile and the config that are shown are accepted as they stand', async () => {
  using bench = openBench();
  const [, name = '', profile = ''] = /^`([\w-]+\.json)`:\n\n```json\n(.*?)```/ms.exec(text) ?? [];
  const path = join(bench.folder, name);
  writeFileSync(path, profile);
  const { plan } = await planLoadFrom({ profile: path, url: 'http://localhost:1', seed: 1 });
  expect(plan.load).toMatchObject({ objective_ms: 800, caps: { requests_max: 100_000 } });
  const [, config = ''] = /```ts\nexport default (\{.*?\});\n```/s.exec(text) ?? [];
  const shown = join(bench.folder, 'config.mjs');
  writeFileSync(shown, `export default ${config}`);
  const parsed = configSchema.safeParse((await import(shown)).default);
  expect(parsed.error?.issues ?? []).toEqual([]);
});
