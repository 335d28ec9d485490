/** What judging gives, and all that a report may see. The names in `RunRecord` are stable: see reports/json. */
import type { BaselineEntry } from './baseline.ts';
import type { Finding } from './check.ts';
import type { AgentEvent, Environment, HistoryEvent, PortEvent, VitalsEvent } from './history.ts';
import type { UserName } from './kinship.ts';
import type { LoadRecord } from './load-record.ts';
import type { IdentityPlan, Plan, TargetPlan, TransportChoice } from './plan.ts';
import type { FaultPlan } from './scenario.ts';
import type { IsolationName, SessionMode } from './session.ts';
import type { ShrunkRecord } from './shrunk-record.ts';
import type { PeerCallRecord, Whereabouts } from './whereabouts.ts';

export const VERDICT_SCHEMA = 'muster.verdict/1';
export const REPORT_SCHEMA = 'muster.report/1';

export type VerdictWord = 'pass' | 'fail' | 'inconclusive';
export type CheckStatus = 'held' | 'violated' | 'no-evidence' | 'crashed';

/** An entry of the baseline, on the day of the run. */
export interface KnownRecord extends BaselineEntry {
  /** Its last day is over: it accepts nothing any more. */
  readonly expired: boolean;
}

/** `not-seen`: its check had evidence. `not-judged`: it had none, so this run says nothing of the entry. */
export interface BaselineEntryRecord extends KnownRecord {
  readonly status: 'seen' | 'not-seen' | 'not-judged';
}

export interface BaselineRecord {
  readonly path: string;
  readonly findings: readonly BaselineEntryRecord[];
}

export interface FindingRecord extends Omit<Finding, 'kind' | 'shapes' | 'evidence'> {
  readonly check: string;
  readonly kind: string;
  /** Under which the agent knows its users, where the scenario gives them names; null for one who gives none. */
  readonly names?: Readonly<Record<string, UserName>>;
  /** Missing in reports of muster 0.1. */
  readonly at?: Whereabouts;
  /** Only where there are any; at most 12. */
  readonly peer_calls?: readonly PeerCallRecord[];
  /** The few events that show it, in order; the last is the one that cannot be. */
  readonly evidence: readonly HistoryEvent[];
  /** By which a baseline knows it: `check/kind/shape`, one for each shape. */
  readonly fingerprints: readonly string[];
  /** The baseline accepts all of its fingerprints, so it fails nothing. */
  readonly accepted?: true;
  /** What the baseline says of its fingerprints, where it says anything. */
  readonly known?: readonly KnownRecord[];
  readonly spec?: string;
  /** A command line that makes the run again from nothing. */
  readonly replay: string;
  /** Only where it was shrunk. */
  readonly shrunk?: ShrunkRecord;
}

export interface CheckRecord {
  readonly check: string;
  readonly status: CheckStatus;
  readonly evidence: number;
  readonly note?: string;
  /** Of one that crashed: where. */
  readonly stack?: readonly string[];
}

export interface ScenarioVerdict {
  readonly name: string;
  readonly title: string;
  readonly verdict: VerdictWord | 'not-applicable';
  readonly applicable: boolean;
  /** Why it is not applicable or inconclusive. */
  readonly reasons: readonly string[];
  readonly findings: readonly FindingRecord[];
  readonly checks: readonly CheckRecord[];
}

export interface GateRecord {
  readonly gate: string;
  readonly status: 'met' | 'missed' | 'no-samples';
  readonly value: number | null;
  readonly samples: number;
}

export interface Verdict {
  readonly schema: typeof VERDICT_SCHEMA;
  readonly verdict: VerdictWord;
  readonly exit_code: number;
  readonly ended: 'finished' | 'interrupted' | 'crashed';
  readonly reasons: readonly string[];
  readonly scenarios: readonly ScenarioVerdict[];
  readonly gates: readonly GateRecord[];
  /** Only where the plan has one. */
  readonly baseline?: BaselineRecord;
}

