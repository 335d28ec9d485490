/** What an author writes: scenarios, load profiles and faults. Plain data, but for a scenario's script. */
import type { UserName } from './kinship.ts';
import type { LieName } from './lies.ts';
import type { LinksTarget } from './links.ts';
import type { Completion, Op, Script } from './op.ts';
import type { PeerName } from './peers.ts';
import type { Word } from './phrasebook.ts';
import type { IsolationName } from './session.ts';
import type { Say, Words } from './speech.ts';

/** When users arrive. Zero never means unlimited. */
export type LoadProfile =
  /** Everyone at once. */
  | { readonly shape: 'closed' }
  | { readonly shape: 'constant'; readonly rate_per_s: number }
  /** The arrival rate rises or falls evenly until the last user has arrived. */
  | { readonly shape: 'ramp'; readonly from_per_s: number; readonly to_per_s: number };

/** Events of the history that a fault can wait for, as `type` or `type/phase`. */
export const TRIGGER_EVENTS = [
  'invoke',
  'event',
  'ok',
  'fail',
  'info',
  'user/arrived',
  'user/left',
  'agent/exited',
  'session/opened',
  'session/ended',
  'fault/applied',
  'fault/healed',
] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

/**
 * When a fault begins: so long after the first user arrived, when so many stream events have come in, or at the nth event of
 * a kind; and so much later where that is given. All are counted from when the first user is about to arrive.
 */
export type Trigger = (
  | { readonly at_ms: number }
  | { readonly after_stream_events: number }
  | { readonly after_events: number; readonly of: TriggerEvent }
) & { readonly later_ms?: number };

interface FaultBase {
  /** `agent-2` and so on where the scenario has several `servers`. */
  readonly target: 'agent' | `agent-${number}` | PeerName | LinksTarget;
  readonly begins: Trigger;
  /** How long until it is healed; every fault heals, at the latest when the users have left. */
  readonly for_ms: number;
}

/**
 * Which calls a wire fault hits: those that begin while it lasts and of which all of this is true. Without a match it hits
 * everything, also what was open when it began. Cards are asked for by machinery, and are no calls.
 */
export interface FaultMatch {
  /** By name, as `u1`. A user is known by the headers that are his own, so anonymous users are not told apart. */
  readonly user?: string;
  /** Named as on the wire, over JSON-RPC and HTTP+JSON alike. */
  readonly operation?: string;
  /** The task that calls name as the nth, from 1. */
  readonly task?: number;
  /** Only the nth of the calls to which all of the above apply, from 1. */
  readonly nth?: number;
  /** Each of the calls to which all of the above apply is hit with this probability; the seed draws. */
  readonly probability?: number;
}

interface WireBase extends FaultBase {
  readonly match?: FaultMatch;
}

