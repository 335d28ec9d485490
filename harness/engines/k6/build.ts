/**
 * Builds our k6 from its published source, on the machine that uses it, for what links k6 falls under AGPL-3.0 and is not ours to
 * hand out. Whatever is missing is told with what to do about it, for most who come here have never seen Go.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from '../../model/reason-of.ts';
import { askK6 } from './find.ts';
import { cachedProgram, K6_VERSION, packageRoot } from './sources.ts';

const GO_MIN = [1, 25] as const;
const GET_GO = 'Get it from https://go.dev/dl, or as `golang-go` from your distribution if that is new enough';
const LOG_TAIL_LINES = 12;

/** k6 could not be built; the message says why and what to do. */
export class K6NotBuilt extends Error {
  override readonly name = 'K6NotBuilt';
}

export interface BuildK6Options {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly tell?: (line: string) => void;
}

/** The path of the program, which is built unless it is there already. */
export async function buildK6({
  root = packageRoot(),
  env = process.env,
  signal = new AbortController().signal,
  tell = () => {},
}: BuildK6Options = {}): Promise<string> {
  const program = cachedProgram(root);
  if (existsSync(program)) return program;
  const folder = join(root, 'k6');
  const go = { cwd: folder, env: { ...env, CGO_ENABLED: '0' }, signal };
  await checkGo(go);
  tell(`Building k6 ${K6_VERSION} with k6/x/a2a: some two minutes the first time.`);
  makeFolderFor(program);
  // Under a name of its own until it is whole: others may look for it, or build it, meanwhile.
  const fresh = `${program}.${process.pid}`;
  try {
    const built = await run(['build', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', fresh, '.'], go);
    if (built.code !== 0) throw new K6NotBuilt(problemOf(built.log));
    const answer = await askK6(fresh);
    if (typeof answer !== 'string') throw new K6NotBuilt(`Built a k6 that cannot be used: ${answer.message}.`);
    renameSync(fresh, program);
  } finally {
    rmSync(fresh, { force: true });
  }
  return program;
}

function makeFolderFor(program: string): void {
  try {
    mkdirSync(dirname(program), { recursive: true });
  } catch (error) {
    throw new K6NotBuilt(
      `Cannot build k6: ${dirname(program)} cannot be made (${reasonOf(error)}). Build it where you may write, with ` +
        `\`cd ${dirname(dirname(dirname(program)))}/k6 && CGO_ENABLED=0 go build -buildvcs=false -trimpath -o ~/k6 .\`, and set K6_BINARY to that.`,
    );
  }
}

interface GoOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

async function checkGo(options: GoOptions): Promise<void> {
  const wanted = GO_MIN.join('.');
  const { code, log } = await run(['env', 'GOVERSION'], options);
  if (code === undefined) {
    throw new K6NotBuilt(
      `Cannot build k6: there is no Go on the PATH. ${GET_GO} (${wanted} or later), and run this again.`,
    );
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/m.exec(log) ?? [];
  const isNewEnough = Number(major) > GO_MIN[0] || (Number(major) === GO_MIN[0] && Number(minor) >= GO_MIN[1]);
  if (code !== 0 || !isNewEnough) {
    const is = code === 0 ? `this is ${log.trim()}` : `\`go env\` said: ${tailOf(log)}`;
    throw new K6NotBuilt(`Cannot build k6: it needs Go ${wanted} or later, and ${is}. ${GET_GO}, and run this again.`);
  }
}

const OFFLINE =
  /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake timeout|module lookup disabled|proxyconnect/;

function problemOf(log: string): string {
  const why = OFFLINE.test(log)
    ? 'the sources of k6 could not be fetched. It takes a network, or a Go module proxy that has them (GOPROXY), the first time'
    : 'Go refused the sources';
  return `Failed to build k6 ${K6_VERSION}: ${why}. Go said:\n${tailOf(log)}`;
}

const tailOf = (log: string): string => log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');

/** No code where there is no Go. */
function run(
  args: readonly string[],
  { cwd, env, signal }: GoOptions,
): Promise<{ code: number | undefined; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const keep = (chunk: Buffer): void => {
      log = `${log}${chunk.toString()}`.slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve({ code: undefined, log }) : reject(error),
    );
    child.once('close', (code) => resolve({ code: code ?? 1, log }));
  });
}
