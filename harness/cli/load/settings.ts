/**
 * Flags, a profile and the config become the plan of a load, in this order of precedence. Every mistake is told at once; a host that
 * nobody has named and a cap that would be broken are mistakes, too, so nothing is sent before all of that is settled.
 */
import { isIP } from 'node:net';
import { LOAD_CHECKS, LOAD_ENGINES, type LoadCaps, type LoadPlan, type MixPart } from '../../model/load.ts';
import type { Plan, TargetPlan } from '../../model/plan.ts';
import { reasonOf } from '../../model/reason-of.ts';
import { hostProblem, isAllowedHost } from '../../plan/allowed-hosts.ts';
import { lengthOf } from '../../plan/due-times.ts';
import type { KneeQuestion } from '../../plan/knee-search.ts';
import { capProblems, DEFAULT_CAPS } from '../../plan/load-caps.ts';
import { LOAD_SCRIPTS } from '../../plan/load-scripts.ts';
import { demandOf } from '../../plan/make-load.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { MusterConfig } from '../config.ts';
import { defined } from '../ports-settings.ts';
import { noBaseline, type Settled, settle, throwIfAny } from '../settings.ts';
import type { LoadArguments } from './arguments.ts';
import { dealProblems, shardOf } from './deal.ts';
import { loadFlags } from './flags.ts';
import { loadScenario } from './load-scenario.ts';
import { parseAbort } from './parse-abort.ts';
import { type CapsInProfile, capsSchema, type Profile, type ShapeInProfile, USERS_MAX } from './profile-schema.ts';
import { DEFAULT_PROFILE, readProfile } from './profiles.ts';
import { readTime, shapeFrom } from './shape-flags.ts';
import { shapeOf } from './shape-of.ts';

const USERS = 100;
const OBJECTIVE_MS = 1_000;
const STALL_MS = 5_000;
const DROPPED_PERCENT_MAX = 1;
const SAMPLE_EVERY = 10;
const WORKERS_MAX = 64;
/** For agents to boot, the last answers to come, and tasks to be read back. */
const AROUND_MS = 60_000;

export interface KneeSettings {
  readonly question: KneeQuestion;
  readonly each_ms: number;
  readonly pause_ms: number;
  readonly for_ms: number;
}

export interface LoadSettings {
  /** Of a search for the knee: of a try at its highest rate. */
  readonly plan: Plan & { readonly load: LoadPlan };
  readonly knee?: KneeSettings;
}

export async function planLoadFrom(args: LoadArguments): Promise<LoadSettings> {
  const problems: string[] = [];
  const settled = await settle(shared(args), problems);
  const { config, input } = settled;
  const asksForShape = args.rate !== undefined || args.atOnce !== undefined || args.findKnee === true;
  const name = args.profile ?? (asksForShape ? undefined : DEFAULT_PROFILE);
  const profile = name === undefined ? undefined : await readProfile(name, config, problems);
  const shape = shapeFrom(args, profile?.load, problems);
  const knee = shape?.shape === 'knee' ? kneeOf(shape) : undefined;
  const users = usersOf(args, profile, shape, settled, problems);
  const load = loadOf({ args, profile, name, shape, config, target: input.target }, problems);
  const gates = [...(profile?.gates ?? []), ...input.gates];
  if (knee !== undefined && gates.length === 0) {
    problems.push(
      "--find-knee: the knee is the highest rate that keeps the gates; give one, such as --gate 'p95_ms < 500'",
    );
  }
  // What is wrong with its parts has been told; held against caps they would only be told again.
  if (problems.length === 0 && load !== undefined) {
    problems.push(...capProblems({ ...load, users }), ...dealProblems(load, users), ...kneeProblems(knee, load.caps));
  }
  throwIfAny(problems);
  if (load === undefined) throw new Error('A load without a mistake has a shape');
  const lasts_ms = lengthOf(load.demand) + input.policy.answer_ms_max + input.policy.settle_ms_max + AROUND_MS;
  const plan = makePlan({
    ...input,
    gates,
    limits: {
      ...input.limits,
      ...defined({ in_flight_max: args.inFlight }),
      scenario_ms_max: Math.max(input.limits.scenario_ms_max, lasts_ms),
    },
    scenarios: [loadScenario(profile?.title, load.mix, users)],
    flags: [...loadFlags(args), ...noBaseline(config)],
    scenario_names: [],
  });
  return { plan: { ...plan, load }, ...(knee === undefined ? {} : { knee }) };
}

/** What is settled as for every plan; a load has its own rate. */
const shared = ({ rate: _, users: __, ...args }: LoadArguments) => args;

