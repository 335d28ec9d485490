/** Builds the program that is all of a test cluster. Cold that takes both cores for minutes, so it is kept under .cache/ by what it was built from. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInherited } from './run-command.ts';

const SOURCES = fileURLToPath(new URL('cluster/', import.meta.url));
export const KUBERNETES_VERSION = '1.34.4';

/** Its path. */
export function buildCluster(root: string): string {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(SOURCES, name)));
  const path = join(root, '.cache', `cluster-${KUBERNETES_VERSION}-${hash.digest('hex').slice(0, 12)}`, 'cluster');
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // The parts hold the version against each other's, and tell it to whoever asks.
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const version = Object.entries({ gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor });
  const flags = ['-s', '-w', ...version.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)];
  const part = `${path}.part-${process.pid}`;
  runInherited('go', ['build', '-buildvcs=false', '-trimpath', `-ldflags=${flags.join(' ')}`, '-o', part, '.'], {
    cwd: SOURCES,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  renameSync(part, path);
  return path;
}
