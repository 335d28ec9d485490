/**
 * The images of the test cluster. That of muster is laid out as its Dockerfile would: Node, the compiled package where `npm install --global`
 * puts it, and k6 on the PATH. That of the agent `production` is the same with what it speaks to its servers by, and without k6.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresFolder } from '../production/database-servers.ts';
import { addBusybox, addLibraries, archive, type Layer, layerOf, link, put } from './image-parts.ts';
import { run } from './run-command.ts';

const PACKAGE = '/usr/local/lib/node_modules/a2a-muster';
export const MUSTER_IMAGE = 'muster.test/muster:1';
export const PRODUCTION_IMAGE = 'muster.test/production:1';
export const POSTGRES = { image: 'muster.test/postgres:1', user: 65_532, data: '/data' } as const;

/** What the agent loads once it is told of servers; whoever deploys it installs these. */
const FOR_PRODUCTION = [
  'pg',
  '@redis/client',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/exporter-trace-otlp-http',
] as const;

export function buildImages(root: string, folder: string, k6: string): void {
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  const layer = (name: string, fill: (rootfs: string) => void): Layer => {
    const rootfs = join(folder, 'layers', name);
    mkdirSync(rootfs, { recursive: true });
    fill(rootfs);
    return layerOf(rootfs);
  };
  const busybox = layer('busybox', addBusybox);
  const muster = layer('muster', (rootfs) => {
    addNode(rootfs, join(root, 'node_modules/node/bin/node'));
    addPackage(rootfs, root);
  });
  const k6AndAgent = layer('k6-and-agent', (rootfs) => {
    put(rootfs, '/usr/local/bin/k6', k6);
    put(rootfs, '/agent.mjs', fileURLToPath(new URL('agent.mjs', import.meta.url)));
  });
  const needed = layer('needed', (rootfs) => addNeeded(rootfs, root, FOR_PRODUCTION));
  const postgres = layer('postgres', addPostgres);
  const main = join(PACKAGE, 'dist/fixtures/agents/production/main.js');
  archive('muster.test/pause:1', join(images, 'pause.tar'), [busybox], ['/bin/sleep', '2147483647']);
  archive(MUSTER_IMAGE, join(images, 'muster.tar'), [busybox, muster, k6AndAgent]);
  archive(PRODUCTION_IMAGE, join(images, 'production.tar'), [busybox, muster, needed], ['/usr/local/bin/node', main]);
  archive(POSTGRES.image, join(images, 'postgres.tar'), [busybox, postgres]);
  rmSync(join(folder, 'layers'), { recursive: true });
}

function addNode(rootfs: string, program: string): void {
  put(rootfs, '/usr/local/bin/node', program);
  addLibraries(rootfs, program);
}

function addPackage(rootfs: string, root: string): void {
  const to = join(rootfs, PACKAGE);
  mkdirSync(to, { recursive: true });
  run(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(to, 'dist')]);
  const { files, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['package.json', ...files].filter((name: string) => name !== 'dist' && !name.startsWith('!'))) {
    put(rootfs, join(PACKAGE, name), join(root, name));
  }
  for (const [path, { dev }] of Object.entries(lockedIn(root))) {
    // Those of other systems are named, and not there.
    if (path !== '' && dev !== true && existsSync(join(root, path))) put(rootfs, join(PACKAGE, path), join(root, path));
  }
  link(rootfs, '/usr/local/bin/muster', join(PACKAGE, bin.muster));
}

/** By their paths in the repository. */
type Locked = Readonly<Record<string, { readonly dev?: boolean; readonly dependencies?: Record<string, string> }>>;

const lockedIn = (root: string): Locked => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** These packages, and whatever they need. */
function addNeeded(rootfs: string, root: string, names: readonly string[]): void {
  const locked = lockedIn(root);
  const paths = new Set(names.map((name) => `node_modules/${name}`));
  for (const path of paths) {
    for (const name of Object.keys(locked[path]?.dependencies ?? {})) {
      const own = `${path}/node_modules/${name}`;
      paths.add(own in locked ? own : `node_modules/${name}`);
    }
    put(rootfs, join(PACKAGE, path), join(root, path));
  }
}

/** As Debian lays it out. */
function addPostgres(rootfs: string): void {
  const bin = postgresFolder() ?? '';
  const places = ['--bindir', '--sharedir', '--pkglibdir'].map((place) => run(join(bin, 'pg_config'), [place]).trim());
  for (const place of places) put(rootfs, place, place);
  for (const program of ['initdb', 'postgres']) {
    addLibraries(rootfs, join(bin, program));
    link(rootfs, `/usr/local/bin/${program}`, join(bin, program));
  }
  // It looks for time zones with each connection, and complains where there is nowhere to look.
  for (const path of ['etc', 'usr/share/zoneinfo']) mkdirSync(join(rootfs, path), { recursive: true });
  writeFileSync(join(rootfs, 'etc/passwd'), `postgres:x:${POSTGRES.user}:${POSTGRES.user}::/tmp:/bin/sh\n`);
}