interface Given {
  readonly args: LoadArguments;
  readonly profile: Profile | undefined;
  readonly name: string | undefined;
  readonly shape: ShapeInProfile | undefined;
  readonly config: MusterConfig;
  readonly target: TargetPlan;
}

/** Nothing where there is no shape, which was told. */
function loadOf({ args, profile, name, shape, config, target }: Given, problems: string[]): LoadPlan | undefined {
  const arrivals = oneOf('--arrivals', args.arrivals, ['even', 'poisson'], problems) ?? profile?.arrivals ?? 'even';
  const engine = oneOf('--engine', args.engine, LOAD_ENGINES, problems) ?? 'node';
  const checks = checksOf(engine, args, profile, problems);
  const abort = (args.abort ?? []).flatMap((text) => {
    try {
      return [parseAbort(text)];
    } catch (error) {
      problems.push(`--abort: ${reasonOf(error)}`);
      return [];
    }
  });
  const shard = shardOf(args.shard, problems);
  const allowed_hosts = hostsOf(args, config, target, problems);
  const mix = mixOf(args.mix, profile?.mix, problems);
  const caps = capsOf(args, [capsIn(config), profile?.caps], problems);
  const objective_ms = readTime(args.objective, '--objective', problems) ?? profile?.objective ?? OBJECTIVE_MS;
  const stall_ms = readTime(args.stall, '--stall', problems) ?? profile?.stall ?? STALL_MS;
  const workers = wholeNumber('--workers', args.workers, WORKERS_MAX, problems) ?? 1;
  wholeNumber('--in-flight', args.inFlight, 1_000_000, problems);
  const connections_max = wholeNumber('--connections', args.connections, 1_000_000, problems);
  const strange = (args.sourceAddress ?? []).filter((address) => isIP(address) === 0);
  problems.push(...strange.map((each) => `--source-address: "${each}" is no IP address; give one of this machine's`));
  if (shape === undefined) return undefined;
  const constant = { shape: 'constant', rate_per_s: 0, for: 0 } as const;
  const asLoad =
    shape.shape === 'knee' ? { ...constant, rate_per_s: shape.to_per_s, for: kneeOf(shape).each_ms } : shape;
  return {
    profile: name ?? 'flags',
    engine,
    demand: demandOf(shapeOf(asLoad), arrivals),
    mix,
    checks,
    sample_every: SAMPLE_EVERY,
    workers,
    ...(shard === undefined ? {} : { shard }),
    objective_ms,
    stall_ms,
    dropped_percent_max: profile?.dropped_percent_max ?? DROPPED_PERCENT_MAX,
    heeds_retry_after: args.retryAfter ?? profile?.heeds_retry_after ?? true,
    connections_max: connections_max ?? 2 * (args.inFlight ?? config.limits?.in_flight_max ?? 2_000),
    source_addresses: args.sourceAddress ?? [],
    http2: args.http2 ?? false,
    caps,
    allowed_hosts,
    abort: [...(profile?.abort ?? []).map(parseAbort), ...abort],
  };
}

/** A config stays as it was written; what is wrong with it has been told. */
const capsIn = ({ load }: MusterConfig): CapsInProfile | undefined => capsSchema.safeParse(load?.caps).data;

/** A profile says nothing of the engine, so with k6 what it says of checks is left aside. */
function checksOf(
  engine: LoadPlan['engine'],
  { checks: asked }: LoadArguments,
  profile: Profile | undefined,
  problems: string[],
): LoadPlan['checks'] {
  const checks = oneOf('--checks', asked, LOAD_CHECKS, problems) ?? profile?.checks ?? 'on';
  if (engine === 'node') return checks;
  if (asked !== undefined && asked !== 'off') {
    problems.push(
      `--checks: k6 keeps nothing of what the agent says, so there is nothing to check; leave --checks ${asked} out, or --engine k6`,
    );
  }
  return 'off';
}

function hostsOf(
  { allowHost = [] }: LoadArguments,
  config: MusterConfig,
  target: TargetPlan,
  problems: string[],
): readonly string[] {
  for (const name of allowHost) {
    const problem = hostProblem(name);
    if (problem !== undefined) problems.push(`--allow-host: ${problem}`);
  }
  const allowed = [...new Set([...(config.load?.allowed_hosts ?? []), ...allowHost])];
  const url = target.kind === 'url' ? URL.parse(target.url) : null;
  if (url !== null && !isAllowedHost(url.hostname, allowed)) {
    problems.push(
      `--url: ${url.hostname} is not this machine, and nobody has said that it may be loaded; if its owner agrees, give --allow-host ${url.hostname}, or name it in load.allowed_hosts of the config`,
    );
  }
  return allowed;
}

