/** The flags of `muster load`, as yargs hands them over: words and numbers, not yet held against anything. */
import type { Argv } from 'yargs';
import { AGENT_OPTIONS, JUDGE_OPTIONS, type PlanArguments, PORT_OPTIONS } from '../arguments.ts';
import { AGAINST_OPTIONS, type AgainstArguments } from './against-options.ts';

type Shared = Pick<
  PlanArguments,
  | 'fixture'
  | 'command'
  | 'socketActivation'
  | 'url'
  | 'identity'
  | 'usersFile'
  | 'phrasebook'
  | 'transport'
  | 'users'
  | 'seed'
  | 'gate'
  | 'baseline'
  | 'ports'
  | 'excludePorts'
  | 'config'
>;

export interface LoadArguments extends Shared {
  readonly profile?: string | undefined;
  readonly engine?: string | undefined;
  /** `20`, or `1..500`. */
  readonly rate?: string | undefined;
  readonly atOnce?: number | undefined;
  readonly for?: string | undefined;
  readonly arrivals?: string | undefined;
  readonly mix?: string | undefined;
  readonly checks?: string | undefined;
  readonly workers?: number | undefined;
  readonly shard?: string | undefined;
  readonly objective?: string | undefined;
  readonly stall?: string | undefined;
  readonly inFlight?: number | undefined;
  /** `--no-retry-after` makes it false. */
  readonly retryAfter?: boolean | undefined;
  readonly connections?: number | undefined;
  readonly http2?: boolean | undefined;
  readonly sourceAddress?: readonly string[] | undefined;
  readonly abort?: readonly string[] | undefined;
  readonly allowHost?: readonly string[] | undefined;
  readonly maxRate?: number | undefined;
  readonly maxUsers?: number | undefined;
  readonly maxRequests?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxFor?: string | undefined;
  readonly maxCost?: number | undefined;
  readonly costPerMessage?: number | undefined;
  readonly findKnee?: boolean | undefined;
}

/** What is done with the plan, and is no part of it. */
export interface LoadDoing extends AgainstArguments {
  readonly plan?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly stopFile?: string | undefined;
  readonly buildK6?: boolean | undefined;
  readonly out?: string | undefined;
  /** What for, and the folder. */
  readonly emit?: readonly string[] | undefined;
  readonly pods?: number | undefined;
  readonly image?: string | undefined;
}

const repeated = { type: 'string', array: true, nargs: 1 } as const;

const LOAD_OPTIONS = {
  profile: {
    type: 'string',
    describe: 'smoke, load, stress, spike, soak, breakpoint, one of your config, or a JSON file',
  },
  engine: { type: 'string', describe: 'node, or k6: what makes the load' },
  rate: { type: 'string', describe: "visits per second, such as 20; '1..500' to rise, or to search for the knee" },
  'at-once': { type: 'number', describe: 'so many users at a time, each of whom begins anew when he is done' },
  for: { type: 'string', describe: 'how long, such as 30s' },
  arrivals: { type: 'string', describe: 'even, or poisson: as chance brings them, by the seed' },
  mix: { type: 'string', describe: 'what users do, with weights, such as ask=3,stream=1' },
  users: { type: 'number', describe: 'how many identities the visits are made by, in turn' },
  checks: { type: 'string', describe: 'on, sample or off: whether what the agent says is judged, too' },
  workers: { type: 'number', describe: 'threads among which the load is dealt' },
  shard: { type: 'string', describe: 'i/N: this is one of N runs that are together one load' },
  objective: { type: 'string', describe: 'an answer within this time counts for goodput, such as 1s' },
  stall: { type: 'string', describe: 'a stream that is longer without an event has stalled' },
  'in-flight': { type: 'number', describe: 'visits at the same time; whoever comes beyond it is dropped, and counted' },
  'retry-after': { type: 'boolean', describe: 'heed Retry-After; --no-retry-after asks again at once' },
  connections: { type: 'number', describe: 'connections at the same time' },
  http2: { type: 'boolean', describe: 'speak HTTP/2 where it is offered' },
  'source-address': { ...repeated, describe: 'a local address to connect from; may be repeated' },
} as const;

const SAFETY_OPTIONS = {
  'allow-host': { ...repeated, describe: 'a host that may be loaded, by name; this machine always may' },
  abort: { ...repeated, describe: "stops the load, such as 'error_rate > 20% for 10s'; may be repeated" },
  'max-rate': { type: 'number', describe: 'cap on visits per second' },
  'max-users': { type: 'number', describe: 'cap on users' },
  'max-requests': { type: 'number', describe: 'cap on requests' },
  'max-bytes': { type: 'number', describe: 'cap on bytes received' },
  'max-for': { type: 'string', describe: 'cap on how long it lasts, such as 10m' },
  'max-cost': { type: 'number', describe: 'cap on cost, in the unit of --cost-per-message' },
  'cost-per-message': { type: 'number', describe: 'what one message costs' },
  'stop-file': { type: 'string', describe: 'stops within a second when this file is made' },
  'dry-run': { type: 'boolean', default: false, describe: 'tell what would be sent to whom, and send nothing' },
} as const;

const OTHER_OPTIONS = {
  'find-knee': { type: 'boolean', default: false, describe: 'search for the highest rate that keeps the gates' },
  'build-k6': { type: 'boolean', default: false, describe: 'build the k6 of --engine k6 first, where there is none' },
  plan: { type: 'string', describe: 'a plan.json to carry out, instead of flags' },
  out: { type: 'string', describe: 'the run folder; reports/runs/<time>-load unless given' },
} as const;

const EMIT_OPTIONS = {
  emit: {
    type: 'string',
    array: true,
    nargs: 2,
    describe: 'k8s DIR: write manifests for Kubernetes, and send nothing',
  },
  pods: { type: 'number', describe: 'with --emit: among how many pods the load is dealt; 3 unless given' },
  image: { type: 'string', describe: 'with --emit: a container image that has muster; a recipe is written, too' },
} as const;

export function loadArguments<T>(yargs: Argv<T>) {
  return yargs
    .options(AGENT_OPTIONS)
    .options(LOAD_OPTIONS)
    .options(JUDGE_OPTIONS)
    .options(SAFETY_OPTIONS)
    .options(AGAINST_OPTIONS)
    .options(OTHER_OPTIONS)
    .options(EMIT_OPTIONS)
    .options(PORT_OPTIONS)
    .group(Object.keys(AGENT_OPTIONS), 'The agent and its users:')
    .group(Object.keys(LOAD_OPTIONS), 'The load:')
    .group(Object.keys(SAFETY_OPTIONS), 'Safety:')
    .group(Object.keys(AGAINST_OPTIONS), 'Two agents:')
    .group(Object.keys(EMIT_OPTIONS), 'Past one machine:')
    .group([...Object.keys(JUDGE_OPTIONS), ...Object.keys(OTHER_OPTIONS)], 'The run:');
}
