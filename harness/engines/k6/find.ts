/**
 * Finds a k6 that can run our load script: the one that K6_BINARY names, the one that was built here, or one on the PATH. Each is asked
 * what it is before it is trusted, for a k6 without the extension, or of another version, fails in ways that nobody understands.
 */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '../../model/reason-of.ts';
import { cachedProgram, K6_EXTENSION, K6_VERSION, PROGRAM, packageRoot } from './sources.ts';

const ANSWER_MS_MAX = 20_000;
const SERIES = K6_VERSION.split('.').slice(0, 2).join('.');
export const K6_REMEDY =
  'Let muster build one with `muster load --engine k6 --build-k6`, which takes Go and two minutes once, ' +
  'or set K6_BINARY to one that has it. Everything but `--engine k6` works without.';

export interface FoundK6 {
  readonly found: true;
  readonly path: string;
  /** As `2.2.0`. */
  readonly version: string;
  readonly from: 'K6_BINARY' | 'cache' | 'PATH';
}

export interface NoK6 {
  readonly found: false;
  readonly reason: 'missing' | 'not-runnable' | 'other-version' | 'without-extension';
  readonly message: string;
}

type Refusal = Omit<NoK6, 'found'>;

export interface FindK6Options {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly root?: string;
}

export async function findK6({ env = process.env, root = packageRoot() }: FindK6Options = {}): Promise<FoundK6 | NoK6> {
  const named = env['K6_BINARY'];
  if (named !== undefined && named !== '') {
    const answer = isFile(named)
      ? await askK6(named)
      : { reason: 'missing' as const, message: 'there is no such file' };
    return typeof answer === 'string'
      ? { found: true, path: named, version: answer, from: 'K6_BINARY' }
      : { found: false, ...answer, message: `Cannot use K6_BINARY=${named}: ${answer.message}. ${K6_REMEDY}` };
  }
  const cached = cachedProgram(root);
  const candidates = [
    { path: cached, from: 'cache' as const },
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => ({ path: join(folder, PROGRAM), from: 'PATH' as const })),
  ].filter(({ path }) => isFile(path));
  const refusals: { readonly path: string; readonly refusal: Refusal }[] = [];
  for (const { path, from } of candidates) {
    const answer = await askK6(path);
    if (typeof answer === 'string') return { found: true, path, version: answer, from };
    refusals.push({ path, refusal: answer });
  }
  const [first] = refusals;
  const looked = refusals.map(({ path, refusal }) => `${path}: ${refusal.message}`).join('; ');
  return first === undefined
    ? {
        found: false,
        reason: 'missing',
        message: `Cannot find k6: it is neither in ${cached} nor on the PATH. ${K6_REMEDY}`,
      }
    : {
        found: false,
        reason: first.refusal.reason,
        message: `Cannot find a k6 with ${K6_EXTENSION} (${looked}). ${K6_REMEDY}`,
      };
}

/** Not a folder: there is one that is called k6 beside every package.json of muster. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The version of a k6 that will do, or why this one will not. */
export async function askK6(path: string): Promise<string | Refusal> {
  let told: string;
  try {
    const env = { ...process.env, K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_NO_USAGE_REPORT: 'true' };
    told = (await promisify(execFile)(path, ['version'], { env, timeout: ANSWER_MS_MAX })).stdout;
  } catch (error) {
    return { reason: 'not-runnable', message: `\`${path} version\` failed (${reasonOf(error).split('\n')[0]})` };
  }
  // It goes by the name of its file.
  const version = /^\S+ v(\d+\.\d+\.\d+)\S* \(/m.exec(told)?.[1];
  if (version === undefined) {
    return { reason: 'not-runnable', message: `\`${path} version\` does not say which k6 it is` };
  }
  if (!version.startsWith(`${SERIES}.`)) {
    return { reason: 'other-version', message: `it is k6 ${version}, and muster speaks to k6 ${SERIES}` };
  }
  return told.includes(K6_EXTENSION)
    ? version
    : { reason: 'without-extension', message: `it is a k6 ${version} without ${K6_EXTENSION}` };
}
