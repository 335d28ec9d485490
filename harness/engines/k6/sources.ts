/**
 * Which sources our k6 is built from, and where a program that was built from exactly these lies. A program is kept under a hash of
 * its sources, so that no run ever meets one of yesterday's.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const K6_VERSION = '2.2.0';
export const K6_EXTENSION = 'k6/x/a2a';
export const PROGRAM = process.platform === 'win32' ? 'k6.exe' : 'k6';

/** Where the package lies, whether it is run from its sources or compiled into dist/. */
export function packageRoot(from: string = fileURLToPath(import.meta.url)): string {
  const folder = dirname(from);
  if (folder === from) throw new Error(`Failed to find the folder of a2a-muster: no k6/go.mod above ${folder}.`);
  return existsSync(join(folder, 'k6', 'go.mod')) ? folder : packageRoot(folder);
}

/** Of the Go module, without its tests. */
export function sourceFiles(root: string): readonly string[] {
  const own = readdirSync(join(root, 'k6', 'a2a')).filter((name) => /(?<!_test)\.go$|\.json$/.test(name));
  return ['go.mod', 'go.sum', 'main.go', ...own.sort().map((name) => `a2a/${name}`)];
}

export function cachedProgram(root: string): string {
  const hash = createHash('sha256');
  for (const name of sourceFiles(root)) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, 'k6', name)))
      .update('\0');
  }
  return join(root, '.cache', `k6-${K6_VERSION}-${hash.digest('hex').slice(0, 12)}`, PROGRAM);
}
