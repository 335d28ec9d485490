/**
 * A real Toxiproxy server to compare with: built once from its published source with Go, kept in .cache/, and gone when it is
 * disposed. Whoever has no Go is told so; with MUSTER_CI set that is a failure, for a skipped test would go unnoticed there.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';

/** .ci/run names it, too. */
const VERSION = '2.12.0';
const FOLDER = fileURLToPath(new URL(`../.cache/toxiproxy-${VERSION}`, import.meta.url));
const PROGRAM = join(FOLDER, process.platform === 'win32' ? 'server.exe' : 'server');
const SOURCE = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;
const BUILD_MS_MAX = 240_000;
const TRIES_MAX = 500;
const BETWEEN_TRIES_MS = 10;

export interface ToxiproxyServer extends AsyncDisposable {
  /** Of its HTTP API. */
  readonly url: string;
  readonly pid: number;
}

/** Why there is no server to be had; nothing where there is one, built now if it has to be. */
export function whyNoToxiproxy(): string | undefined {
  const missing = buildProblem();
  if (missing !== undefined && process.env['MUSTER_CI'] !== undefined) throw new Error(missing);
  return missing;
}

function buildProblem(): string | undefined {
  if (existsSync(PROGRAM)) return undefined;
  mkdirSync(FOLDER, { recursive: true });
  try {
    const env = { ...process.env, GOBIN: FOLDER };
    execFileSync('go', ['install', SOURCE], { env, timeout: BUILD_MS_MAX, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isMissing ? 'there is no Go' : String(error);
    return `Failed to build Toxiproxy ${VERSION}: ${why}. Install Go 1.23 or later, and try \`go install ${SOURCE}\`.`;
  }
}

export async function startToxiproxy(): Promise<ToxiproxyServer> {
  const port = await getPort();
  const child = spawn(PROGRAM, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => {
    try {
      return (await fetch(`${url}/version`)).ok;
    } catch {
      return false;
    }
  };
  for (let tries = 1; !(await answers()); tries += 1) {
    if (tries === TRIES_MAX || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`Failed to start Toxiproxy on port ${port}: it did not answer.`);
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
  }
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
