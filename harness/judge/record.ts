/**
 * Gathers all that a report may see, in one pass and bounded however long the run was: numbers in full, lists thinned
 * out evenly with a note of how many there were. The verdict comes from the judge and is joined in `toRecord`.
 */
import type { AgentEvent, HistoryEvent, PortEvent, RunStarted, VitalsEvent } from '../model/history.ts';
import type { LoadPlan } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';
import {
  type AgentRecord,
  REPORT_SCHEMA,
  type RunRecord,
  type ScenarioMetrics,
  type Verdict,
} from '../model/record.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { type Feed, type Numbers, startFeed } from './feed.ts';
import { type SessionCosts, type SessionTally, startSessionTally, toIsolationRecords } from './isolation.ts';
import { type LoadRules, loadRulesOf } from './load-metrics.ts';
import { type Metrics, mergeMetrics, startMetrics, toScenarioMetrics } from './metrics.ts';
import { isUsersOperation, type Pairing, startPairing } from './pairing.ts';
import { type Recoveries, startRecoveries } from './recovery.ts';
import { replayLine } from './replay.ts';
import { startThinning, type Thinning } from './thinning.ts';

const PORT_EVENTS_MAX = 500;
const AGENT_EVENTS_MAX = 200;
const VITALS_MAX = 600;

type Ready = Extract<AgentEvent, { readonly phase: 'ready' }>;

/** What the events tell of a run, without its verdict. */
export interface Gathered {
  readonly started: RunStarted | null;
  readonly duration_ms: number;
  /** The first agent under test that was ready, or else the first agent. */
  readonly ready: Ready | null;
  readonly events: number;
  readonly operations: number;
  readonly simulated_agents: number;
  readonly metrics: ReadonlyMap<string, ScenarioMetrics>;
  /** Of scenarios whose sessions are told in the history. */
  readonly sessions: ReadonlyMap<string, SessionCosts>;
  readonly agents: readonly AgentRecord[];
  readonly ports: { readonly held_max: number; readonly events: readonly PortEvent[] };
  readonly vitals: readonly VitalsEvent[];
  readonly thinned?: NonNullable<RunRecord['thinned']>;
}

export interface Gathering {
  /** Events in the order of the history. */
  add(event: HistoryEvent): void;
  /** As the judge takes them. */
  take(scenario: string, measured: Metrics): void;
  /** What has been counted and taken until now, as it can be added to what others counted. */
  counted(scenario: string): Metrics | undefined;
  close(): Gathered;
}

interface ScenarioState {
  readonly metrics: Metrics;
  taken: Metrics | undefined;
  readonly feed: Feed;
  readonly recoveries: Recoveries;
  readonly pair: Pairing;
}

interface State {
  readonly numbers: Numbers | undefined;
  readonly load: LoadPlan | undefined;
  readonly rules: LoadRules | undefined;
  /** Of each scenario. */
  readonly faults: ReadonlyMap<string, readonly FaultPlan[]>;
  started: RunStarted | null;
  first_ms: number | null;
  last_ms: number;
  ready: Ready | null;
  events: number;
  operations: number;
  simulated_agents: number;
  /** Ports held at this moment. */
  readonly held: Set<number>;
  held_max: number;
  readonly scenarios: Map<string, ScenarioState>;
  readonly sessions: Map<string, SessionTally>;
  readonly agentEvents: Thinning<AgentEvent>;
  readonly portEvents: Thinning<PortEvent>;
  readonly vitals: Thinning<VitalsEvent>;
}

export function startRecord(plan: Plan, numbers?: Numbers): Gathering {
  const state: State = {
    numbers,
    load: plan.load,
    rules: loadRulesOf(plan),
    faults: new Map(plan.scenarios.map((scenario) => [scenario.name, scenario.faults])),
    started: null,
    first_ms: null,
    last_ms: 0,
    ready: null,
    events: 0,
    operations: 0,
    simulated_agents: 0,
    held: new Set(),
    held_max: 0,
    scenarios: new Map(),
    sessions: new Map(),
    agentEvents: startThinning(AGENT_EVENTS_MAX),
    portEvents: startThinning(PORT_EVENTS_MAX),
    vitals: startThinning(VITALS_MAX),
  };
  return {
    add: (event) => addEvent(state, event),
    take: (name, measured) => {
      const scenario = scenarioOf(state, name);
      scenario.taken = scenario.taken === undefined ? measured : mergeMetrics(scenario.taken, measured);
    },
    counted: (name) => {
      const scenario = state.scenarios.get(name);
      return scenario === undefined ? undefined : allOf(scenario);
    },
    close: () => closeState(state),
  };
}

/** Joins what was gathered with the verdict on the same history; `name` is the run's. */
export function toRecord(plan: Plan, verdict: Verdict, gathering: Gathering, name: string): RunRecord {
  const gathered = gathering.close();
  const isolation = toIsolationRecords(plan, verdict, gathered.sessions);
  const families = new Map(plan.scenarios.map((scenario) => [scenario.name, scenario.family]));
  return {
    schema: REPORT_SCHEMA,
    muster: plan.muster,
    seed: plan.seed,
    run: {
      name,
      started_at: gathered.started?.started_at ?? '',
      duration_ms: gathered.duration_ms,
      ended: verdict.ended,
      target: plan.target,
      mode: plan.mode ?? 'real',
      simulated_agents: gathered.simulated_agents,
      identity: plan.identity.kind,
      transport: plan.transport === 'mixed' ? 'mixed' : (gathered.ready?.transport ?? plan.transport ?? null),
      agent: gathered.ready?.card.name ?? null,
      events: gathered.events,
      operations: gathered.operations,
      replay: replayLine(plan),
    },
    verdict: verdict.verdict,
    exit_code: verdict.exit_code,
    reasons: verdict.reasons,
    scenarios: verdict.scenarios.map((scenario) => ({
      ...scenario,
      family: families.get(scenario.name) ?? '',
      metrics: scenario.applicable ? (gathered.metrics.get(scenario.name) ?? null) : null,
    })),
    gates: verdict.gates,
    ...(verdict.baseline === undefined ? {} : { baseline: verdict.baseline }),
    ...(isolation.length === 0 ? {} : { isolation }),
    agents: gathered.agents,
    ports: { plan: plan.ports, ...gathered.ports },
    vitals: gathered.vitals,
    environment: gathered.started?.environment ?? null,
    ...(gathered.thinned === undefined ? {} : { thinned: gathered.thinned }),
  };
}

