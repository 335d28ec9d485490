/** The manifests as people and clusters read them. A real API server takes them in tests/kubernetes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { manifestFiles } from './manifest-files.ts';
import { someLoad } from './testing.ts';

const users = { kind: 'users-file', path: '/users/users.json' } as const;

test('each file is what it was', async () => {
  const files = manifestFiles(someLoad({ identity: users, workers: 2 }));
  for (const [path, text] of Object.entries(files)) {
    await expect(text).toMatchFileSnapshot(`goldens/${path.replace('/', '-').replace(/(\.\w+)?$/, '.golden$1')}`);
  }
});

test('every document is YAML 1.2 without a key that is there twice, and of a kind that is told', () => {
  const texts = Object.entries(manifestFiles(someLoad())).filter(([path]) => path.endsWith('.yaml'));
  const documents = texts.flatMap(([, text]) => parseAllDocuments(text, { strict: true, uniqueKeys: true }));
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(documents.map((document) => document.toJS().kind).sort()).toEqual(
    ['ConfigMap', 'Job', 'Job', 'Job', 'Job', 'PersistentVolumeClaim', 'Pod', 'ServiceAccount', 'TestRun'].sort(),
  );
});

test('the plan comes back from the ConfigMap as it was, and every pod that needs it gets it', () => {
  const load = someLoad();
  const files = manifestFiles(load);
  const [, map] = parseAllDocuments(files['base.yaml'] ?? '').map((document) => document.toJS());
  expect(JSON.parse(map.data['plan.json'])).toEqual(load.plan);
  expect(files['node-shards.yaml']).toContain('--plan /plan/plan.json');
});

test('users who are real are a Secret that is named, and are in no pod that does not need them', () => {
  const files = manifestFiles(someLoad({ identity: users }));
  const naming = Object.keys(files).filter((path) => path.endsWith('.yaml') && files[path]?.includes('muster-users'));
  expect(naming.sort()).toEqual(['k6-operator/testrun.yaml', 'k6-shards.yaml', 'node-shards.yaml']);
  const anonymous = manifestFiles(someLoad());
  expect(Object.values(anonymous).filter((text) => text.includes('muster-users'))).toEqual([]);
});

test('what k6 cannot do is not written for it, and why is said', () => {
  const files = manifestFiles({ ...someLoad(), k6: { why_not: 'Cannot run this load with k6: it is poisson.' } });
  expect(Object.keys(files).filter((path) => path.includes('k6'))).toEqual([]);
  expect(files['README.md']).toContain('There is nothing for k6: Cannot run this load with k6: it is poisson.');
});

/** Runs the script where `kubectl` is another script, to see what becomes of answers that no healthy cluster gives. */
function runWith(kubectl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-manifests-'));
  try {
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${kubectl}\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'node-shards.yaml'), '');
    writeFileSync(join(folder, 'run.sh'), manifestFiles(someLoad())['run.sh'] ?? '');
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    return spawnSync('sh', [join(folder, 'run.sh')], { env, encoding: 'utf8', timeout: 20_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(process.platform === 'win32')('nothing that the script does not understand ends with 0', () => {
  const over = 'case "$1 $2" in "get job") echo "FailureTarget Failed" ;; esac';
  expect(runWith(over)).toMatchObject({ status: 5 });
  expect(runWith(`${over}; case "$*" in *exitCode*) echo 3 ;; esac`)).toMatchObject({ status: 3 });
  expect(runWith('case "$1" in get) echo "there is no such Job" >&2; exit 1 ;; esac')).toMatchObject({ status: 1 });
  expect(runWith('[ "$1" != create ]')).toMatchObject({ status: 4 });
});
