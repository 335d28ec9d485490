/**
 * What a session's container is made of: the files of this machine, which its agents need and may only read, and folders of its
 * own for what is of the moment. So there is no image to build or to fetch. On disk it is a temporary folder of empty folders,
 * links and one socket; what removes it never goes down into a folder, so it cannot meet the files that are mounted there.
 */
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { quoted } from './shell.ts';

export interface Mount {
  /** A folder of this machine; without one, an empty folder in memory. */
  readonly source?: string;
  readonly target: string;
  readonly writable: boolean;
}

export interface Home {
  readonly id: string;
  readonly folder: string;
  /** Where mounts find the folders that they cover. */
  readonly root: string;
  /** The socket on which the process in the container listens, from outside. */
  readonly gate: string;
  readonly mounts: readonly Mount[];
}

export const GATE_INSIDE = '/run/muster/gate';
/** The kernel's, or of the moment. */
const NOT_SHARED: ReadonlySet<string> = new Set(['proc', 'sys', 'dev', 'run', 'tmp']);
const OWN = ['/tmp', '/run'];
/** unix(7): 108 bytes with the one that ends it. */
export const SOCKET_PATH_BYTES_MAX = 107;

export const folderOf = (id: string): string => join(tmpdir(), id);
export const gateOf = (id: string): string => join(folderOf(id), 'gate', 'gate');

/** `needed` are files and folders that must be seen inside, also where their surroundings are not. */
export function furnish(id: string, needed: readonly string[]): Home {
  const folder = folderOf(id);
  const root = join(folder, 'root');
  mkdirSync(folder, { mode: 0o700 });
  for (const path of [root, dirname(gateOf(id)), join(folder, 'pipes')]) mkdirSync(path);
  const shared: Mount[] = [];
  for (const name of readdirSync('/').filter((each) => !each.startsWith('.'))) {
    const path = `/${name}`;
    const kind = lstatSync(path);
    if (kind.isSymbolicLink()) symlinkSync(readlinkSync(path), join(root, name));
    if (!kind.isDirectory()) continue;
    mkdirSync(join(root, name), { mode: 0o755 });
    if (!NOT_SHARED.has(name)) shared.push({ source: path, target: path, writable: false });
  }
  const also = new Set(needed.flatMap((path) => inOwn(path) ?? []));
  return {
    id,
    folder,
    root,
    gate: gateOf(id),
    mounts: [
      ...shared,
      ...OWN.map((target) => ({ target, writable: true })),
      ...[...also].map((path) => ({ source: path, target: path, writable: false })),
      { source: dirname(gateOf(id)), target: dirname(GATE_INSIDE), writable: true },
    ],
  };
}

/** The shell command that removes it, whole or in part. */
export function clearing(id: string): string {
  const folder = folderOf(id);
  const inside = ['root', 'gate', 'pipes'].map((name) => quoted([join(folder, name)]));
  const pipes = quoted([join(folder, 'pipes')]);
  const words = [
    `${pipes}/*/*`,
    ...inside.map((path) => `${path}/*`),
    ...inside,
    quoted([join(folder, 'pid'), folder]),
  ];
  return `rm -fd ${words.join(' ')}`;
}

export function idsOfHomes(prefix: string): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
}

/** What to mount so that this path is there, if it lies where the container has a folder of its own. */
function inOwn(path: string): string | undefined {
  const own = OWN.find((each) => path.startsWith(`${each}/`));
  return own === undefined ? undefined : join(own, path.split('/')[2] ?? '');
}