/** Events are those of streams; they are counted from 1, in each stream, from when the fault began. */
export type FaultPlan =
  /** SIGKILL to the agent's process group; healing starts it again on the same port. */
  | (FaultBase & { readonly fault: 'kill' })
  /** SIGTERM; healing starts it again. That it has not ended by the deadline is told, and it is left as it is. */
  | (FaultBase & { readonly fault: 'stop'; readonly deadline_ms: number })
  /** SIGTERM, SIGKILL after the deadline, and started again at once; its clients follow it to another port. */
  | (FaultBase & { readonly fault: 'restart'; readonly deadline_ms: number; readonly port?: 'same' | 'other' })
  /** SIGKILL, and a successor that stands still before it begins to boot; healing lets it. */
  | (FaultBase & { readonly fault: 'slow-boot' })
  /** SIGKILL, and again after each of so many starts, as soon as it has come up; healing starts it for good. */
  | (FaultBase & { readonly fault: 'crash-loop'; readonly starts: number })
  /** SIGSTOP, and SIGCONT to heal. */
  | (FaultBase & { readonly fault: 'freeze' })
  /** SIGSTOP and SIGCONT in turns, so that it runs so many percent of the time. */
  | (FaultBase & { readonly fault: 'stutter'; readonly run_percent: number; readonly period_ms: number })
  /** SIGKILL; its port is taken, and its next start meets that. Healing frees the port and starts it again. */
  | (FaultBase & { readonly fault: 'port-held' })
  /** Each process may open so many descriptors more than it has. */
  | (FaultBase & { readonly fault: 'descriptors'; readonly left: number })
  /** Each process may have so much more address space than it has. */
  | (FaultBase & { readonly fault: 'memory'; readonly left_mb: number })
  /** No file may be written beyond this size. */
  | (FaultBase & { readonly fault: 'file-size'; readonly bytes_max: number })
  /** So many connections are opened and left open; healing closes them. */
  | (FaultBase & { readonly fault: 'crowd'; readonly connections: number })
  /** New connections and open ones are reset. */
  | (WireBase & { readonly fault: 'down' })
  /** Nobody listens: new connections are refused, open ones live on. */
  | (FaultBase & { readonly fault: 'refuse' })
  /** Nothing gets through in either direction, and nobody is told. */
  | (WireBase & { readonly fault: 'blackhole' })
  /** The agent's end of the connection is gone, and the client is not told. */
  | (WireBase & { readonly fault: 'half-open' })
  /** Each answer's bytes are held back so long, give or take a jitter that the seed draws for each answer. */
  | (WireBase & { readonly fault: 'latency'; readonly latency_ms: number; readonly jitter_ms?: number })
  /** Answers come at most so fast. */
  | (WireBase & { readonly fault: 'bandwidth'; readonly bytes_per_s: number })
  /** Answers come in slices, with gaps between them. */
  | (WireBase & { readonly fault: 'slice'; readonly slice_bytes: number; readonly gap_ms: number })
  /** The end of an answer whose length is not known comes so much later than the rest. */
  | (WireBase & { readonly fault: 'slow-close'; readonly delay_ms: number })
  /** Answers are reset after so many bytes. */
  | (WireBase & { readonly fault: 'reset'; readonly after_bytes: number })
  /** The connection is closed in good order after so many bytes of an answer. */
  | (WireBase & { readonly fault: 'limit-bytes'; readonly after_bytes: number })
  /** Streams are cut after so many events. */
  | (WireBase & { readonly fault: 'cut'; readonly after_events: number })
  /** An event does not arrive. */
  | (WireBase & { readonly fault: 'drop'; readonly event: number })
  /** An event arrives twice. */
  | (WireBase & { readonly fault: 'double'; readonly event: number })
  /** An event arrives late, and all that follow behind it. */
  | (WireBase & { readonly fault: 'delay'; readonly event: number; readonly delay_ms: number })
  /** An event and the next one change places. */
  | (WireBase & { readonly fault: 'swap'; readonly event: number })
  /** An event's JSON is damaged, or a character in it cut in half. */
  | (WireBase & { readonly fault: 'corrupt'; readonly event: number; readonly what: 'json' | 'utf-8' })
  /** Answers say that they are something else than they are. */
  | (WireBase & { readonly fault: 'wrong-content-type'; readonly content_type: string })
  /** The agent is not asked, and an error status is answered in its place. */
  | (WireBase & { readonly fault: 'status'; readonly status: number; readonly retry_after_s?: number })
  /** Answers in JSON end in the middle, as if they were whole. */
  | (WireBase & { readonly fault: 'truncate' })
  /** The agent does what is asked, its answer never arrives, and the connection is reset. */
  | (WireBase & { readonly fault: 'answer-lost' })
  /**
   * The peer lies to whoever asks while it lasts; several lies take turns. What it has begun to tell it tells to the end, which
   * some lies do not have.
   */
  | (FaultBase & { readonly fault: 'lie'; readonly target: PeerName; readonly which: LieName });

export type FaultName = FaultPlan['fault'];

/** A fault as an author writes it: it may come again and again. `every_ms` counts from beginning to beginning. */
export type ScheduledFault = FaultPlan & { readonly times?: number; readonly every_ms?: number };

/** As a swarm holds it: the seed draws the rest. */
export type Unscheduled<F extends FaultPlan> = F extends FaultPlan ? Omit<F, 'begins' | 'for_ms'> : never;

/**
 * Faults of which the seed leaves some out, and for the others draws when they begin and how long they last; they may overlap,
 * but for those on the process of one target. At least one stays.
 */
export interface Swarm {
  readonly faults: readonly Unscheduled<FaultPlan>[];
  /** So long after the first user arrived it is time for all of them to be healed. */
  readonly within_ms: number;
  /** How long each lasts, both ends included. */
  readonly for_ms: { readonly from: number; readonly to: number };
  /** The probability that a fault is left out; 0.5 unless given. */
  readonly leaves_out?: number;
}

/** What a stranger says to whoever connects: nothing at all, a web page, or the card of an agent that is not ours. */
export type StrangerAnswer = 'silence' | 'page' | 'card';