function addEvent(state: State, event: HistoryEvent): void {
  state.events += 1;
  state.first_ms ??= event.time_ms;
  state.last_ms = event.time_ms;
  if (event.scenario !== '') {
    const { feed, recoveries, pair } = scenarioOf(state, event.scenario);
    const invoke = pair(event);
    feed(event, invoke);
    recoveries.add(event, invoke);
  }
  switch (event.type) {
    case 'run':
      if (event.phase === 'started') state.started = event;
      break;
    case 'invoke':
      if (isUsersOperation(event)) state.operations += 1;
      break;
    case 'agent':
      addAgentEvent(state, event);
      break;
    case 'port':
      addPortEvent(state, event);
      state.sessions.get(event.scenario)?.add(event);
      break;
    case 'session':
      sessionsOf(state, event.scenario).add(event);
      break;
    case 'vitals':
      state.vitals.add(event);
      break;
  }
}

function addAgentEvent(state: State, event: AgentEvent): void {
  // Rounds of measures are many, and what they show is told by their check.
  if (event.phase === 'measured') return;
  const isTrouble = (event.phase === 'exited' && !event.asked) || (event.phase === 'probed' && !event.answers);
  state.agentEvents.add(event, isTrouble);
  if (event.phase === 'starting' && event.how === 'simulated') state.simulated_agents += 1;
  if (event.phase !== 'ready') return;
  const isFirstUnderTest = event.agent === 'agent' && state.ready?.agent !== 'agent';
  if (state.ready === null || isFirstUnderTest) state.ready = event;
}

function addPortEvent(state: State, event: PortEvent): void {
  state.portEvents.add(event, event.phase === 'stolen' || event.phase === 'refused');
  if (event.phase === 'leased') for (const port of event.ports) state.held.add(port);
  if (event.phase === 'returned') for (const port of event.ports) state.held.delete(port);
  state.held_max = Math.max(state.held_max, state.held.size);
}

function scenarioOf(state: State, name: string): ScenarioState {
  const known = state.scenarios.get(name);
  if (known !== undefined) return known;
  const metrics = startMetrics(state.rules);
  const scenario: ScenarioState = {
    metrics,
    taken: undefined,
    feed: startFeed(metrics, state.load, state.numbers),
    recoveries: startRecoveries(state.faults.get(name)),
    pair: startPairing(),
  };
  state.scenarios.set(name, scenario);
  return scenario;
}

function sessionsOf(state: State, name: string): SessionTally {
  const tally = state.sessions.get(name) ?? startSessionTally();
  state.sessions.set(name, tally);
  return tally;
}

function closeState(state: State): Gathered {
  const { agentEvents, portEvents, vitals } = state;
  const isThinned = [agentEvents, portEvents, vitals].some((list) => list.kept().length < list.all());
  return {
    started: state.started,
    duration_ms: Math.round((state.last_ms - (state.first_ms ?? state.last_ms)) * 1000) / 1000,
    ready: state.ready,
    events: state.events,
    operations: state.operations + operationsTaken(state),
    simulated_agents: state.simulated_agents,
    metrics: new Map(
      [...state.scenarios].map(([name, scenario]) => [
        name,
        toScenarioMetrics(allOf(scenario), scenario.recoveries.close(), state.load),
      ]),
    ),
    sessions: new Map([...state.sessions].map(([name, tally]) => [name, tally.close()])),
    agents: byAgent(agentEvents.kept()),
    ports: { held_max: state.held_max, events: portEvents.kept() },
    vitals: vitals.kept(),
    ...(isThinned
      ? { thinned: { port_events: portEvents.all(), agent_events: agentEvents.all(), vitals: vitals.all() } }
      : {}),
  };
}

const allOf = ({ metrics, taken }: Pick<ScenarioState, 'metrics' | 'taken'>): Metrics =>
  taken === undefined ? metrics : mergeMetrics(metrics, taken);

/** Of a sample, what the history holds is counted already. */
function operationsTaken({ scenarios, operations }: State): number {
  const taken = [...scenarios.values()].flatMap((one) => [...(one.taken?.tallies.values() ?? [])]);
  return Math.max(0, taken.reduce((sum, { ok, fail, info }) => sum + ok + fail + info, 0) - operations);
}

function byAgent(events: readonly AgentEvent[]): AgentRecord[] {
  const records = new Map<string, { scenario: string; agent: string; events: AgentEvent[] }>();
  for (const event of events) {
    const key = JSON.stringify([event.scenario, event.agent]);
    const record = records.get(key) ?? { scenario: event.scenario, agent: event.agent, events: [] };
    record.events.push(event);
    records.set(key, record);
  }
  return [...records.values()];
}
