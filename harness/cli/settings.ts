/** Flags and config become a plan. Every mistake is gathered and told at once, each with what is allowed. */

import { randomInt } from 'node:crypto';
import { fixtures } from '../../fixtures/table.ts';
import { scenarios as standardScenarios } from '../../scenarios/table.ts';
import { parseGate } from '../judge/gates.ts';
import type { Baseline } from '../model/baseline.ts';
import type { Fixture } from '../model/live.ts';
import { isOwnWord, type Phrasebook } from '../model/phrasebook.ts';
import { type Plan, type TargetPlan, TRANSPORT_CHOICES, type TransportChoice } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { DEFAULT_LIMITS, DEFAULT_PHRASEBOOK, DEFAULT_POLICY } from '../plan/defaults.ts';
import { makePlan, type PlanInput } from '../plan/make-plan.ts';
import { keepOnly, readOnly } from '../plan/only.ts';
import type { PlanArguments } from './arguments.ts';
import { readBaseline } from './baseline-file.ts';
import { loadConfig, type MusterConfig } from './config.ts';
import { UsageError } from './exit-codes.ts';
import { flagsOf, quote } from './flags.ts';
import { DEFAULT_FIXTURE } from './live.ts';
import { modeOf } from './mode.ts';
import { noSuchFixture, noSuchName } from './no-such-name.ts';
import { readPhrasebook } from './phrasebook.ts';
import { defined, portsOf, warnOfPorts } from './ports-settings.ts';
import { readUsers, type UsersFile } from './users-file.ts';
import { VERSION } from './version.ts';

const USERS_MAX = 10_000;

type Problems = string[];

export async function planFrom(args: PlanArguments): Promise<Plan> {
  const problems: Problems = [];
  const settled = await settle(args, problems);
  // Scenarios of a config that cannot be used are not there; that is not what is wrong with their names.
  const named = scenariosOf(args.scenario ?? [], settled.config, settled.sound ? problems : []);
  const scenarios = named.filter(
    (each) => args.scenario?.includes(each.name) || wordsMissing(each, settled.input.phrasebook).length === 0,
  );
  if (scenarios.length === 0 && named.length > 0) {
    const missing = new Set(named.flatMap((each) => wordsMissing(each, settled.input.phrasebook)));
    problems.push(
      `scenario: the phrasebook of this agent has none of the words that they need: ${[...missing].join(', ')}`,
    );
  }
  const users = usersOf(args, settled.usersFile, problems);
  if (args.rate !== undefined && !(args.rate > 0 && args.rate <= 10_000)) {
    problems.push(`--rate: ${args.rate} is not a number of users per second above 0 and up to 10000`);
  }
  throwIfAny(problems);
  warnOfPorts(settled.input.ports);
  const whole = makePlan({
    ...settled.input,
    scenarios,
    // A replay shows what is wrong, accepted or not, and needs no file to do it.
    flags: [...flagsOf(args), ...noBaseline(settled.config)],
    scenario_names: (args.scenario ?? []).map(quote),
    ...(users === undefined ? {} : { users }),
    ...(args.rate === undefined ? {} : { load: { shape: 'constant', rate_per_s: args.rate } }),
  });
  return args.only === undefined ? whole : madeSmaller(whole, args.only);
}

/** What flags and config say for every plan, whatever it is of. */
export interface Settled {
  readonly config: MusterConfig;
  /** Whether the config could be used. */
  readonly sound: boolean;
  readonly usersFile: UsersFile | undefined;
  readonly input: Omit<PlanInput, 'scenarios' | 'flags' | 'scenario_names' | 'users' | 'load'>;
}

