/**
 * What a session's container is made of: the files of this machine, which its agents need and may only read, and folders of its
 * own for what is of the moment. So there is no image to build or to fetch. On disk it is a temporary folder of empty folders,
 * links and a socket; what removes it never goes down into a folder, so it cannot meet the files that are mounted there.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
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
  /** Where mounts find the folders that they cover. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** The socket on which the process in the container listens, from outside. */
  readonly gate: string;
  /** For what passes between a container and its client. */
  readonly pipes: string;
  /** Locked while there is a client. */
  readonly lock: string;
  /** Hold the pids of the first process in the container and of the client. */
  readonly pid: string;
  readonly client_pid: string;
  /** The shell commands that make it, and remove it, whole or in part. */
  readonly making: string;
  readonly clearing: string;
}

export const GATE_INSIDE = '/run/muster/gate';
/** The kernel's, or of the moment. */
const NOT_SHARED: ReadonlySet<string> = new Set(['proc', 'sys', 'dev', 'run', 'tmp']);
const OWN = ['/tmp', '/run'];
/** unix(7): 108 bytes with the one that ends it. */
export const SOCKET_PATH_BYTES_MAX = 107;

/** `needed` are files and folders that must be seen inside, also where their surroundings are not. */
export function homeOf(id: string, needed: readonly string[] = []): Home {
  const folder = join(tmpdir(), id);
  const [root, gates, pipes] = [join(folder, 'root'), join(folder, 'gate'), join(folder, 'pipes')];
  const [pid, client_pid, lock] = [join(folder, 'pid'), join(folder, 'client-pid'), join(folder, 'lock')];
  const names = readdirSync('/').filter((name) => !name.startsWith('.'));
  const folders = names.filter((name) => lstatSync(`/${name}`).isDirectory());
  const links = names.filter((name) => lstatSync(`/${name}`).isSymbolicLink());
  const also = new Set(needed.flatMap((path) => inOwn(path) ?? []));
  const kept = [root, gates, pipes];
  // `ctr` writes the one and gives it the name of the other.
  const pids = [join(folder, '.pid'), pid];
  return {
    id,
    root,
    gate: join(gates, 'gate'),
    pipes,
    lock,
    pid,
    client_pid,
    mounts: [
      ...folders
        .filter((name) => !NOT_SHARED.has(name))
        .map((name) => ({ source: `/${name}`, target: `/${name}`, writable: false })),
      ...OWN.map((target) => ({ target, writable: true })),
      ...[...also].map((path) => ({ source: path, target: path, writable: false })),
      { source: gates, target: dirname(GATE_INSIDE), writable: true },
    ],
    making: [
      `mkdir -m 700 ${quoted([folder])}`,
      `mkdir ${quoted([...kept, ...folders.map((name) => join(root, name))])}`,
      ...links.map((name) => `ln -s ${quoted([readlinkSync(`/${name}`), join(root, name)])}`),
    ].join(' && '),
    // Only where it is ours: what lies in another user's folder may be a link to anywhere.
    clearing: `[ -L ${quoted([folder])} ] || [ ! -O ${quoted([folder])} ] || rm -fd ${quoted([pipes])}/*/* ${kept.map((path) => `${quoted([path])}/*`).join(' ')} ${quoted([...kept, ...pids, client_pid, lock, folder])}`,
  };
}

export function idsOfHomes(prefix: string): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
}

/** The pid in a file; nothing where it cannot be read. */
export function pidIn(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** What to mount so that this path is there, if it lies where the container has a folder of its own. */
function inOwn(path: string): string | undefined {
  const own = OWN.find((each) => path.startsWith(`${each}/`));
  return own === undefined ? undefined : join(own, path.split('/')[2] ?? '');
}
