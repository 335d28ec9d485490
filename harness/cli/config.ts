/**
 * The user's own settings: muster.config.ts, or another file by --config. Node loads it as it is. Every mistake is told
 * at once, with its path in the file and what is allowed there.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { Scenario } from '../model/scenario.ts';
import { configSchema } from './config-schema.ts';
import { UsageError } from './exit-codes.ts';

/** What `muster.config.ts` may export as default. All members are optional; flags override them. */
export type MusterConfig = Omit<z.input<typeof configSchema>, 'scenarios'> & {
  readonly scenarios?: readonly Scenario[];
};

export interface LoadedConfig {
  readonly config: MusterConfig;
  /** Where it came from; nothing when there is none. */
  readonly path?: string;
  /** What is wrong with it; then `config` is empty. */
  readonly problems: readonly string[];
}

/** The first that is there is loaded. */
export const DEFAULT_FILES: readonly string[] = [
  'muster.config.ts',
  'muster.config.mts',
  'muster.config.js',
  'muster.config.mjs',
];

export async function loadConfig(asked: string | undefined): Promise<LoadedConfig> {
  const path = asked ?? DEFAULT_FILES.find((file) => existsSync(file));
  if (path === undefined) return { config: {}, problems: [] };
  if (!existsSync(path)) throw new UsageError(`Failed to load the config "${path}": there is no such file`);
  let loaded: unknown;
  try {
    loaded = (await import(pathToFileURL(resolve(path)).href)).default;
  } catch (error) {
    const hint =
      error instanceof SyntaxError && /\.[tj]s$/.test(path)
        ? '. It is loaded as a module if it ends in .mts or .mjs, or if the package.json beside it has "type": "module"'
        : '';
    throw new UsageError(
      `Failed to load the config "${path}": ${error instanceof Error ? error.message : error}${hint}`,
    );
  }
  if (loaded === undefined) {
    throw new UsageError(
      `Failed to load the config "${path}": it has no default export. Write \`export default { … }\``,
    );
  }
  const parsed = configSchema.safeParse(loaded);
  if (!parsed.success) {
    const tell = ({ path: where, message }: z.core.$ZodIssue): string =>
      `${[path, where.map(String).join('.')].filter(Boolean).join(': ')}: ${message}`;
    return { config: {}, path, problems: parsed.error.issues.map(tell) };
  }
  // The schema has looked at every member; a script stays the function that it is.
  return { config: loaded as MusterConfig, path, problems: [] };
}

/** For those who need nothing but the config: throws when anything is wrong with it. */
export async function loadSoundConfig(asked: string | undefined): Promise<MusterConfig> {
  const { config, problems } = await loadConfig(asked);
  if (problems.length > 0) {
    throw new UsageError(`Failed to use the config:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  return config;
}
