/**
 * A cluster of one node that lives as long as the test: all of it is in namespaces of their own, below one process, whose end is the end of
 * everything. Disposing it leaves no process, mount or control group behind; the logs stay in its folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, run, type Told } from './run-command.ts';

const INSIDE = fileURLToPath(new URL('inside.sh', import.meta.url));
const START_TRIES = 600;
const END_TRIES = 100;
const CGROUPS = '/sys/fs/cgroup';

export interface Cluster extends AsyncDisposable {
  /** Holds a `kubectl` that speaks to this cluster, for scripts that call it. */
  readonly bin: string;
  /** Where the volume of results lies on this machine. */
  readonly volume: string;
  kubectl(args: readonly string[], input?: string): string;
  /** Also where it does not end well. */
  askKubectl(args: readonly string[], input?: string): Told;
  /** Runs a command in the namespaces of the node. */
  onNode(command: string, ...args: readonly string[]): string;
  /** The same, in a folder, and without waiting for its end. */
  startOnNode(folder: string, command: string, ...args: readonly string[]): ChildProcess;
}

/** The images are in `folder/images`. */
export async function startCluster(folder: string, program: string): Promise<Cluster> {
  for (const name of ['bin', 'log', 'volume']) mkdirSync(join(folder, name), { recursive: true });
  const log = openSync(join(folder, 'log', 'inside.log'), 'w');
  const own = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  // So that it ends with this process, however that ends.
  const tied = ['--pdeathsig', 'KILL', ...own, 'sh', INSIDE, folder, program];
  const outer = spawn('setpriv', tied, { stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => outer.once('exit', () => resolve()));
  const end = async (): Promise<void> => {
    outer.kill('SIGKILL');
    await ended;
    await removeGroups();
  };
  try {
    await until(() => existsSync(join(folder, 'started')) || outer.exitCode !== null, START_TRIES);
    if (outer.exitCode !== null)
      throw new Error(`The cluster ended:\n${readFileSync(join(folder, 'log', 'inside.log'))}`);
    const first = run('pgrep', ['-P', String(outer.pid)]).trim();
    const inside = ['-t', first, '-m', '-n', '-p', '--'];
    const config = join(folder, 'kubeconfig');
    const bin = join(folder, 'bin');
    writeFileSync(
      join(bin, 'kubectl'),
      `#!/bin/sh\nexec nsenter --wd="$PWD" ${inside.join(' ')} env KUBECONFIG='${config}' '${program}' kubectl "$@"\n`,
      { mode: 0o755 },
    );
    const kubectl = join(bin, 'kubectl');
    const given = (input?: string) => (input === undefined ? {} : { input });
    const cluster: Cluster = {
      bin,
      volume: join(folder, 'volume'),
      kubectl: (args, input) => run(kubectl, args, given(input)),
      askKubectl: (args, input) => ask(kubectl, args, given(input)),
      onNode: (...command) => run('nsenter', [...inside, ...command]),
      startOnNode: (cwd, ...command) =>
        spawn('nsenter', [`--wd=${cwd}`, ...inside, ...command], { stdio: ['ignore', 'pipe', 'pipe'] }),
      [Symbol.asyncDispose]: end,
    };
    cluster.kubectl(['wait', '--for=condition=Ready', 'node/node', '--timeout=120s']);
    return cluster;
  } catch (error) {
    await end();
    throw error;
  }
}

export async function until(isSo: () => boolean, tries: number): Promise<void> {
  for (let left = tries; !isSo(); left -= 1) {
    if (left === 0) throw new Error(`It never was so, in ${tries} tries: ${isSo}`);
    await delay(200);
  }
}

/** They can be removed once the last process in them is gone, the innermost first. */
async function removeGroups(): Promise<void> {
  const trees = [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))];
  const groups = trees.map((tree) => join(tree, 'muster-test')).filter((group) => existsSync(group));
  await until(() => groups.every((group) => isRemoved(group)), END_TRIES);
}

function isRemoved(group: string): boolean {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory() && !isRemoved(join(group, entry.name))) return false;
    }
    rmdirSync(group);
    return true;
  } catch {
    // Busy still, or gone meanwhile.
    return !existsSync(group);
  }
}
