/**
 * `muster init`: reads an agent's card, tries what it can be asked to do, and writes a config with which `muster run` works at once.
 * It never overwrites a config unasked.
 */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fixtures } from '../../fixtures/table.ts';
import { AgentStartError } from '../agents/agent-errors.ts';
import { reasonOf } from '../model/reason-of.ts';
import { DEFAULT_FILES, loadSoundConfig } from './config.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { quote } from './flags.ts';
import { configText } from './init/config-text.ts';
import { discover } from './init/discover.ts';
import type { Discovery } from './init/findings.ts';
import { reportOf } from './init/report.ts';
import { untilInterrupted } from './interrupt.ts';
import { noSuchFixture } from './no-such-name.ts';
import { readUsers } from './users-file.ts';
import { withAgent } from './with-agent.ts';

export interface InitArguments {
  readonly url?: string | undefined;
  readonly command?: string | undefined;
  readonly fixture?: string | undefined;
  readonly usersFile?: string | undefined;
  readonly out?: string | undefined;
  readonly force: boolean;
}

/** Always a module, whatever the package.json beside it says. */
const NEW_FILE = 'muster.config.mts';

export async function init(args: InitArguments): Promise<number> {
  const problems: string[] = [];
  const target = targetOf(args, problems);
  const path = pathOf(args, problems);
  const users = args.usersFile === undefined ? [] : ((await readUsers(args.usersFile, problems)) ?? []);
  if (target === undefined || problems.length > 0) {
    throw new UsageError(`Failed to make a config:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  using interrupted = untilInterrupted();
  const { signal } = interrupted;
  const found = await withAgent(target, { user: 'init', signal }, (agent) =>
    discover({
      agent,
      target,
      users: users.map(({ headers }) => headers),
      ...(args.usersFile === undefined ? {} : { usersFile: args.usersFile }),
      signal,
    }),
  ).catch((error: unknown) => {
    throw error instanceof AgentStartError ? new UsageError(error.message, { cause: error }) : error;
  });
  if (signal.aborted) return EXIT.interrupted;
  await writeFile(path, configText(found, { typed: /\.m?ts$/.test(path) })).catch((error: unknown) => {
    throw new UsageError(
      `Failed to write the config to "${path}": ${reasonOf(error)}. Name another file with --out FILE`,
    );
  });
  // What muster wrote it must be able to read.
  await loadSoundConfig(path);
  const flags = [
    ...(target.kind === 'fixture' ? ['--fixture', quote(target.value)] : []),
    ...(DEFAULT_FILES.includes(path) ? [] : ['--config', quote(path)]),
  ];
  process.stdout.write(`${reportOf(found, path, ['npx muster run', ...flags].join(' ')).join('\n')}\n`);
  return 0;
}

function targetOf({ url, command, fixture }: InitArguments, problems: string[]): Discovery['target'] | undefined {
  const named = Object.entries({ url, command, fixture }).flatMap(([kind, value]) =>
    value === undefined ? [] : [{ kind: kind as Discovery['target']['kind'], value }],
  );
  const [target] = named;
  if (target === undefined || named.length > 1) {
    problems.push("--url, --command, --fixture: name one agent, such as --command 'python agent.py'");
    return undefined;
  }
  if (target.kind === 'fixture' && !fixtures.some(({ name }) => name === target.value)) {
    problems.push(`--fixture: ${noSuchFixture(target.value)}`);
  }
  return target;
}

function pathOf({ out, force }: InitArguments, problems: string[]): string {
  const there = out === undefined ? DEFAULT_FILES.find((file) => existsSync(file)) : existsSync(out) ? out : undefined;
  if (there !== undefined && !force) {
    problems.push(`"${there}" is there already: --force overwrites it, and --out FILE writes another one`);
  }
  if (out !== undefined && !/\.m?[tj]s$/.test(out)) {
    problems.push(`--out: "${out}" is no config that Node loads; it ends in .mts, .ts, .mjs or .js`);
  }
  return out ?? there ?? NEW_FILE;
}