/** Other programs on the machine, which are there while the scenario lasts. They are no fault: nobody may notice them. */
export type NeighbourPlan =
  /** Listens in the middle of so many blocks of the range, every other one, before the first is leased. */
  | { readonly neighbour: 'squatter'; readonly blocks: number }
  /** Grabs the port of an agent in the moment in which that is started, once for each answer that it gives there. */
  | { readonly neighbour: 'thief'; readonly answers: readonly StrangerAnswer[] }
  /** So many processes of muster, which lease and return blocks of the same range as long as there are users. */
  | { readonly neighbour: 'lessee'; readonly processes: number }
  /** A process of muster that leases all of the range and is killed with SIGKILL before the first user comes. */
  | { readonly neighbour: 'casualty' };

export const FAMILIES = [
  'concurrent users',
  'port exhaustion',
  'recovery',
  'peer failure',
  'mesh',
  /** What agents with a trade of their own go through, asked for in their own words. */
  'worlds',
  'isolation strategies',
  /** What the users of a load do; its scripts run in the engine of k6 as well, so they have no barriers, shares, hooks or sessions. */
  'load',
] as const;
export type Family = (typeof FAMILIES)[number];

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
  /** All of them, the agent first; more than one where the scenario has `servers`. */
  readonly servers: readonly string[];
  readonly user: string;
  /** Position of the user among all users, from 0. */
  readonly index: number;
  /** Which of the user's devices this is, from 0. */
  readonly device: number;
  /** All users of the scenario, in order. */
  readonly users: readonly string[];
  readonly say: Say;
  readonly words: Words;
  /** Whether the phrasebook says how to ask for it. What a scenario needs is always there; with more it may do more. */
  readonly can: (word: Word) => boolean;
  readonly random: Random;
}

export interface Scenario {
  /** Kebab-case, as the command line names it. */
  readonly name: string;
  readonly title: string;
  readonly family: Family;
  /** Where words of its own are among them, whoever does not have them is not bothered with it. */
  readonly needs: readonly Word[];
  /** What the agent card must claim, or for `ListTasks` its version of A2A must have; without it the scenario is not applicable. */
  readonly capabilities?: readonly ('streaming' | 'pushNotifications' | 'ListTasks')[];
  /** Needs users that the agent can tell apart. */
  readonly identities?: boolean;
  /** Its users go by these names, as bearer tokens, and are as many; null for one who gives none. */
  readonly names?: readonly UserName[];
  /**
   * Needs a limited pool of so many port blocks, from which the script opens sessions; or of one block fewer than there are
   * users, however many that is.
   */
  readonly blocks?: number | 'one-too-few';
  /** Makes do with a range of so many blocks, which others may share: then the same ports come again and again. */
  readonly range?: number;
  readonly neighbours?: readonly NeighbourPlan[];
  /**
   * Needs so many agents of the target, 2 to 6, that are told of each other: `agent`, `agent-2` and so on. An agent of a
   * session that the script opens is told of all of them.
   */
  readonly servers?: number;
  /** On what ground its sessions stand, instead of a block of ports each; told in the history. Goes with `blocks`. */
  readonly isolation?: IsolationName;
  /** Runs only when it is named, itself or with its family. */
  readonly onlyNamed?: true;
  /** `own` where faults stop the process: a fixture then runs in a process of its own, and a URL does not apply. */
  readonly process?: 'own';
  /** Whether the agent is handed the socket of its port, or binds the port itself; unless given, whatever it can. */
  readonly socket?: 'handed-over' | 'bound-by-agent';
  /** Its script has the agent's processes measured; goes with `process: 'own'`. */
  readonly measures?: true;
  /** The agent's processes may have so many descriptors (`ulimit -n`). */
  readonly descriptors?: number;
  /** A session that nobody has used for so long is ended. */
  readonly idle_ms_max?: number;
  /** When a session ends its agents close the connections, which then linger on their ports; unless given, the clients do. */
  readonly agentsHangUp?: true;
  /** Its script speaks to an agent over all transports that it offers; not applicable where there is only one. */
  readonly transports?: 'all';
  readonly users: number;
  /** Scripts per user, at the same time; 1 unless given. */
  readonly devices?: number;
  readonly load: LoadProfile;
  readonly faults?: readonly ScheduledFault[];
  /** Besides `faults`. */
  readonly swarm?: Swarm;
  /** Checks without whose evidence the scenario proves nothing; `check/aspect` for evidence of one kind. */
  readonly mustExercise: readonly string[];
  readonly script: (context: ScriptContext) => Script;
}

/** Asks for ops and gives a result: what scripts delegate to with `yield*`. */
export type Act<T> = Generator<Op, T, Completion>;
