/**
 * Who can make a container, and how each is told: containerd by its client `ctr`, or Docker. The client stays for as long as its
 * container, and prints what is printed inside. An engine's daemon outlives muster, so all that it keeps has our label and can
 * be removed by its id. Whatever is asked of it has a limit in time.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Home, type Mount, pidIn } from './container-home.ts';
import { quoted } from './shell.ts';

export interface ContainerRequest {
  readonly home: Home;
  /** Whose it is, for its label. */
  readonly owner: string;
  readonly working_folder: string;
  readonly words: readonly string[];
}

export interface ContainerEngine {
  readonly name: string;
  /** Why it does not answer. */
  readonly whyNot: () => Promise<string | undefined>;
  /** The shell command `before`, if any, and then the words of the client. */
  readonly run: (request: ContainerRequest) => { readonly before?: string; readonly words: readonly string[] };
  /** Of the first process in a container, as this machine sees it. */
  readonly pidOf: (home: Home) => Promise<number | undefined>;
  /** The shell command that ends what runs under this id, if anything does. */
  readonly end: (id: string) => string;
  /** The shell command that removes all that the engine has of this id, be it there or not. */
  readonly remove: (id: string) => string;
  /** The ids of everything that has our label. */
  readonly list: () => Promise<readonly string[]>;
}

const LABEL = 'a2a-muster.owner';
const ANSWER_MS_MAX = 5_000;
const CTR = ['ctr', '--connect-timeout', '2s'] as const;
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** What a command printed. Throws when it fails or takes too long. */
async function printed(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, { timeout: ANSWER_MS_MAX, killSignal: 'SIGKILL' });
  return stdout.trim();
}

async function whyNoAnswer(program: string, ...words: readonly string[]): Promise<string | undefined> {
  try {
    await printed(program, ...words);
    return undefined;
  } catch (error) {
    const { killed, code, stderr, message } = error as Error & { killed?: boolean; code?: unknown; stderr?: string };
    const asked = `"${[program, ...words].join(' ')}"`;
    if (killed === true) return `${asked} gave no answer within ${ANSWER_MS_MAX} ms`;
    if (code === 'ENOENT') return `there is no program "${program}"`;
    return `${asked} said: ${stderr?.trim().split('\n').at(-1) || message}`;
  }
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

const containerd: ContainerEngine = {
  name: 'containerd',
  async whyNot() {
    const socket = process.env['CONTAINERD_ADDRESS'] || CONTAINERD_SOCKET;
    // `ctr` would wait for it.
    if (!existsSync(socket)) return `there is no ${socket} (CONTAINERD_ADDRESS names another)`;
    return whyNoAnswer(...CTR, 'version');
  },
  run: ({ home, owner, working_folder, words }) => ({
    words: [
      ...[...CTR, 'run', '--rm', '--rootfs', '--read-only', '--label', `${LABEL}=${owner}`, '--cwd', working_folder],
      ...['--pid-file', home.pid, '--fifo-dir', home.pipes],
      ...home.mounts.flatMap((mount) => ['--mount', mountFor('ctr', mount)]),
      ...[home.root, home.id, ...words],
    ],
  }),
  pidOf: async ({ pid }) => pidIn(pid),
  end: (id) => `${CTR.join(' ')} tasks rm -f ${id}`,
  remove: (id) => `${CTR.join(' ')} tasks rm -f ${id}; ${CTR.join(' ')} containers rm ${id}`,
  async list() {
    return linesOf(await printed(...CTR, 'containers', 'ls', '-q', `labels."${LABEL}"`));
  },
};

const docker: ContainerEngine = {
  name: 'Docker',
  whyNot: () => whyNoAnswer('docker', 'version', '--format', '{{.Server.Version}}'),
  run: ({ home, owner, working_folder, words }) => ({
    // Docker starts nothing without an image: this one has empty folders and links.
    before: `tar -C ${quoted([home.root])} -c . | docker import --change 'LABEL ${LABEL}=${owner}' - ${home.id} >/dev/null`,
    words: [
      ...['docker', 'run', '--rm', '--read-only', '--network', 'none', '--name', home.id],
      ...['--label', `${LABEL}=${owner}`, '--workdir', working_folder],
      ...['--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
      ...home.mounts.flatMap((mount) => ['--mount', mountFor('docker', mount)]),
      ...[home.id, ...words],
    ],
  }),
  pidOf: async ({ id }) => Number(await printed('docker', 'inspect', '--format', '{{.State.Pid}}', id)) || undefined,
  end: (id) => `docker rm -f ${id}`,
  remove: (id) => `docker rm -f ${id}; docker rmi -f ${id}`,
  async list() {
    const [containers, images] = await Promise.all([
      printed('docker', 'ps', '-a', '--filter', `label=${LABEL}`, '--format', '{{.Names}}'),
      printed('docker', 'images', '--filter', `label=${LABEL}`, '--format', '{{.Repository}}'),
    ]);
    return [...new Set([...linesOf(containers), ...linesOf(images)])];
  },
};

/** In the order in which they are asked. */
export const containerEngines: readonly ContainerEngine[] = [containerd, docker];

function mountFor(client: 'ctr' | 'docker', { source, target, writable }: Mount): string {
  if (client === 'docker') {
    if (source === undefined) return `type=tmpfs,target=${target},tmpfs-mode=1777`;
    return `type=bind,source=${source},target=${target}${writable ? '' : ',readonly'}`;
  }
  if (source === undefined) return `type=tmpfs,src=tmpfs,dst=${target},options=mode=1777`;
  return `type=bind,src=${source},dst=${target},options=rbind:${writable ? 'rw' : 'ro'}`;
}
