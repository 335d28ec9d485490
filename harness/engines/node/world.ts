/** What the engine needs of the run it is part of. The run owns all of it; the engine only uses it. */
import type { Transport } from '../../model/a2a.ts';
import type { HistoryEvent, Unstamped } from '../../model/history.ts';
import type { Hooks } from '../../model/hooks.ts';
import type { HeadersOf, Wire } from '../../model/live.ts';
import type { AgentName, Outcome } from '../../model/op.ts';
import type { Plan, ScenarioPlan } from '../../model/plan.ts';
import type { Scenario } from '../../model/scenario.ts';

export interface World {
  readonly plan: Plan;
  readonly scenarioPlan: ScenarioPlan;
  readonly scenario: Scenario;
  readonly nonce: string;
  /** Milliseconds since the run began. */
  readonly clock: () => number;
  readonly emit: (event: Unstamped) => HistoryEvent;
  readonly nextOpId: () => number;
  /** The agent's own wire, or that over one of its transports. */
  readonly wireOf: (agent: AgentName, over?: Transport) => Pick<Wire, 'perform' | 'traffic'> | undefined;
  /** Those that there is a wire over. */
  readonly transportsOf: (agent: AgentName) => readonly Transport[];
  /** What a device of the user at this position speaks, where the plan deals transports out. */
  readonly dealtTo: (agent: AgentName, index: number, device: number) => Transport | undefined;
  /** The headers that make requests this user's own. */
  readonly headersOf: HeadersOf;
  readonly sessions: {
    open(session: string, agents: number): Promise<Outcome>;
    close(session: string): Promise<Outcome>;
  };
  readonly hooks: Omit<Hooks, typeof Symbol.asyncDispose>;
  /** Has the processes of an agent measured, which the history is told. */
  readonly measure: (agent: AgentName) => Promise<Outcome>;
  /** Ends the scenario as broken: its script has failed, which is nobody's fault but the author's. */
  readonly fail: (reason: string) => void;
  /** Aborted when the scenario must end. */
  readonly signal: AbortSignal;
}

/** A task that an answer has named, and whose it is. */
export interface SeenTask {
  readonly agent: AgentName;
  readonly taskId: string;
  readonly user: string;
  readonly index: number;
}
