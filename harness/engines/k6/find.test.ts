/** Which k6 is taken, why others are not, and what is said where there is none or none can be built. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildK6 } from './build.ts';
import { findK6 } from './find.ts';
import { cachedProgram, packageRoot, sourceFiles } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-find-k6-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A package with the sources of our k6 and nothing built. */
function packageWith(name: string): string {
  const root = join(folder, name);
  for (const file of sourceFiles(packageRoot())) cpSync(join(packageRoot(), 'k6', file), join(root, 'k6', file));
  return root;
}

/** A program that answers whatever it is asked with these lines. */
function program(path: string, lines: string, exitCode = 0): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${lines}\nEND\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
  return path;
}

const VERSION = 'k6 v2.2.0 (go1.26.8, linux/amd64)';
const OURS = `${VERSION}\nExtensions:\n  muster/k6/a2a , k6/x/a2a [js]`;

test('K6_BINARY comes before what was built here, and that before the PATH', async () => {
  const root = packageWith('order');
  const named = program(join(folder, 'named/k6'), OURS);
  const onPath = program(join(folder, 'bin/k6'), OURS);
  const env = { PATH: `${join(folder, 'nothing')}:${dirname(onPath)}` };
  expect(await findK6({ root, env })).toEqual({ found: true, path: onPath, version: '2.2.0', from: 'PATH' });
  const built = program(cachedProgram(root), OURS.replace(/^k6/, 'k6-own').replace('2.2.0', '2.2.7'));
  expect(await findK6({ root, env })).toEqual({ found: true, path: built, version: '2.2.7', from: 'cache' });
  const all = { ...env, K6_BINARY: named };
  expect(await findK6({ root, env: all })).toEqual({ found: true, path: named, version: '2.2.0', from: 'K6_BINARY' });
});

test('a k6 that will not do is refused with its reason, and one that was named is not replaced by another', async () => {
  const root = packageWith('refused');
  const good = program(join(folder, 'good/k6'), OURS);
  for (const [reason, lines, word] of [
    ['without-extension', VERSION, 'without k6/x/a2a'],
    ['other-version', OURS.replace('2.2.0', '2.3.0'), 'it is k6 2.3.0'],
    ['not-runnable', 'usage: k6', 'does not say which k6 it is'],
  ] as const) {
    const path = program(join(folder, reason, 'k6'), lines);
    const PATH = dirname(path);
    const refused = await findK6({ root, env: { PATH } });
    expect(refused).toMatchObject({ found: false, reason, message: expect.stringContaining(word) });
    expect(refused).toMatchObject({ message: expect.stringContaining('--build-k6') });
    expect(await findK6({ root, env: { PATH: `${PATH}:${dirname(good)}` } })).toMatchObject({
      found: true,
      path: good,
    });
    const env = { PATH: dirname(good), K6_BINARY: path };
    expect(await findK6({ root, env })).toMatchObject({ found: false, reason });
  }
  const fails = program(join(folder, 'fails/k6'), OURS, 3);
  expect(await findK6({ root, env: { K6_BINARY: fails } })).toMatchObject({ reason: 'not-runnable' });
  expect(await findK6({ root, env: { K6_BINARY: join(folder, 'gone') } })).toMatchObject({ reason: 'missing' });
  expect(await findK6({ root, env: {} })).toMatchObject({
    reason: 'missing',
    message: expect.stringContaining('K6_BINARY'),
  });
});

test('another line of the sources asks for another program', () => {
  const root = packageWith('changed');
  const before = cachedProgram(root);
  writeFileSync(join(root, 'k6/a2a/own_test.go'), 'package a2a\n');
  expect(cachedProgram(root)).toBe(before);
  writeFileSync(join(root, 'k6/a2a/sse.go'), '\n', { flag: 'a' });
  expect(cachedProgram(root)).not.toBe(before);
});

test('who cannot build is told what is missing', async () => {
  const root = packageWith('unbuilt');
  const said = (env: Record<string, string>) => buildK6({ root, env }).then(String, (error: Error) => error.message);
  expect(await said({ PATH: join(folder, 'nothing') })).toMatch(
    /there is no Go on the PATH.*go\.dev\/dl.*1\.25 or later/,
  );
  const old = program(join(folder, 'old/go'), 'go1.22.3');
  expect(await said({ PATH: `${dirname(old)}:/usr/bin:/bin` })).toMatch(
    /needs Go 1\.25 or later, and this is go1\.22\.3/,
  );
  const offline = program(join(folder, 'offline/go'), 'go1.26.0');
  writeFileSync(
    offline,
    '#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 && exit 0\necho "go: x: dial tcp: lookup proxy.golang.org: no such host" >&2\nexit 1\n',
  );
  expect(await said({ PATH: `${dirname(offline)}:/usr/bin:/bin` })).toMatch(
    /could not be fetched.*GOPROXY[\s\S]*no such host/,
  );
});