export async function settle(args: PlanArguments, problems: Problems): Promise<Settled> {
  const { config, path, problems: wrong } = await loadConfig(args.config);
  problems.push(...wrong);
  const target = targetOf(args, config, problems);
  const fixture = target.kind === 'fixture' ? fixtures.find(({ name }) => name === target.name) : undefined;
  const usersPath = args.usersFile ?? (args.identity === undefined ? config.usersFile : undefined);
  const usersFile = usersPath === undefined ? undefined : await readUsers(usersPath, problems);
  const identity = identityOf(args, config, usersPath, fixture !== undefined, problems);
  const phrasebook = await phrasebookOf(args, config, fixture, problems);
  const transport = transportOf(args.transport ?? config.transport, problems);
  const mode = modeOf({ args, config, target, fixture, ...(transport && { transport }) }, problems);
  const toxiproxy = toxiproxyOf(args.toxiproxy ?? config.toxiproxy, problems);
  const gates = [...(config.gates ?? []), ...(args.gate ?? [])];
  checkGates(args.gate ?? [], problems);
  const baseline = await baselineOf(args, config, problems);
  const ports = portsOf(args, config, problems);
  const seed = args.seed ?? randomInt(0x7fffffff);
  if (!Number.isSafeInteger(seed) || seed < 0) problems.push('--seed: it is not a whole number from 0 up');
  return {
    config,
    sound: wrong.length === 0,
    usersFile,
    input: {
      muster: VERSION,
      seed,
      target,
      ...mode,
      ...(args.allowFaults === true ? { allow_faults: true } : {}),
      phrasebook,
      identity,
      policy: { ...DEFAULT_POLICY, ...fixture?.policy, ...defined(config.policy ?? {}) },
      limits: { ...DEFAULT_LIMITS, ...defined(config.limits ?? {}) },
      ports,
      gates,
      ...(baseline === undefined ? {} : { baseline }),
      ...(transport === undefined ? {} : { transport }),
      ...(toxiproxy === undefined ? {} : { toxiproxy }),
      ...(path === undefined ? {} : { config: path }),
    },
  };
}

/** Tells all of them at once. */
export function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0)
    throw new UsageError(`Failed to make a plan:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

export const noBaseline = ({ baseline }: MusterConfig): readonly string[] =>
  baseline === undefined ? [] : ['--no-baseline'];

function madeSmaller(plan: Plan, text: string): Plan {
  const [scenario, ...others] = plan.scenarios;
  if (scenario === undefined || others.length > 0) {
    throw new UsageError('Failed to make a plan:\n  --only: it is part of one scenario, so name that one');
  }
  const problems: Problems = [];
  const only = readOnly(text, scenario, problems);
  if (problems.length > 0) {
    throw new UsageError(`Failed to make a plan:\n${problems.map((line) => `  --only: ${line}`).join('\n')}`);
  }
  return { ...plan, scenarios: [keepOnly(scenario, only)] };
}

function targetOf(args: PlanArguments, config: MusterConfig, problems: Problems): TargetPlan {
  const flags = [args.fixture, args.command, args.url].filter((flag) => flag !== undefined);
  if (flags.length > 1) problems.push('--fixture, --command, --url: name one agent, not several');
  const fromFlags = flags.length > 0;
  if (args.socketActivation === true && (args.fixture ?? args.url) !== undefined) {
    problems.push(
      '--socket-activation: it is for --command; a fixture needs no flag, and a URL has its socket already',
    );
  }
  const command = args.command ?? (fromFlags ? undefined : config.command);
  const url = args.url ?? (fromFlags ? undefined : config.url);
  if (command !== undefined) {
    if (command.trim() === '')
      problems.push("--command: it is empty; give what starts your agent, such as 'node agent.js'");
    const activated = args.socketActivation ?? config.socketActivation ?? false;
    return { kind: 'command', command, ...(activated ? { socket_activation: true } : {}) };
  }
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      problems.push(`--url: "${url}" is no http:// or https:// URL`);
    }
    return { kind: 'url', url };
  }
  const name = args.fixture ?? DEFAULT_FIXTURE;
  if (!fixtures.some((fixture) => fixture.name === name)) {
    problems.push(`--fixture: ${noSuchFixture(name)}`);
  }
  return { kind: 'fixture', name };
}

