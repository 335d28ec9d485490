/**
 * Container images without a daemon or a registry: files of this machine in one layer, as an archive that containerd imports. The image of
 * muster is laid out as its Dockerfile would: Node, the compiled package where `npm install --global` puts it, and k6 on the PATH.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.ts';

const PACKAGE = '/usr/local/lib/node_modules/a2a-muster';
const APPLETS = ['sh', 'sleep', 'cat', 'tar', 'ls', 'env'];
export const MUSTER_IMAGE = 'muster.test/muster:1';

export function buildImages(root: string, folder: string, k6: string): void {
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  const pause = join(folder, 'pause');
  addBusybox(pause);
  archive(pause, 'muster.test/pause:1', join(images, 'pause.tar'), ['/bin/sleep', '2147483647']);
  const muster = join(folder, 'muster');
  addBusybox(muster);
  addNode(muster, join(root, 'node_modules/node/bin/node'));
  addPackage(muster, root);
  put(muster, '/usr/local/bin/k6', k6);
  put(muster, '/agent.mjs', fileURLToPath(new URL('agent.mjs', import.meta.url)));
  archive(muster, MUSTER_IMAGE, join(images, 'muster.tar'));
  for (const rootfs of [pause, muster]) rmSync(rootfs, { recursive: true });
}

function put(rootfs: string, at: string, from: string): void {
  mkdirSync(dirname(join(rootfs, at)), { recursive: true });
  cpSync(realpathSync(from), join(rootfs, at), { recursive: true });
}

function link(rootfs: string, at: string, to: string): void {
  mkdirSync(dirname(join(rootfs, at)), { recursive: true });
  symlinkSync(to, join(rootfs, at));
}

function addBusybox(rootfs: string): void {
  put(rootfs, '/bin/busybox', '/bin/busybox');
  for (const applet of APPLETS) link(rootfs, `/bin/${applet}`, 'busybox');
  link(rootfs, '/usr/bin/env', '/bin/busybox');
  mkdirSync(join(rootfs, 'tmp'));
}

function addNode(rootfs: string, program: string): void {
  put(rootfs, '/usr/local/bin/node', program);
  for (const [library] of run('ldd', [realpathSync(program)]).matchAll(/\/\S+/g)) put(rootfs, library, library);
}

function addPackage(rootfs: string, root: string): void {
  const to = join(rootfs, PACKAGE);
  mkdirSync(to, { recursive: true });
  run(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(to, 'dist')]);
  const { files, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['package.json', ...files].filter((name: string) => name !== 'dist' && !name.startsWith('!'))) {
    put(rootfs, join(PACKAGE, name), join(root, name));
  }
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(packages)) {
    // Those of other systems are named, and not there.
    if (path !== '' && dev !== true && existsSync(join(root, path))) put(rootfs, join(PACKAGE, path), join(root, path));
  }
  link(rootfs, '/usr/local/bin/muster', join(PACKAGE, bin.muster));
}

/** As `docker save` would write it. */
function archive(rootfs: string, name: string, to: string, command: readonly string[] = []): void {
  const work = `${to}.work`;
  mkdirSync(work);
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=go=u-w'];
  run('tar', ['-cf', join(work, 'layer.tar'), ...same, '-C', rootfs, '.']);
  const layer = run('sha256sum', [join(work, 'layer.tar')]).split(' ')[0];
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Entrypoint: command, WorkingDir: '/tmp' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  });
  const id = createHash('sha256').update(config).digest('hex');
  writeFileSync(join(work, `${id}.json`), config);
  writeFileSync(
    join(work, 'manifest.json'),
    JSON.stringify([{ Config: `${id}.json`, RepoTags: [name], Layers: ['layer.tar'] }]),
  );
  run('tar', ['-cf', to, '-C', work, `${id}.json`, 'manifest.json', 'layer.tar']);
  rmSync(work, { recursive: true });
}
