/**
 * The user's own settings: muster.config.ts, or another file by --config. Node loads it as it is. Every mistake is told
 * at once, with its path in the file and what is allowed there.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Scenario } from '../model/scenario.ts';
import { UsageError } from './exit-codes.ts';
import { BEHAVIOURS, phrasebookSchema } from './phrasebook.ts';

const milliseconds = z.number().positive().max(3_600_000);
const port = z.number().int().min(1024).max(65_535);

const fault = z.looseObject({
  fault: z.enum(['kill', 'freeze', 'down', 'latency', 'cut']),
  target: z.enum(['agent', 'peer']),
  begins: z.union([
    z.strictObject({ at_ms: z.number().nonnegative() }),
    z.strictObject({ after_stream_events: z.number().int().positive() }),
  ]),
  for_ms: milliseconds,
});

const scenario = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be kebab-case, such as "many-users"'),
  title: z.string().min(1),
  family: z.enum(['concurrent users', 'port exhaustion', 'recovery', 'peer failure']),
  needs: z.array(z.enum(BEHAVIOURS)),
  capabilities: z.array(z.enum(['streaming', 'pushNotifications'])).optional(),
  identities: z.boolean().optional(),
  blocks: z.number().int().positive().optional(),
  process: z.literal('own').optional(),
  users: z.number().int().min(1).max(10_000),
  devices: z.number().int().min(1).max(16).optional(),
  load: z.discriminatedUnion('shape', [
    z.strictObject({ shape: z.literal('closed') }),
    z.strictObject({ shape: z.literal('constant'), rate_per_s: z.number().positive() }),
    z.strictObject({ shape: z.literal('ramp'), from_per_s: z.number().positive(), to_per_s: z.number().positive() }),
  ]),
  faults: z.array(fault).optional(),
  mustExercise: z.array(z.string()),
  script: z.function(),
});

const schema = z.strictObject({
  command: z.string().min(1).optional(),
  url: z.url().optional(),
  transport: z.enum(['jsonrpc', 'rest', 'grpc']).optional(),
  identity: z.enum(['anonymous', 'bearer']).optional(),
  usersFile: z.string().optional(),
  phrasebook: phrasebookSchema.optional(),
  gates: z.array(z.string()).optional(),
  policy: z
    .strictObject({
      answer_ms_max: milliseconds,
      cancel_ms_max: milliseconds,
      stream_close_ms_max: milliseconds,
      settle_ms_max: milliseconds,
      recovery_ms_max: milliseconds,
      harness_lag_ms_max: milliseconds,
    })
    .partial()
    .optional(),
  limits: z
    .strictObject({
      in_flight_max: z.number().int().positive(),
      answer_bytes_max: z.number().int().positive(),
      stream_events_max: z.number().int().positive(),
      scenario_ms_max: milliseconds,
      ready_ms_max: milliseconds,
    })
    .partial()
    .optional(),
  ports: z
    .strictObject({
      from: z.enum(['range', 'os']),
      first: port,
      last: port,
      block: z.number().int().min(1).max(100),
      spacing: z.number().int().min(1).max(1000),
      exclude: z.array(z.number().int()),
    })
    .partial()
    .optional(),
  scenarios: z.array(scenario).optional(),
});

/** What `muster.config.ts` may export as default. All members are optional; flags override them. */
export type MusterConfig = Omit<z.input<typeof schema>, 'scenarios'> & {
  readonly scenarios?: readonly Scenario[];
};

export interface LoadedConfig {
  readonly config: MusterConfig;
  /** Where it came from; nothing when there is none. */
  readonly path?: string;
}

const DEFAULT_FILES = ['muster.config.ts', 'muster.config.mts', 'muster.config.js', 'muster.config.mjs'];

export async function loadConfig(asked: string | undefined): Promise<LoadedConfig> {
  const path = asked ?? DEFAULT_FILES.find((file) => existsSync(file));
  if (path === undefined) return { config: {} };
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
  const parsed = schema.safeParse(loaded);
  if (!parsed.success) {
    throw new UsageError(`Failed to use the config "${path}":\n${listProblems(parsed.error)}`);
  }
  // The schema has looked at every member; a script stays the function that it is.
  return { config: loaded as MusterConfig, path };
}

function listProblems(error: z.ZodError): string {
  return error.issues
    .map((issue) => `  ${issue.path.map(String).join('.') || '(the whole file)'}: ${issue.message}`)
    .join('\n');
}
