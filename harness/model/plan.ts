/** A plan: scenarios resolved with a seed, with every limit written out, made before anything starts. JSON-safe. */
import type { Transport } from './a2a.ts';
import type { Baseline } from './baseline.ts';
import type { UserName } from './kinship.ts';
import type { LoadPlan } from './load.ts';
import type { Step } from './op.ts';
import type { Phrasebook } from './phrasebook.ts';
import type { Family, FaultName, FaultPlan, LoadProfile, NeighbourPlan } from './scenario.ts';
import type { IsolationName, SessionMode } from './session.ts';

export const PLAN_SCHEMA = 'muster.plan/1';

/** `mixed`: those that an agent offers are dealt out among the devices of its users. */
export const TRANSPORT_CHOICES = ['jsonrpc', 'rest', 'grpc', 'mixed'] as const satisfies readonly (
  | Transport
  | 'mixed'
)[];
export type TransportChoice = (typeof TRANSPORT_CHOICES)[number];

export type TargetPlan =
  | { readonly kind: 'fixture'; readonly name: string }
  /** With `socket_activation` the command takes its port's socket as descriptor 3, and binds nothing itself. */
  | { readonly kind: 'command'; readonly command: string; readonly socket_activation?: true }
  | { readonly kind: 'url'; readonly url: string };

/** Who the users are. Secrets stay in the file; a plan holds its path only. */
export type IdentityPlan =
  | { readonly kind: 'anonymous' }
  /** A made-up bearer token per user. */
  | { readonly kind: 'bearer' }
  /** A JSON file: an array of `{ "id": …, "headers": { … } }`. */
  | { readonly kind: 'users-file'; readonly path: string };

export const SENT_AGAIN = ['any', 'at-least-once', 'at-most-once', 'exactly-once'] as const;
export const PRIVATE_HOOKS = ['any', 'allowed', 'refused'] as const;
export const AFTER_LEAVING = ['any', 'goes-on', 'is-cancelled'] as const;
export const CONTEXTS = ['of-one-user', 'shared'] as const;
export const DURABLE = ['not-promised', 'promised'] as const;

/** Expectations that the specification leaves to the agent; the user's config may change each. */
export interface Policy {
  /** An op without an answer for so long is given up as `info`. */
  readonly answer_ms_max: number;
  readonly cancel_ms_max: number;
  /** A stream must close so soon after a terminal state. */
  readonly stream_close_ms_max: number;
  /** After traffic stops and faults heal, tasks have so long to end. */
  readonly settle_ms_max: number;
  readonly recovery_ms_max: number;
  /** A server that has come, or come back, belongs to its mesh so soon. */
  readonly join_ms_max: number;
  /** While its peer is broken an agent may try to reach it so often for each turn that needs it; its card counts, too. */
  readonly peer_attempts_max: number;
  /**
   * What becomes of a message that a user sends again under its id, since the answer got lost (§3.3.1). Where any will do it is
   * told and accuses nobody.
   */
  readonly sent_again: (typeof SENT_AGAIN)[number];
  /** What becomes of work whose last reader has left (§3.5.2). */
  readonly after_leaving: (typeof AFTER_LEAVING)[number];
  /** Whose a conversation is. Where it is one user's, whoever else names its contextId gets nothing of it (§3.4.1, §13.1). */
  readonly contexts: (typeof CONTEXTS)[number];
  /** Whether a task that its user has heard of outlives a kill of the agent. Where it is not promised it is told and accuses nobody. */
  readonly durable: (typeof DURABLE)[number];
  /** Jain's index over users who ask alike: 1 where all are served alike, 1/n where one of n is served alone. */
  readonly fair_index_min: number;
  /** While one user does not read his stream, those of others may be without a word for so long. */
  readonly stall_ms_max: number;
  /** What an agent may keep in memory of each task that it was given, where that goes on and on. */
  readonly kept_kb_max: number;
  /** A webhook must have been posted the end of its task so soon after it, whatever other webhooks do. */
  readonly push_ms_max: number;
  /** Whether an agent may post to private addresses (§13.2), which those of muster's webhooks are. */
  readonly private_hooks: (typeof PRIVATE_HOOKS)[number];
  /** Beyond this p99 of its own lateness the harness does not trust itself. */
  readonly harness_lag_ms_max: number;
  /** Where the harness waited for a core for more than so much of the time in which it had work, nobody is accused of being slow. */
  readonly harness_wait_percent_max: number;
}

