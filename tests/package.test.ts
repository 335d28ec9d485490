/** The package as users install it: compiled, with nothing of the sources, and a working `muster`. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './muster.ts';

test('installed from its tarball, the package runs the suite on a fixture and in a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-package-'));
  try {
    const sources = join(folder, 'sources');
    for (const entry of [
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'harness',
      'scenarios',
      'fixtures',
      'reports',
      'k6',
      'docs',
    ]) {
      cpSync(join(ROOT, entry), join(sources, entry), {
        recursive: true,
        filter: (path) => !path.includes('reports/runs'),
      });
    }
    cpSync(join(ROOT, 'CHANGELOG.md'), join(sources, 'CHANGELOG.md'));
    symlinkSync(join(ROOT, 'node_modules'), join(sources, 'node_modules'));
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
    const run = (cwd: string, command: string, ...args: readonly string[]): string =>
      execFileSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path, NO_COLOR: '1' } });
    run(sources, 'npm', 'pack', '--pack-destination', folder);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    const modules = join(folder, 'user/node_modules');
    const installed = join(modules, 'a2a-muster');
    mkdirSync(installed, { recursive: true });
    run(folder, 'tar', '-xzf', tarball, '-C', installed, '--strip-components=1');
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    const sourcesIn = readdirSync(installed, { recursive: true }).filter((name) => /(?<!\.d)\.ts$/.test(String(name)));
    // k6 reads TypeScript itself.
    expect(sourcesIn.sort()).toEqual(['k6/demand.ts', 'k6/load.ts']);
    const user = join(folder, 'user');
    const muster = join(installed, 'harness/cli/muster.js');
    expect(run(user, process.execPath, muster, 'run', 'two-devices', 'freeze-thaw', '--seed', '3')).toContain('PASS');
    expect(run(user, process.execPath, muster, 'load', '--profile', 'spike', '--dry-run')).toContain('5 to 100 visits');
    expect(
      run(user, process.execPath, '-e', "import('a2a-muster').then((m) => console.log(typeof m.defineScenario))"),
    ).toBe('function\n');
    checkImports(user, run);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** What an app's test would do, as TypeScript sees it and as it runs. */
const USES_MSW = `
  import { type Asked, a2aHandlers, answers } from 'a2a-muster/msw';
  import { setupServer } from 'msw/node';
  const asked: Asked[] = [];
  const shop = answers('shop', [{ when: /shoe/, artifact: 'In red and blue', chunks: 2 }]);
  // @ts-expect-error An answer ends in one way only.
  answers('shop', [{ asks: 'Which?', fails: 'sold out' }]);
  const server = setupServer(...a2aHandlers(shop, { url: 'https://shop.example', onAsked: (each) => asked.push(each) }));
  server.listen();
  const response = await fetch('https://shop.example/a2a/rest/message:stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
    body: JSON.stringify({ message: { messageId: '1', role: 'ROLE_USER', parts: [{ text: 'a shoe' }] } }),
  });
  const text = await response.text();
  server.close();
  const told: string = asked[0]?.operation ?? '';
  console.log(told, text.match(/artifactUpdate/g)?.length);
`;

/** What a test of an agent that asks others would do. */
const USES_PEERS = `
  import { type Lie, newTale, serveLiar } from 'a2a-muster/peers';
  const lie: Lie = { title: 'is done at once', answer: (_, say) => say.events([newTale().task('TASK_STATE_COMPLETED')]) };
  // @ts-expect-error There is no such state.
  newTale().task('DONE');
  await using peer = await serveLiar();
  using telling = peer.tell(lie);
  const response = await fetch(peer.url + '/a2a/rest/message:send', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
    body: JSON.stringify({ message: { messageId: '1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } }),
  });
  console.log(telling.told(), (await response.text()).includes('COMPLETED'));
`;

function checkImports(user: string, run: (cwd: string, command: string, ...args: readonly string[]) => string): void {
  writeFileSync(join(user, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(user, 'uses-msw.ts'), USES_MSW);
  writeFileSync(join(user, 'uses-peers.ts'), USES_PEERS);
  const compilerOptions = { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, skipLibCheck: true };
  const typeRoots = [join(ROOT, 'node_modules/@types')];
  writeFileSync(
    join(user, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['node'], typeRoots }, include: ['uses-*.ts'] }),
  );
  symlinkSync(join(ROOT, 'node_modules/@types'), join(user, 'node_modules/@types'));
  expect(run(user, 'tsc', '-p', 'tsconfig.json')).toBe('');
  expect(run(user, process.execPath, 'uses-msw.ts')).toBe('SendStreamingMessage 2\n');
  expect(run(user, process.execPath, 'uses-peers.ts')).toBe('1 true\n');
}
