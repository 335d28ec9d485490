import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baselineText, readBaseline } from './baseline-file.ts';

async function fileWith(text: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-baseline-'));
  const path = join(folder, 'known.json');
  await writeFile(path, text);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function problemsOf(text: string, reasons: 'required' | 'may-be-missing' = 'required') {
  await using file = await fileWith(text);
  const problems: string[] = [];
  expect(await readBaseline(file.path, problems, { reasons })).toEqual([]);
  return problems.map((problem) => problem.replace(file.path, 'FILE'));
}

const SOUND = { finding: 'stays-up/agent-exited/agent exited 1', reason: '#12', until: '2026-12-31' };

test('what is written is read', async () => {
  await using file = await fileWith(baselineText([SOUND]));
  const problems: string[] = [];
  expect(await readBaseline(file.path, problems)).toEqual([SOUND]);
  expect(problems).toEqual([]);
});

test('all mistakes are told at once, with their paths and what is allowed', async () => {
  const text = JSON.stringify({
    schema: 'muster.baseline/2',
    findings: [
      { ...SOUND, finding: 'user-isolaton/canary-in-task/GetTask' },
      { ...SOUND, finding: 'harness-valid/harness-late/invoke' },
      { ...SOUND, finding: 'a task of u7' },
      { ...SOUND, reason: '  ', until: '2026-02-30' },
      { finding: SOUND.finding, reason: '#12', owner: 'me' },
    ],
  });
  const problems = await problemsOf(text);
  expect(problems).toHaveLength(8);
  const all = problems.join('\n');
  expect(all).toContain('FILE: schema: must be "muster.baseline/1"');
  expect(all).toMatch(/findings\.0\.finding: there is no check "user-isolaton"; there are user-isolation, /);
  expect(all).toMatch(/findings\.1\.finding: the check "harness-valid" judges muster itself/);
  expect(all).toMatch(/findings\.2\.finding: "a task of u7" is no fingerprint: it is check\/kind\/shape, such as /);
  expect(all).toMatch(/findings\.3\.reason: it is empty; say why/);
  expect(all).toMatch(/findings\.3\.until: must be the last day .* such as 2026-12-31/);
  expect(all).toMatch(/findings\.4\.until: must be the last day/);
  expect(all).toMatch(/findings\.4: there is no "owner"; there are finding, reason, until/);
});

test('an entry that is there twice has two dates, and is refused', async () => {
  const text = baselineText([SOUND, { ...SOUND, until: '2027-01-01' }]);
  expect(await problemsOf(text)).toEqual([
    'baseline: FILE: findings.1.finding: stays-up/agent-exited/agent exited 1 is there already, as findings.0',
  ]);
});

test('a reason that nobody has written yet is an obstacle to a run only', async () => {
  await using file = await fileWith(baselineText([{ ...SOUND, reason: '' }]));
  const problems: string[] = [];
  expect(await readBaseline(file.path, problems, { reasons: 'may-be-missing' })).toHaveLength(1);
  expect(problems).toEqual([]);
  expect(await readBaseline(file.path, problems)).toEqual([]);
  expect(problems).toHaveLength(1);
});

test.each(['', '[]', 'null', '{"schema":"muster.baseline/1"}', '{"schema":"muster.baseline/1","findings":{}}'])(
  'what is no baseline is told in a sentence: %s',
  async (text) => expect((await problemsOf(text, 'may-be-missing')).join()).toMatch(/^baseline: "?FILE.*: /),
);

test('a file that is not there says how to get one', async () => {
  const problems: string[] = [];
  expect(await readBaseline('/nowhere/known.json', problems)).toEqual([]);
  expect(problems.join()).toMatch(/cannot be read: .*ENOENT.*`muster baseline DIR` writes one/);
});