export interface Limits {
  readonly in_flight_max: number;
  readonly answer_bytes_max: number;
  readonly stream_events_max: number;
  readonly scenario_ms_max: number;
  readonly ready_ms_max: number;
}

export interface PortsPlan {
  /** `os` takes what the operating system gives; `range` leases consecutive blocks. */
  readonly from: 'range' | 'os';
  readonly first: number;
  readonly last: number;
  readonly block: number;
  readonly spacing: number;
  readonly exclude: readonly number[];
}

/**
 * What is left of a scenario that was made smaller, as shrinking does. Whatever is left stays what it was: a user's name, canary,
 * random numbers and steps are the same whoever else comes.
 */
export interface Only {
  /** Who comes, in order; everybody unless given. */
  readonly scripts?: readonly OnlyScript[];
  /** Positions in the faults of the whole scenario; all unless given. */
  readonly faults?: readonly number[];
  /** They begin with the first user, and not after so many events, which fewer users never make. */
  readonly faults_at_once?: true;
  /** Its users arrive at once, whatever the load of the scenario. */
  readonly at_once?: true;
  /** Between the last user's leaving and the reading back, in place of those who do not come. */
  readonly rest_ms?: number;
}

export interface OnlyScript {
  readonly user: string;
  readonly device: number;
  /** Ascending. Every other op is answered as refused, and after the last the script is over; all are asked unless given. */
  readonly steps?: readonly Step[];
}

export interface ScenarioPlan {
  readonly name: string;
  readonly title: string;
  readonly family: Family;
  /** Why the scenario cannot be run on this target, known before anything starts. */
  readonly not_applicable?: string;
  readonly capabilities: readonly string[];
  readonly users: number;
  readonly devices: number;
  /** Under which the agent knows its users, instead of those that `identity` makes up. */
  readonly names?: readonly UserName[];
  readonly blocks?: number;
  readonly servers?: number;
  readonly isolation?: IsolationName;
  readonly range?: number;
  readonly neighbours?: readonly NeighbourPlan[];
  readonly process: 'any' | 'own';
  readonly socket?: 'handed-over' | 'bound-by-agent';
  readonly measures?: true;
  readonly descriptors?: number;
  readonly idle_ms_max?: number;
  readonly agents_hang_up?: true;
  readonly transports?: 'all';
  readonly load: LoadProfile;
  readonly faults: readonly FaultPlan[];
  /** Of the scenario's swarm, what this seed leaves out. */
  readonly faults_left_out?: readonly FaultName[];
  readonly must_exercise: readonly string[];
  /** `load` and `faults` are then those that are left. */
  readonly only?: Only;
}

export interface Plan {
  readonly schema: typeof PLAN_SCHEMA;
  readonly muster: string;
  readonly seed: number;
  readonly target: TargetPlan;
  /** Real unless given, as in the plans of muster 0.1. */
  readonly mode?: SessionMode;
  /** What becomes of agents for whom there is no port left; without it, the scenario or session is refused. */
  readonly fallback?: 'simulated';
  readonly transport?: TransportChoice;
  /** The HTTP API of a Toxiproxy server that does the faults on the wire that it can. */
  readonly toxiproxy?: string;
  readonly identity: IdentityPlan;
  readonly phrasebook: Phrasebook;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly ports: PortsPlan;
  readonly gates: readonly string[];
  /** What is known fails nothing. */
  readonly baseline?: Baseline;
  /** Path of the config file that brought scenarios or a phrasebook of the user's own. */
  readonly config?: string;
  /** The flags that make this plan again, without the scenario's name, the seed and the baseline; each already quoted for a shell. */
  readonly flags: readonly string[];
  /** The scenarios as the command line named them, quoted as the flags are; empty for the standard suite. */
  readonly scenario_names: readonly string[];
  /** Only for a load: it has one scenario, whose users come as this says. */
  readonly load?: LoadPlan;
  readonly scenarios: readonly ScenarioPlan[];
}
