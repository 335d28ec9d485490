/**
 * Scenarios and a seed become a plan: everything that will be done, with every limit, before anything starts. The same
 * input gives the same plan, to the byte.
 */

import type { Baseline } from '../model/baseline.ts';
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import { linksOf } from '../model/links.ts';
import { isPeer } from '../model/peers.ts';
import type { Phrasebook } from '../model/phrasebook.ts';
import {
  type IdentityPlan,
  type Limits,
  PLAN_SCHEMA,
  type Plan,
  type Policy,
  type PortsPlan,
  type ScenarioPlan,
  type TargetPlan,
  type TransportChoice,
} from '../model/plan.ts';
import type { FaultPlan, LoadProfile, Scenario, Unscheduled } from '../model/scenario.ts';
import type { SessionMode } from '../model/session.ts';
import { planFaults } from './fault-plans.ts';

export interface PlanInput {
  readonly muster: string;
  readonly seed: number;
  readonly target: TargetPlan;
  /** Real unless given. */
  readonly mode?: SessionMode;
  readonly fallback?: 'simulated';
  /** Wire faults may stand between the users and an agent behind a URL. */
  readonly allow_faults?: true;
  readonly scenarios: readonly Scenario[];
  readonly phrasebook: Phrasebook;
  readonly identity: IdentityPlan;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly ports: PortsPlan;
  readonly gates: readonly string[];
  readonly baseline?: Baseline;
  readonly flags: readonly string[];
  readonly transport?: TransportChoice;
  readonly toxiproxy?: string;
  readonly config?: string;
  /** The scenarios as they were asked for; empty for all. */
  readonly scenario_names: readonly string[];
  /** Instead of each scenario's own number. */
  readonly users?: number;
  readonly load?: LoadProfile;
}

export function makePlan(input: PlanInput): Plan {
  return {
    schema: PLAN_SCHEMA,
    muster: input.muster,
    seed: input.seed,
    target: input.target,
    mode: input.mode ?? 'real',
    ...(input.fallback === undefined ? {} : { fallback: input.fallback }),
    ...(input.transport === undefined ? {} : { transport: input.transport }),
    ...(input.toxiproxy === undefined ? {} : { toxiproxy: input.toxiproxy }),
    identity: input.identity,
    phrasebook: input.phrasebook,
    policy: input.policy,
    limits: input.limits,
    ports: input.ports,
    gates: input.gates,
    ...(input.baseline === undefined ? {} : { baseline: input.baseline }),
    ...(input.config === undefined ? {} : { config: input.config }),
    flags: input.flags,
    scenario_names: input.scenario_names,
    scenarios: input.scenarios.map((scenario) => planScenario(scenario, input)),
  };
}

function planScenario(scenario: Scenario, input: PlanInput): ScenarioPlan {
  const { faults, left_out } = planFaults(scenario, input.seed);
  const obstacle = whyNotApplicable(scenario, input);
  const { blocks, range, neighbours, socket, measures, descriptors, idle_ms_max, agentsHangUp } = scenario;
  // Who fills a pool of ports is as many as the scenario says, or it fills nothing.
  const users =
    scenario.names?.length ?? (typeof blocks === 'number' ? scenario.users : (input.users ?? scenario.users));
  return {
    name: scenario.name,
    title: scenario.title,
    family: scenario.family,
    ...(obstacle === undefined ? {} : { not_applicable: obstacle }),
    capabilities: scenario.capabilities ?? [],
    users,
    devices: scenario.devices ?? 1,
    ...(scenario.names === undefined ? {} : { names: scenario.names }),
    ...(blocks === undefined ? {} : { blocks: blocks === 'one-too-few' ? Math.max(1, users - 1) : blocks }),
    ...(range === undefined ? {} : { range }),
    ...(neighbours === undefined ? {} : { neighbours }),
    ...(scenario.servers === undefined ? {} : { servers: scenario.servers }),
    ...(scenario.isolation === undefined ? {} : { isolation: scenario.isolation }),
    process: scenario.process ?? (allFaults(scenario).some(isOnProcess) ? 'own' : 'any'),
    ...(socket === undefined ? {} : { socket }),
    ...(measures === undefined ? {} : { measures }),
    ...(descriptors === undefined ? {} : { descriptors }),
    ...(idle_ms_max === undefined ? {} : { idle_ms_max }),
    ...(agentsHangUp === undefined ? {} : { agents_hang_up: agentsHangUp }),
    ...(scenario.transports === undefined ? {} : { transports: scenario.transports }),
    load: input.load ?? scenario.load,
    faults,
    ...(scenario.swarm === undefined ? {} : { faults_left_out: left_out }),
    must_exercise: scenario.mustExercise,
  };
}

/** Those that the seed leaves out too: whether a scenario is applicable is no matter of luck. */
const allFaults = ({ faults = [], swarm }: Scenario): readonly Unscheduled<FaultPlan>[] => [
  ...faults,
  ...(swarm?.faults ?? []),
];