function mixOf(
  text: string | undefined,
  given: Readonly<Record<string, number>> | undefined,
  problems: string[],
): readonly MixPart[] {
  const known = Object.keys(LOAD_SCRIPTS).join(', ');
  if (text === undefined) return Object.entries(given ?? { ask: 1 }).map(([script, weight]) => ({ script, weight }));
  return text.split(',').flatMap((word) => {
    const [, script = '', number = '1'] = /^\s*([a-z-]+)\s*(?:=\s*(\d+(?:\.\d+)?)\s*)?$/.exec(word) ?? [];
    const weight = Number(number);
    if (LOAD_SCRIPTS[script] !== undefined && weight > 0) return [{ script, weight }];
    const why = LOAD_SCRIPTS[script] === undefined ? 'names no script' : 'has no weight, so nobody does it';
    problems.push(`--mix: "${word}" ${why}; give scripts with weights, such as ask=3,stream=1; there are ${known}`);
    return [];
  });
}

function capsOf(args: LoadArguments, given: readonly (CapsInProfile | undefined)[], problems: string[]): LoadCaps {
  const caps = Object.assign({}, ...given.map((each) => defined(each ?? {}))) as CapsInProfile;
  const positive = (flag: string, value: number | undefined): number | undefined => {
    if (value === undefined || (Number.isFinite(value) && value > 0)) return value;
    problems.push(`${flag}: ${value} is not above 0; no cap means unlimited, so give the most that there may be`);
    return undefined;
  };
  const max = positive('--max-cost', args.maxCost) ?? caps.cost?.max;
  const per_message = positive('--cost-per-message', args.costPerMessage) ?? caps.cost?.per_message;
  if (((args.maxCost ?? max) === undefined) !== ((args.costPerMessage ?? per_message) === undefined)) {
    problems.push('--max-cost, --cost-per-message: each needs the other, or nobody knows what the load costs');
  }
  return {
    rate_per_s_max: positive('--max-rate', args.maxRate) ?? caps.rate_per_s ?? DEFAULT_CAPS.rate_per_s_max,
    users_max: positive('--max-users', args.maxUsers) ?? caps.users ?? DEFAULT_CAPS.users_max,
    requests_max: positive('--max-requests', args.maxRequests) ?? caps.requests ?? DEFAULT_CAPS.requests_max,
    bytes_max: positive('--max-bytes', args.maxBytes) ?? caps.bytes ?? DEFAULT_CAPS.bytes_max,
    duration_ms_max: readTime(args.maxFor, '--max-for', problems) ?? caps.for ?? DEFAULT_CAPS.duration_ms_max,
    ...(max === undefined || per_message === undefined ? {} : { cost: { per_message, max } }),
  };
}

function usersOf(
  args: LoadArguments,
  profile: Profile | undefined,
  shape: ShapeInProfile | undefined,
  { usersFile }: Settled,
  problems: string[],
): number {
  const asked = wholeNumber('--users', args.users, USERS_MAX, problems) ?? profile?.users;
  const length = usersFile?.length ?? USERS_MAX;
  if (args.users !== undefined && args.users > length) {
    problems.push(`--users: ${args.users} are more than the ${length} of the users file`);
  }
  return Math.min(length, asked ?? (shape?.shape === 'closed' ? shape.at_once : USERS));
}

function kneeOf(shape: Extract<ShapeInProfile, { shape: 'knee' }>): KneeSettings {
  const { from_per_s, to_per_s, within_percent = 5, tries = 3 } = shape;
  return {
    question: { from_per_s, to_per_s, within_percent, tries },
    each_ms: shape.each ?? 5_000,
    pause_ms: shape.pause ?? 1_000,
    for_ms: shape.for ?? 5 * 60_000,
  };
}

function kneeProblems(knee: KneeSettings | undefined, { duration_ms_max }: LoadCaps): readonly string[] {
  if (knee === undefined || knee.for_ms <= duration_ms_max) return [];
  return [
    `--for: a search of ${knee.for_ms / 1000} s is longer than the ${duration_ms_max / 1000} s that are allowed; give less, or raise the cap with --max-for`,
  ];
}

function wholeNumber(flag: string, value: number | undefined, max: number, problems: string[]): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return value;
  problems.push(`${flag}: ${value} is not a whole number from 1 to ${max}`);
  return undefined;
}

function oneOf<T extends string>(
  flag: string,
  asked: string | undefined,
  allowed: readonly T[],
  problems: string[],
): T | undefined {
  const found = allowed.find((each) => each === asked);
  if (asked !== undefined && found === undefined) {
    problems.push(`${flag}: "${asked}" is unknown; allowed are ${allowed.join(', ')}`);
  }
  return found;
}