/** Times in milliseconds. A percentile is null where there are too few samples to mean anything. */
export interface Latency {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface OperationMetrics {
  readonly op: string;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** From due time, and from send time, to the answer or the end of the stream. */
  readonly from_due: Latency;
  readonly from_sent: Latency;
  /** Streams: to the first event. */
  readonly first_event: Latency;
  /** Outcomes that were not `ok`, by error code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** One slice of time of a scenario. */
export interface SlicePoint {
  readonly at_ms: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly dropped: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

/** Ops that said something of the agent, and those among them that failed, or of which nobody knows. */
export interface LostRecord {
  readonly samples: number;
  readonly failed: number;
  readonly unknown: number;
}

interface RecoveryShare {
  /** From the heal to the first success of an op that was sent after it. */
  readonly first_success_ms: number | null;
  /** Ops sent after the heal that failed before the first success. */
  readonly tried_in_vain: number;
  /** In flight at any moment from when the fault was asked for to the heal. */
  readonly lost_during: LostRecord;
  /** Sent after the heal, and before another fault came. */
  readonly lost_after: LostRecord;
  /** Tasks known before the heal that were still running when they were read back for the last time. */
  readonly stuck: number;
  /** Tasks of the fault's target whose stream broke off while it was there, and those among them that their users then followed to a good end under the same id. */
  readonly broken_off: number;
  readonly resumed: number;
  /** Messages that got no answer from the fault's target and were sent again under the same id, and those among them that made more than one task. */
  readonly sent_again: number;
  readonly doubled: number;
}

export interface UserRecoveryRecord extends RecoveryShare {
  readonly user: string;
}

/** How the agent came back from one fault. For a fault on the peer, only ops that need the peer are meant. */
export interface RecoveryRecord extends RecoveryShare {
  /** Another fault was there at the heal, or came later: nothing after that is told as a recovery from this one. */
  readonly overlaid: boolean;
  /** The calm before the first fault of the scenario; null where there were too few samples. */
  readonly before: { readonly samples: number; readonly error_rate: number | null; readonly p95_ms: number | null };
  /** From the heal to the first of 20 outcomes in a row as good as before; null also with too few before or after. */
  readonly error_rate_back_ms: number | null;
  readonly p95_back_ms: number | null;
  /** Users who asked something from the fault on. */
  readonly users_all: number;
  /** At most 20 who lost something, the worst first. */
  readonly users: readonly UserRecoveryRecord[];
}

export interface FaultRecord {
  readonly fault_id: number;
  readonly fault: FaultPlan;
  readonly asked_ms: number;
  readonly applied_ms: number | null;
  readonly healed_ms: number | null;
  readonly proof: string;
  /** How often traffic met it, told when it was healed; missing where nobody counts, as for faults on a process. */
  readonly hits?: number;
  /** From the heal to the first success of an op that was sent after it; as `recovery.first_success_ms`. */
  readonly recovery_ms: number | null;
  /** Missing in reports of muster 0.1. */
  readonly recovery?: RecoveryRecord;
}

export interface ScenarioMetrics {
  readonly started_ms: number;
  readonly ended_ms: number;
  readonly users: number;
  readonly dropped: number;
  readonly operations: readonly OperationMetrics[];
  readonly slice_ms: number;
  readonly series: readonly SlicePoint[];
  readonly faults: readonly FaultRecord[];
  /** Only of a load. */
  readonly load?: LoadRecord;
}

/** What one isolation strategy cost and what it kept apart, from the sessions of its scenario. */
export interface IsolationRecord {
  readonly scenario: string;
  readonly strategy: IsolationName;
  readonly asked: number;
  readonly opened: number;
  readonly refused: number;
  readonly failed: number;
  /** What the first of them was told whose session was refused or failed. */
  readonly refusal: string | null;
  readonly at_once_max: number;
  /** From the wish for a session until its turn; 0 where nobody waits. */
  readonly waiting: Latency;
  /** From its turn until it was open. */
  readonly boot: Latency;
  /** Starts of agents that a request had to wait for. */
  readonly cold_starts: Latency;
  /** Of the processes of agents, divided by the sessions that were opened; null where it was not measured. */
  readonly memory: {
    readonly per_session_mb: number;
    readonly sessions: number;
    readonly processes: number;
    readonly memory_is: 'pss' | 'rss';
  } | null;
  /** Sessions whose ports had another owner, and ports on which a stranger was found. */
  readonly conflicts: number;
  /** How often a check saw one user reach what is another's; null where none could look. */
  readonly findings: number | null;
}

export interface AgentRecord {
  readonly scenario: string;
  readonly agent: string;
  readonly events: readonly AgentEvent[];
}

export interface RunRecord {
  readonly schema: typeof REPORT_SCHEMA;
  readonly muster: string;
  readonly seed: number;
  readonly run: {
    readonly name: string;
    readonly started_at: string;
    readonly duration_ms: number;
    readonly ended: Verdict['ended'];
    readonly target: TargetPlan;
    /** What was asked for. In a real run agents may still have been simulated, with `--fallback simulated`. */
    readonly mode: SessionMode;
    /** Starts of agents that answered in this process, without a socket. */
    readonly simulated_agents: number;
    readonly identity: IdentityPlan['kind'];
    readonly transport: TransportChoice | null;
    /** The agent as its card names it. */
    readonly agent: string | null;
    readonly events: number;
    readonly operations: number;
    /** The command line that makes the whole run again. */
    readonly replay: string;
  };
  readonly verdict: VerdictWord;
  readonly exit_code: number;
  readonly reasons: readonly string[];
  readonly scenarios: readonly (ScenarioVerdict & {
    readonly family: string;
    readonly metrics: ScenarioMetrics | null;
  })[];
  readonly gates: readonly GateRecord[];
  /** Only where the plan has one. */
  readonly baseline?: BaselineRecord;
  /** Only where a scenario has an isolation strategy. */
  readonly isolation?: readonly IsolationRecord[];
  readonly agents: readonly AgentRecord[];
  readonly ports: {
    readonly plan: Plan['ports'];
    readonly held_max: number;
    readonly events: readonly PortEvent[];
  };
  readonly vitals: readonly VitalsEvent[];
  readonly environment: Environment | null;
  /**
   * How many events there were in all, where the lists above were thinned out evenly because there were too many; what
   * tells of trouble is kept longest.
   */
  readonly thinned?: { readonly port_events: number; readonly agent_events: number; readonly vitals: number };
}