const isOnProcess = ({ fault }: Pick<FaultPlan, 'fault'>): boolean => PROCESS_FAULTS.has(fault);

/** What the card claims is not known yet: that is looked at when the agent is up. */
function whyNotApplicable(scenario: Scenario, input: PlanInput): string | undefined {
  const faults = allFaults(scenario);
  const missing = scenario.needs.filter((behaviour) => input.phrasebook[behaviour] === undefined);
  if (missing.length > 0) {
    const names = missing.map((name) => `\`${name}\``).join(' and ');
    return `the phrasebook does not say how to make this agent do ${names}`;
  }
  if (scenario.identities && input.identity.kind === 'anonymous') {
    return 'all users are anonymous, so the agent cannot tell them apart: give --identity bearer or --users-file';
  }
  if (scenario.names !== undefined && input.identity.kind !== 'bearer') {
    return 'its users go by odd names, for which muster has no credentials: --identity bearer makes each a token of its own, if the agent takes any for a user';
  }
  if (input.identity.kind === 'anonymous' && faults.some((fault) => 'match' in fault && fault.match?.user)) {
    return 'all users are anonymous, so no fault can hit only one of them: give --identity bearer or --users-file';
  }
  if (
    input.transport === 'grpc' &&
    faults.some((fault) => fault.target === 'agent' && 'match' in fault && fault.match)
  ) {
    return 'over gRPC no fault can be meant for some calls and not for others: run it with --transport jsonrpc or rest';
  }
  const differing = whyNotSeveralTransports(scenario, input, faults);
  if (differing !== undefined) return differing;
  if (input.mode === 'simulated') {
    if (scenario.isolation !== undefined)
      return 'simulated agents share one process, so nothing is isolated: run it with --mode real';
    if (scenario.process === 'own')
      return 'a simulated agent has no process that could be hurt: run it with --mode real';
    if (scenario.servers !== undefined) return 'simulated agents cannot call each other: run it with --mode real';
    if (scenario.blocks !== undefined) return 'simulated agents have no ports: run it with --mode real';
    if (faults.length > 0) {
      return 'a simulated agent has no connection that could be disturbed: run it with --mode real';
    }
  }
  if (input.target.kind === 'url') {
    const onProcess = [...new Set(faults.filter(isOnProcess).map(({ fault }) => `\`${fault}\``))];
    if (onProcess.length > 0) {
      const names = onProcess.join(', ');
      return `muster did not start the agent behind this URL and will not hurt its process (${names}): see --command`;
    }
    if (scenario.process === 'own') return 'muster did not start the agent behind this URL and will not stop it';
    if (scenario.servers !== undefined)
      return 'muster does not start the agent behind this URL, and can start no others beside it';
    if (scenario.blocks !== undefined) return 'muster does not start the agent behind this URL, so it needs no ports';
    if (faults.some(({ target }) => isPeer(target))) {
      return 'muster cannot put itself between the agent behind this URL and its peer';
    }
    if (faults.length > 0 && input.allow_faults !== true) {
      return 'it disturbs the way to an agent that muster did not start: --allow-faults lets it';
    }
  }
  if (scenario.servers !== undefined && scenario.servers > input.ports.block)
    return `it needs ${scenario.servers} ports on end, and a block has ${input.ports.block}: see ports.block`;
  if (scenario.range !== undefined && input.ports.from === 'os') {
    return 'the operating system gives the ports, so there is no range of them: run it with --ports FIRST-LAST';
  }
  if (input.target.kind === 'command' && scenario.socket !== undefined) {
    const takesSocket = input.target.socket_activation === true;
    if (scenario.socket === 'handed-over' && !takesSocket) {
      return 'this command binds its port itself, so there is a moment in which another program can: see --socket-activation';
    }
    if (scenario.socket === 'bound-by-agent' && takesSocket) {
      return 'this command is handed the socket of its port, so there is no moment in which another program could bind it';
    }
  }
  return undefined;
}

function whyNotSeveralTransports(
  { transports, isolation }: Scenario,
  { transport }: PlanInput,
  faults: readonly Unscheduled<FaultPlan>[],
): string | undefined {
  if (transports === 'all' && transport !== undefined && transport !== 'mixed')
    return `it compares transports, and --transport ${transport} names only one: leave it out, or choose mixed`;
  if (transports !== 'all' && transport !== 'mixed') return undefined;
  if (isolation !== undefined) return 'isolation strategies are compared over one transport: name it with --transport';
  if (faults.some(isBetweenUsersAndAgent))
    return 'its faults stand before one address of the agent, and the users speak to several: name one --transport';
  return undefined;
}

const isBetweenUsersAndAgent = (fault: Unscheduled<FaultPlan>): boolean =>
  !isOnProcess(fault) && !isPeer(fault.target) && linksOf(fault.target) === undefined;
