/**
 * A real PostgreSQL, a real Redis and a real Prometheus of a test's own: ordinary child processes on free ports of loopback, with data in folders that go
 * with them. Whoever lacks the programs is told so; with MUSTER_CI set that is a failure, for a skipped test would go unnoticed there.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient } from '@redis/client';
import getPort from 'get-port';
import pg from 'pg';
import { stringify } from 'yaml';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'muster';
const TRIES_MAX = 400;
const BETWEEN_TRIES_MS = 25;

export interface Server extends AsyncDisposable {
  readonly url: string;
  /** Ends it at once, with what it was doing, as a crash does. */
  kill(): Promise<void>;
  /** On the same port, with what it had written. */
  start(): Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
}

export interface Postgres extends Server {
  /** The address of a new and empty database. */
  database(): Promise<string>;
}

/** Why one of them cannot be had; nothing where both can. */
export function whyNoDatabases(): string | undefined {
  return whyNot([
    ...(postgresFolder() === undefined ? ['postgresql'] : []),
    ...(isProgram('redis-server') ? [] : ['redis-server']),
  ]);
}

export const whyNoPrometheus = (): string | undefined => whyNot(isProgram('promtool') ? [] : ['prometheus']);

/** By the names of Debian's packages. */
function whyNot(missing: readonly string[]): string | undefined {
  if (missing.length === 0) return undefined;
  const why = `There is no ${missing.join(' and no ')} to test with. On Debian: apt-get install ${missing.join(' ')}.`;
  if (process.env['MUSTER_CI'] !== undefined) throw new Error(why);
  return why;
}

/** Where its programs are. */
export function postgresFolder(): string | undefined {
  const onPath = searched().find((folder) => ['postgres', 'initdb'].every((name) => existsSync(join(folder, name))));
  if (onPath !== undefined) return dirname(realpathSync(join(onPath, 'postgres')));
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'postgres')));
}

const searched = (): readonly string[] => (process.env['PATH'] ?? '').split(':');

const isProgram = (name: string): boolean => searched().some((folder) => existsSync(join(folder, name)));

/** PostgreSQL does not run as root, and nothing here is to outlive the test that started it. */
function asSomebody(folder: string): readonly string[] {
  if (!isProgram('setpriv')) return [];
  if (process.getuid?.() !== 0) return ['setpriv', '--pdeathsig', 'KILL'];
  const id = (flag: string): string => execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim();
  chownSync(folder, Number(id('-u')), Number(id('-g')));
  return ['setpriv', '--pdeathsig', 'KILL', `--reuid=${id('-u')}`, `--regid=${id('-g')}`, '--clear-groups'];
}

export async function startPostgres(): Promise<Postgres> {
  const bin = postgresFolder() ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'muster-postgres-'));
  const prefix = asSomebody(folder);
  const run = (program: string, ...args: readonly string[]): readonly [string, readonly string[]] => {
    const [first = '', ...rest] = [...prefix, join(bin, program), ...args];
    return [first, rest];
  };
  const data = join(folder, 'data');
  const [initdb, words] = run(
    'initdb',
    '-D',
    data,
    '-U',
    USER,
    '--auth=trust',
    '--no-sync',
    '--encoding=UTF8',
    '--no-locale',
  );
  execFileSync(initdb, words, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await getPort();
  const address = (database: string): string => `postgres://${USER}@127.0.0.1:${port}/${database}`;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=16MB'];
  const server = await keep({
    url: address('postgres'),
    command: run('postgres', '-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])),
    folder,
    // It takes its processes along, and recovers from its log when it is started again. Killed, it would leave them for a moment.
    crash: 'SIGQUIT',
    answers: () => asked(address('postgres'), 'SELECT 1'),
  });
  let databases = 0;
  return {
    ...server,
    async database() {
      databases += 1;
      const name = `test_${databases}`;
      await asked(address('postgres'), `CREATE DATABASE ${name}`);
      return address(name);
    },
  };
}

async function asked(connectionString: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {}); // Told by the rejection of what was asked.
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}

export async function startRedis(): Promise<Server> {
  const port = await getPort();
  const folder = mkdtempSync(join(tmpdir(), 'muster-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  const death = isProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const words = [
    ...death,
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ];
  const [program = '', ...args] = words;
  return keep({
    url,
    command: [program, args],
    folder,
    crash: 'SIGKILL',
    answers: async () => {
      const client = createClient({ url, socket: { reconnectStrategy: false } });
      client.on('error', () => {}); // Told by the rejection of what was asked.
      await client.connect();
      await client.ping();
      client.destroy();
    },
  });
}

/** One that looks every quarter of a second at where the agent's metrics are, and judges by these rules. */
export async function startPrometheus(agent: string, rules: string): Promise<Server> {
  const port = await getPort();
  const folder = mkdtempSync(join(tmpdir(), 'muster-prometheus-'));
  const url = `http://127.0.0.1:${port}`;
  const often = { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' };
  const scrape_configs = [{ job_name: 'production', static_configs: [{ targets: [new URL(agent).host] }] }];
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(join(folder, 'config.yml'), stringify({ global: often, rule_files: ['rules.yml'], scrape_configs }));
  const where = ['--config.file', join(folder, 'config.yml'), '--storage.tsdb.path', join(folder, 'data')];
  const death = isProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const [program = '', ...args] = [...death, 'prometheus', ...where, '--web.listen-address', new URL(url).host];
  return keep({
    url,
    command: [program, args],
    folder,
    crash: 'SIGKILL',
    answers: async () => {
      const answer = await fetch(`${url}/-/ready`);
      if (!answer.ok) throw new Error(`It answers with ${answer.status}.`);
    },
  });
}

interface Kept {
  readonly url: string;
  readonly command: readonly [string, readonly string[]];
  readonly folder: string;
  readonly crash: NodeJS.Signals;
  /** Rejects as long as it does not. */
  readonly answers: () => Promise<void>;
}

/** To it and to its children: PostgreSQL has one for each connection. It comes first, so that no more of them are born. */
function signal(child: ChildProcess | undefined, name: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  child.kill(name);
  const threads = `/proc/${child.pid}/task`;
  for (const thread of existsSync(threads) ? readdirSync(threads) : []) {
    for (const pid of readFileSync(join(threads, thread, 'children'), 'utf8').match(/\d+/g) ?? [])
      process.kill(Number(pid), name);
  }
}

async function keep({ url, command: [program, args], folder, crash, answers }: Kept): Promise<Server> {
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const now = spawn(program, args, { cwd: '/', stdio: 'ignore' });
    child = now;
    for (let tries = 1; ; tries += 1) {
      try {
        return await answers();
      } catch (error) {
        if (tries === TRIES_MAX || now.exitCode !== null)
          throw new Error(`Failed to start ${args.join(' ')}: it does not answer. ${(error as Error).message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  };
  const kill = async (): Promise<void> => {
    const now = child;
    child = undefined;
    if (now === undefined || now.exitCode !== null || now.signalCode !== null) return;
    const gone = once(now, 'exit');
    now.kill(crash);
    // What is frozen heeds nothing else but SIGKILL.
    signal(now, 'SIGCONT');
    await gone;
  };
  const dispose = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url,
    start,
    kill,
    freeze: () => signal(child, 'SIGSTOP'),
    thaw: () => signal(child, 'SIGCONT'),
    [Symbol.asyncDispose]: dispose,
  };
}
