/** Whether agents are real or simulated, as flags and config say; and why not, where muster cannot simulate what is asked for. */
import type { Fixture } from '../model/live.ts';
import type { Plan, TargetPlan, TransportChoice } from '../model/plan.ts';
import type { PlanArguments } from './arguments.ts';
import type { MusterConfig } from './config.ts';

export function modeOf(
  asked: {
    readonly args: PlanArguments;
    readonly config: MusterConfig;
    readonly target: TargetPlan;
    readonly fixture: Fixture | undefined;
    readonly transport?: TransportChoice;
  },
  problems: string[],
): Required<Pick<Plan, 'mode'>> & Pick<Plan, 'fallback'> {
  const { args, config } = asked;
  const mode = args.mode ?? config.mode ?? 'real';
  const fallback = args.fallback ?? config.fallback;
  if (mode !== 'real' && mode !== 'simulated') {
    problems.push(`--mode: "${mode}" is unknown; allowed are real and simulated`);
  }
  if (fallback !== undefined && fallback !== 'simulated') {
    problems.push(`--fallback: "${fallback}" is unknown; allowed is simulated`);
  }
  const obstacle = whyNotSimulated(asked);
  if (mode === 'simulated' && obstacle !== undefined) problems.push(`--mode simulated: ${obstacle}`);
  else if (fallback === 'simulated' && obstacle !== undefined) problems.push(`--fallback simulated: ${obstacle}`);
  return { mode: mode === 'simulated' ? mode : 'real', ...(fallback === 'simulated' ? { fallback } : {}) };
}

function whyNotSimulated({
  target,
  fixture,
  transport,
}: {
  readonly target: TargetPlan;
  readonly fixture: Fixture | undefined;
  readonly transport?: TransportChoice;
}): string | undefined {
  if (target.kind === 'command') {
    return 'a command runs in a process of its own and answers on a port; only a fixture can be simulated (--fixture)';
  }
  if (target.kind === 'url') {
    return 'the agent behind a URL is where it is; only a fixture can be simulated (--fixture)';
  }
  if (fixture !== undefined && fixture.simulate === undefined) {
    return `fixture "${fixture.name}" needs a process of its own to show what it is for; name another, or leave this out`;
  }
  if (transport === 'grpc') {
    return 'gRPC needs a connection, and a simulated agent has none; allowed are --transport jsonrpc and rest';
  }
  return undefined;
}
