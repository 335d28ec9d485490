/** Finds the profile that was named: one of the user's config, one that muster brings along, or a file. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { reasonOf } from '../../model/reason-of.ts';
import type { MusterConfig } from '../config.ts';
import { type Profile, profileSchema } from './profile-schema.ts';

/** Beside the load script of k6, for both engines read the same files. They lie in the package as they are, compiled or not. */
const FOLDER = join(dirname(createRequire(import.meta.url).resolve('a2a-muster/package.json')), 'k6', 'profiles');

/** The load of a first minute. */
export const DEFAULT_PROFILE = 'smoke';

export const builtInProfiles = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();

/** Pushes what is wrong, all of it, each with its path; then there is no profile. */
export async function readProfile(
  asked: string,
  config: MusterConfig,
  problems: string[],
): Promise<Profile | undefined> {
  const own = config.load?.profiles?.[asked];
  // What is wrong with it was told with the rest of the config.
  if (own !== undefined) return profileSchema.safeParse(own).data;
  const names = builtInProfiles();
  const isFile = /[/\\]|\.json$/.test(asked);
  if (!isFile && !names.includes(asked)) {
    const there = [...Object.keys(config.load?.profiles ?? {}), ...names].join(', ');
    problems.push(`--profile: there is no "${asked}"; there are ${there}, and files, whose names end in .json`);
    return undefined;
  }
  const path = isFile ? asked : join(FOLDER, `${asked}.json`);
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    problems.push(`--profile: "${asked}" cannot be read: ${reasonOf(error)}`);
    return undefined;
  }
  const parsed = profileSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const tell = ({ path: where, message }: z.core.$ZodIssue): string =>
    `${[asked, where.map(String).join('.')].filter(Boolean).join(': ')}: ${message}`;
  problems.push(...parsed.error.issues.map(tell));
  return undefined;
}
