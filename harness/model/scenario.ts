/** What an author writes: scenarios, phrasebooks, load profiles and faults. Plain data, but for a scenario's script. */
import type { Completion, Op, Script } from './op.ts';
import type { IsolationName } from './session.ts';

/** Things an agent can be asked to do. `short` suits any agent. */
export type BehaviourName = 'short' | 'slow' | 'asks' | 'fails' | 'remembers' | 'recalls' | 'delegates';

/**
 * How to make one agent show one behaviour. `text` is a template: `{token}` becomes a mark unique to the message, and
 * `{chunks}` and `{gap_ms}` what the script asked for.
 */
export interface Phrase {
  readonly text: string;
  /** The answer repeats the token. Without this promise a missing token proves nothing. */
  readonly echoes?: boolean;
}

export type Phrasebook = Partial<Readonly<Record<BehaviourName, Phrase>>>;

/** When users arrive. Zero never means unlimited. */
export type LoadProfile =
  /** Everyone at once. */
  | { readonly shape: 'closed' }
  | { readonly shape: 'constant'; readonly rate_per_s: number }
  /** The arrival rate rises or falls evenly until the last user has arrived. */
  | { readonly shape: 'ramp'; readonly from_per_s: number; readonly to_per_s: number };

/** When a fault begins: so long after the first user arrived, or when so many stream events have come in. */
export type Trigger = { readonly at_ms: number } | { readonly after_stream_events: number };

interface FaultBase {
  readonly target: 'agent' | 'peer';
  readonly begins: Trigger;
  /** How long until it is healed; every fault heals, at the latest when the users have left. */
  readonly for_ms: number;
}

export type FaultPlan =
  /** SIGKILL to the agent's process group; healing starts it again on the same port. */
  | (FaultBase & { readonly fault: 'kill' })
  /** SIGSTOP, and SIGCONT to heal. */
  | (FaultBase & { readonly fault: 'freeze' })
  /** New connections and open ones are reset. */
  | (FaultBase & { readonly fault: 'down' })
  /** Each answer's bytes are held back so long. */
  | (FaultBase & { readonly fault: 'latency'; readonly latency_ms: number })
  /** Streams are cut after so many events. */
  | (FaultBase & { readonly fault: 'cut'; readonly after_events: number });

export type FaultName = FaultPlan['fault'];
export const FAMILIES = [
  'concurrent users',
  'port exhaustion',
  'recovery',
  'peer failure',
  'isolation strategies',
] as const;
export type Family = (typeof FAMILIES)[number];

/** The words of one user: each call makes a message with a token of its own. */
export interface Utterance {
  readonly behaviour: BehaviourName;
  readonly text: string;
  readonly token: string;
  readonly echoes: boolean;
  readonly messageId: string;
}

export type Say = Readonly<
  Record<BehaviourName, (options?: { readonly chunks?: number; readonly gap_ms?: number }) => Utterance>
>;

export interface Random {
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
  /** Like a UUID, made from the seed: an identifier that no agent has given out. */
  uuid(): string;
}

export interface ScriptContext {
  /** The agent under test. */
  readonly agent: string;
  readonly user: string;
  /** Position of the user among all users, from 0. */
  readonly index: number;
  /** Which of the user's devices this is, from 0. */
  readonly device: number;
  /** All users of the scenario, in order. */
  readonly users: readonly string[];
  readonly say: Say;
  readonly random: Random;
}

export interface Scenario {
  /** Kebab-case, as the command line names it. */
  readonly name: string;
  readonly title: string;
  readonly family: Family;
  readonly needs: readonly BehaviourName[];
  /** What the agent card must claim; without it the scenario is not applicable. */
  readonly capabilities?: readonly ('streaming' | 'pushNotifications')[];
  /** Needs users that the agent can tell apart. */
  readonly identities?: boolean;
  /** Needs a limited pool of so many port blocks, from which the script opens sessions. */
  readonly blocks?: number;
  /** On what ground its sessions stand, instead of a block of ports each; told in the history. Goes with `blocks`. */
  readonly isolation?: IsolationName;
  /** Runs only when it is named, itself or with its family. */
  readonly onlyNamed?: true;
  /** `own` where faults stop the process: a fixture then runs in a process of its own, and a URL does not apply. */
  readonly process?: 'own';
  readonly users: number;
  /** Scripts per user, at the same time; 1 unless given. */
  readonly devices?: number;
  readonly load: LoadProfile;
  readonly faults?: readonly FaultPlan[];
  /** Names of checks without whose evidence the scenario proves nothing. */
  readonly mustExercise: readonly string[];
  readonly script: (context: ScriptContext) => Script;
}

/** Asks for ops and gives a result: what scripts delegate to with `yield*`. */
export type Act<T> = Generator<Op, T, Completion>;
