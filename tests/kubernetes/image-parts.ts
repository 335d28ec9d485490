/**
 * What container images are put together from without a daemon or a registry: files of this machine in layers, as an archive that
 * containerd imports. Whatever a program loads has to be put there as well; nothing of the machine is seen in a container.
 */
import { createHash } from 'node:crypto';
import { cpSync, linkSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run-command.ts';

const APPLETS = ['sh', 'sleep', 'cat', 'tar', 'ls', 'env'];

export function put(rootfs: string, at: string, from: string): void {
  mkdirSync(dirname(join(rootfs, at)), { recursive: true });
  cpSync(realpathSync(from), join(rootfs, at), { recursive: true });
}

export function link(rootfs: string, at: string, to: string): void {
  mkdirSync(dirname(join(rootfs, at)), { recursive: true });
  symlinkSync(to, join(rootfs, at));
}

export function addBusybox(rootfs: string): void {
  put(rootfs, '/bin/busybox', '/bin/busybox');
  for (const applet of APPLETS) link(rootfs, `/bin/${applet}`, 'busybox');
  link(rootfs, '/usr/bin/env', '/bin/busybox');
  mkdirSync(join(rootfs, 'tmp'));
}

export function addLibraries(rootfs: string, program: string): void {
  for (const [library] of run('ldd', [realpathSync(program)]).matchAll(/\/\S+/g)) put(rootfs, library, library);
}

export interface Layer {
  readonly tar: string;
  readonly sha256: string;
}

/** The files are gone from their folder afterwards. */
export function layerOf(rootfs: string): Layer {
  const tar = `${rootfs}.tar`;
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=go=u-w'];
  run('tar', ['-cf', tar, ...same, '-C', rootfs, '.']);
  rmSync(rootfs, { recursive: true });
  return { tar, sha256: run('sha256sum', [tar]).split(' ')[0] ?? '' };
}

/** As `docker save` would write it, the lowest layer first. */
export function archive(name: string, to: string, layers: readonly Layer[], command: readonly string[] = []): void {
  const work = `${to}.work`;
  mkdirSync(work);
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Entrypoint: command, WorkingDir: '/tmp' },
    rootfs: { type: 'layers', diff_ids: layers.map(({ sha256 }) => `sha256:${sha256}`) },
  });
  const id = createHash('sha256').update(config).digest('hex');
  writeFileSync(join(work, `${id}.json`), config);
  const Layers = layers.map(({ sha256 }) => `${sha256}.tar`);
  writeFileSync(join(work, 'manifest.json'), JSON.stringify([{ Config: `${id}.json`, RepoTags: [name], Layers }]));
  for (const { tar, sha256 } of layers) linkSync(tar, join(work, `${sha256}.tar`));
  run('tar', ['-cf', to, '-C', work, `${id}.json`, 'manifest.json', ...Layers]);
  rmSync(work, { recursive: true });
}