function identityOf(
  args: PlanArguments,
  config: MusterConfig,
  usersPath: string | undefined,
  isFixture: boolean,
  problems: Problems,
): Plan['identity'] {
  if (usersPath !== undefined) {
    if (args.identity !== undefined) problems.push('--identity, --users-file: give one of the two');
    return { kind: 'users-file', path: usersPath };
  }
  const asked = args.identity ?? config.identity ?? (isFixture ? 'bearer' : 'anonymous');
  if (asked === 'bearer' || asked === 'anonymous') return { kind: asked };
  problems.push(`--identity: "${asked}" is unknown; allowed are anonymous and bearer`);
  return { kind: 'anonymous' };
}

async function phrasebookOf(
  args: PlanArguments,
  config: MusterConfig,
  fixture: Fixture | undefined,
  problems: Problems,
): Promise<Phrasebook> {
  const asked = args.phrasebook;
  const named = fixtures.find(({ name }) => name === asked)?.phrasebook;
  const fromFlag = asked === undefined ? {} : (named ?? (await readPhrasebook(asked, problems)));
  const configured = (config.phrasebook ?? {}) as Phrasebook;
  return { ...DEFAULT_PHRASEBOOK, ...fixture?.phrasebook, ...configured, ...fromFlag };
}

function transportOf(asked: string | undefined, problems: Problems): TransportChoice | undefined {
  const transport = TRANSPORT_CHOICES.find((each) => each === asked);
  if (asked !== undefined && transport === undefined) {
    problems.push(`--transport: "${asked}" is unknown; allowed are ${TRANSPORT_CHOICES.join(', ')}`);
  }
  return transport;
}

function toxiproxyOf(asked: string | undefined, problems: Problems): string | undefined {
  if (asked !== undefined && !/^https?:$/.test(URL.parse(asked)?.protocol ?? '')) {
    problems.push(
      `--toxiproxy: "${asked}" is no http:// or https:// URL; give that of its API, as http://127.0.0.1:8474`,
    );
  }
  return asked;
}

const namesOf = (all: readonly Scenario[]): readonly string[] => [
  ...new Set(all.flatMap(({ name, family }) => [name, family])),
];

function scenariosOf(names: readonly string[], config: MusterConfig, problems: Problems): readonly Scenario[] {
  const all = [...standardScenarios, ...(config.scenarios ?? [])];
  const twice = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) !== index);
  for (const { name } of twice) problems.push(`scenarios: "${name}" is there twice; give yours another name`);
  if (names.length === 0) return all.filter(({ onlyNamed }) => !onlyNamed);
  const named = names.flatMap((name) => {
    const found = all.filter((each) => isMeant(name, each));
    if (found.length === 0) problems.push(`scenario: ${noSuchName(name, namesOf(all))}`);
    return found;
  });
  return [...new Set(named)];
}

/** Words that only some agents have are no lack of all others. */
const wordsMissing = ({ needs }: Scenario, phrasebook: Phrasebook): readonly string[] =>
  needs.filter((word) => isOwnWord(word) && phrasebook[word] === undefined);

/** By its own name, by its family's, or by a pattern in which `*` stands for anything. */
function isMeant(words: string, { name, family }: Scenario): boolean {
  if (!words.includes('*')) return words === name || words === family;
  const pattern = words.replaceAll(/[^\w*-]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(name);
}

function checkGates(gates: readonly string[], problems: Problems): void {
  for (const gate of gates) {
    try {
      parseGate(gate);
    } catch (error) {
      problems.push(`--gate: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function baselineOf(
  args: PlanArguments,
  config: MusterConfig,
  problems: Problems,
): Promise<Baseline | undefined> {
  const path = args.baseline ?? config.baseline;
  if (path === undefined || path === false) return undefined;
  return { path, findings: await readBaseline(path, problems) };
}

function usersOf(args: PlanArguments, file: UsersFile | undefined, problems: Problems): number | undefined {
  const { users } = args;
  if (users !== undefined && !(Number.isInteger(users) && users >= 1 && users <= USERS_MAX)) {
    problems.push(`--users: ${users} is not a whole number from 1 to ${USERS_MAX}`);
  }
  if (file !== undefined && users !== undefined && users > file.length) {
    problems.push(`--users: ${users} are more than the ${file.length} of the users file`);
  }
  return users ?? file?.length;
}
