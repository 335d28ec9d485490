/**
 * What a load would send, to whom, and how much of it at most, as text. It follows from the plan alone, so nothing has to be asked
 * of anybody: not even for the agent card.
 */
import type { LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { userAgentOf } from '../../model/user-agent.ts';
import { sizeOf, tell } from '../../plan/load-caps.ts';
import { LOAD_SCRIPTS } from '../../plan/load-scripts.ts';
import { renderAbort } from './parse-abort.ts';
import type { KneeSettings } from './settings.ts';

export function describeDryRun(plan: Plan & { readonly load: LoadPlan }, knee?: KneeSettings): string {
  const { load, target, identity, transport, scenarios, gates } = plan;
  const size = sizeOf(load);
  const weights = load.mix.reduce((sum, { weight }) => sum + weight, 0);
  const users = scenarios[0]?.users ?? 0;
  const obstacle = scenarios[0]?.not_applicable;
  const lines: readonly (readonly [string, string])[] = [
    ['profile', `${load.profile}: ${scenarios[0]?.title ?? ''}`],
    ...(obstacle === undefined ? [] : [['but', `it cannot be run: ${obstacle}`] as const]),
    ['to', `${whom(target)}, over ${transport ?? 'the first transport on its card'}`],
    ['as', `${tell(users)} users, ${identity.kind}; User-Agent: ${userAgentOf(plan)}`],
    ['engine', `${load.engine}${load.workers > 1 ? `, ${load.workers} workers` : ''}${shardOf(load)}`],
    ...(knee === undefined ? demandLines(load) : kneeLines(knee)),
    ...load.mix.map(({ script, weight }, index): readonly [string, string] => [
      index === 0 ? 'what' : '',
      `${script}, ${tell((100 * weight) / weights)}%: ${LOAD_SCRIPTS[script]?.title ?? ''}`,
    ]),
    ['at most', atMost(load, size, knee)],
    ['caps', capsOf(load)],
    ['stops if', load.abort.map(renderAbort).join(', ') || 'nothing but its caps'],
    ['gates', gates.join(', ') || 'none'],
    ['seed', String(plan.seed)],
  ];
  const width = Math.max(...lines.map(([head]) => head.length));
  return lines.map(([head, text]) => `  ${head.padEnd(width)}  ${text}\n`).join('');
}

function whom(target: Plan['target']): string {
  switch (target.kind) {
    case 'fixture':
      return `the fixture ${target.name}, in this process`;
    case 'command':
      return `the agent that \`${target.command}\` starts, on this machine`;
    case 'url':
      return target.url;
  }
}

const shardOf = ({ shard }: LoadPlan): string => (shard === undefined ? '' : `, shard ${shard.index} of ${shard.of}`);

function demandLines({ demand }: LoadPlan): readonly (readonly [string, string])[] {
  if (demand.kind === 'closed') return [['when', `${tell(demand.at_once)} at once, for ${time(demand.for_ms)}`]];
  return demand.stages.map(({ from_per_s, to_per_s, for_ms }, index): readonly [string, string] => {
    const rate = from_per_s === to_per_s ? tell(to_per_s) : `${tell(from_per_s)} to ${tell(to_per_s)}`;
    return [
      index === 0 ? 'when' : '',
      `${rate} visits per second for ${time(for_ms)}${index === 0 ? `, ${demand.arrivals}` : ''}`,
    ];
  });
}

function kneeLines({ question, each_ms, pause_ms, for_ms }: KneeSettings): readonly (readonly [string, string])[] {
  const { from_per_s, to_per_s, tries, within_percent } = question;
  return [
    ['when', `rates from ${tell(from_per_s)} to ${tell(to_per_s)} visits per second, ${tell(within_percent)}% apart`],
    [
      '',
      `each for ${time(each_ms)} after a pause of ${time(pause_ms)}, ${tries} times at the edge, for ${time(for_ms)} in all`,
    ],
  ];
}

function atMost(
  { caps, shard }: LoadPlan,
  { visits, messages, requests, cost, duration_ms }: ReturnType<typeof sizeOf>,
  knee?: KneeSettings,
): string {
  if (visits === undefined || messages === undefined || requests === undefined) {
    const paid = caps.cost === undefined ? '' : ` or a cost of ${tell(caps.cost.max)}`;
    return `as much as the agent answers in ${time(duration_ms)}, up to the cap of ${tell(caps.requests_max)} requests${paid}`;
  }
  const priced = cost === undefined ? '' : `, at a cost of ${tell(cost)}`;
  const text = `${tell(visits)} visits with ${tell(messages)} messages and ${tell(requests)} requests in all${priced}`;
  if (knee !== undefined) return `${text} for the try at the highest rate; all tries together keep the caps`;
  return shard === undefined ? text : `${text}, of which this shard has its part`;
}

function capsOf({ caps }: LoadPlan): string {
  const { rate_per_s_max, users_max, requests_max, bytes_max, duration_ms_max, cost } = caps;
  return [
    `${tell(rate_per_s_max)} visits per second`,
    `${tell(users_max)} users`,
    `${tell(requests_max)} requests`,
    `${tell(bytes_max)} bytes`,
    time(duration_ms_max),
    ...(cost === undefined ? [] : [`a cost of ${tell(cost.max)}`]),
  ].join(', ');
}

const time = (ms: number): string => {
  if (ms < 1_000) return `${tell(ms)} ms`;
  return ms < 120_000 ? `${tell(ms / 1_000)} s` : `${tell(ms / 60_000)} min`;
};
