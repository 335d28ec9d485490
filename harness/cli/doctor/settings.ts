/** The flags of `muster doctor` as settings. Every mistake is told at once, before anybody is asked anything. */

import type { Argv } from 'yargs';
import { findFixture } from '../../../fixtures/table.ts';
import { cardUrl } from '../../agents/connect-url.ts';
import type { PortsPlan } from '../../model/plan.ts';
import { DEFAULT_PHRASEBOOK } from '../../plan/defaults.ts';
import { AGENT_OPTIONS, PORT_OPTIONS } from '../arguments.ts';
import { loadConfig } from '../config.ts';
import { UsageError } from '../exit-codes.ts';
import { noSuchFixture } from '../no-such-name.ts';
import { portsOf } from '../ports-settings.ts';
import { readUsers, type UsersFile } from '../users-file.ts';
import type { NamedAgent } from '../with-agent.ts';

export interface DoctorArguments {
  readonly agent?: string | undefined;
  readonly url?: string | undefined;
  readonly command?: string | undefined;
  readonly fixture?: string | undefined;
  readonly usersFile?: string | undefined;
  readonly json: boolean;
  readonly html?: string | undefined;
  readonly ports?: string | undefined;
  readonly excludePorts?: string | undefined;
  readonly config?: string | undefined;
}

export interface DoctorSettings {
  /** Nothing where only the machine is looked at. */
  readonly target?: NamedAgent;
  readonly phrase: string;
  readonly users: UsersFile;
  readonly ports: PortsPlan;
}

export function doctorArguments<T>(yargs: Argv<T>) {
  const { url, command, fixture } = AGENT_OPTIONS;
  return yargs
    .positional('agent', {
      type: 'string',
      describe: 'the URL of a deployed agent; without any agent, the machine only',
    })
    .options({ url, command, fixture, 'users-file': AGENT_OPTIONS['users-file'] })
    .option('json', { type: 'boolean', default: false, describe: 'for programs, in place of the text' })
    .option('html', { type: 'string', describe: 'a file to write as a page to read, too' })
    .options(PORT_OPTIONS);
}

export async function doctorSettings(args: DoctorArguments): Promise<DoctorSettings> {
  const { config, problems: wrong } = await loadConfig(args.config);
  const problems = [...wrong];
  const target = targetOf(args, problems);
  const ports = portsOf(args, config, problems);
  const users = args.usersFile === undefined ? [] : ((await readUsers(args.usersFile, problems)) ?? []);
  if (args.usersFile !== undefined && target === undefined) problems.push('--users-file: name an agent, too');
  if (problems.length > 0) {
    throw new UsageError(`Failed to examine anything:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  const own = target?.kind === 'fixture' ? findFixture(target.value)?.phrasebook : undefined;
  const phrase = (own ?? config.phrasebook)?.short?.text ?? DEFAULT_PHRASEBOOK.short?.text ?? '{token}';
  return { ...(target && { target }), phrase, users, ports };
}

function targetOf({ agent, url, command, fixture }: DoctorArguments, problems: string[]): NamedAgent | undefined {
  const named = (
    [
      ['url', agent],
      ['url', url],
      ['command', command],
      ['fixture', fixture],
    ] as const
  ).flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, value }]));
  const [target] = named;
  if (named.length > 1) problems.push('--url, --command, --fixture: name one agent at a time');
  if (target?.kind === 'url' && cardUrl(target.value) === undefined) {
    problems.push(
      `"${target.value}" is no address that muster can ask: give one with http:// or https:// and without a password, or a --command or a --fixture`,
    );
  }
  if (target?.kind === 'command' && target.value.trim() === '') {
    problems.push("--command: it is empty; give what starts your agent, such as 'python agent.py'");
  }
  if (target?.kind === 'fixture' && findFixture(target.value) === undefined) {
    problems.push(`--fixture: ${noSuchFixture(target.value)}`);
  }
  return target;
}
