/** A replica of the agent `production` in a process of its own, which dies with the test that started it, and its every word is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import getPort from 'get-port';
import { ROOT } from '../muster.ts';

const MAIN = join(ROOT, 'fixtures/agents/production/main.ts');
const TRIES_MAX = 400;
const BETWEEN_TRIES_MS = 25;

export type Env = Readonly<Record<string, string>>;

export interface Replica extends AsyncDisposable {
  readonly url: string;
  /** Everything that it has printed in all its lives. */
  printed(): string;
  kill(): Promise<void>;
  /** SIGTERM; gives its exit code. */
  stop(): Promise<number | null>;
  /** Once more, on the same port; resolves when it is ready. */
  start(): Promise<void>;
  /** What it says on one of its own paths. */
  ask(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

export const run = (env: Env): ChildProcess =>
  spawn(process.execPath, [MAIN], { env: { ...cleanEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });

/** What the machine's own environment says of databases is not meant for these. */
function cleanEnv(): Record<string, string | undefined> {
  const { DATABASE_URL: _, REDIS_URL: __, PUBLIC_URL: ___, ...env } = process.env;
  return env;
}

export async function startReplica(env: Env): Promise<Replica> {
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  let printed = '';
  let child: ChildProcess | undefined;
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const now = child;
    child = undefined;
    if (now === undefined || now.exitCode !== null || now.signalCode !== null) return now?.exitCode ?? null;
    const gone = once(now, 'exit');
    now.kill(signal);
    await gone;
    return now.exitCode;
  };
  const start = async (): Promise<void> => {
    const now = run({ ...env, PORT: String(port) });
    child = now;
    for (const stream of [now.stdout, now.stderr])
      stream?.on('data', (chunk) => {
        printed += chunk;
      });
    for (let tries = 1; ; tries += 1) {
      const answer = await ask('/health/ready').catch(() => undefined);
      if (answer?.status === 200) return;
      if (tries === TRIES_MAX || now.exitCode !== null)
        throw new Error(`The replica is not ready. It said: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  };
  const replica: Replica = {
    url,
    printed: () => printed,
    ask,
    start,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
  try {
    await start();
    return replica;
  } catch (error) {
    await replica.kill();
    throw error;
  }
}
