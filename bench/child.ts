/**
 * Runs a file of this folder in a Node process of its own, so that what it uses is nobody else's; its last line is its
 * answer, in JSON. No child outlives the call.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Resolves when the child has ended; it must end by itself. `core`: the only one that it may have, where the system can say so. */
export async function askChild<T>(
  file: string,
  question: unknown,
  flags: readonly string[] = [],
  core?: string,
): Promise<T> {
  const child = spawn(...onCore(core, [...flags, fileOf(file), JSON.stringify(question)]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (code === 0 && last !== '') return JSON.parse(last) as T;
  throw new Error(`Failed to measure with bench/${file}: it ended with code ${code} and without an answer.`);
}

export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** For a child that serves until its standard input ends: its first line holds its URL. */
export const startServer = (file: string, question: unknown = {}, core?: string): Promise<Server> =>
  start([fileOf(file), JSON.stringify(question)], core);

/** A fixture of muster in a process of its own. */
export const startFixture = (name: string): Promise<Server> => start([fileOf('../fixtures/serve.ts'), name]);

/** The same program, and for `taskset` is replaced by it the same process, held to one core where the system can do that. */
export const pinned = (core: string | undefined, program: string, args: readonly string[]): [string, string[]] =>
  core === undefined || process.platform !== 'linux'
    ? [program, [...args]]
    : ['taskset', ['-c', core, program, ...args]];

const onCore = (core: string | undefined, args: readonly string[]): [string, string[]] =>
  pinned(core, process.execPath, args);

async function start(args: readonly string[], core?: string): Promise<Server> {
  const child = spawn(...onCore(core, args), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
  const [url] = /https?:\/\/[\w.:]+/.exec(String(line?.[0])) ?? [];
  if (url === undefined) throw new Error(`Failed to start ${args.join(' ')}: it ended before it told its URL.`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      stop(child);
      await ended;
    },
  };
}

export interface Talker extends AsyncDisposable {
  /** The next line that it prints, parsed. */
  readonly line: () => Promise<unknown>;
  /** Whatever it waits for. */
  readonly tell: () => void;
}

/** For a child that does several things, each when it is told to. */
export function startChild(file: string, question: unknown, core?: string): Talker {
  const child = spawn(...onCore(core, [fileOf(file), JSON.stringify(question)]), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`Failed to measure with bench/${file}: it ended before it answered.`);
      return JSON.parse(value);
    },
    tell: () => void child.stdin.write('\n'),
    async [Symbol.asyncDispose]() {
      stop(child);
      await ended;
    },
  };
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
