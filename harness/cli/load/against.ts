/**
 * `muster load --against`: two agents on one machine, loaded in turn by the same users at the same times, and compared. Each block is a
 * load and a run of its own, whose segment is all that is read of it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { renderComparison } from '../../../reports/comparison/comparison.ts';
import { checks } from '../../checks/table.ts';
import { type BlockPair, compareBlocks, comparePasses, isSettled } from '../../judge/compare/compare-blocks.ts';
import { COMPARISON_POLICY } from '../../judge/compare/judge-metrics.ts';
import { blockPart, type LoadPart } from '../../judge/compare/parts.ts';
import { toComparison } from '../../judge/compare/to-comparison.ts';
import { decodeMetrics } from '../../judge/encode-metrics.ts';
import { addVitals, distrustLoad, startLoadVitals } from '../../judge/load-validity.ts';
import type { Demand } from '../../model/load.ts';
import type { Plan, TargetPlan } from '../../model/plan.ts';
import type { Verdict } from '../../model/record.ts';
import { interleave } from '../../plan/interleave.ts';
import { forkRandom } from '../../plan/random.ts';
import { makeRunFolder } from '../../run/folder.ts';
import { makeFolder } from '../../run/make-folder.ts';
import { runPlan } from '../../run/run-plan.ts';
import { hashOfWhole, readSegment } from '../../run/segment-file.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { liveFrom, liveTargetOf } from '../live.ts';
import { openSessions } from '../open-sessions.ts';
import { RUNS_FOLDER } from '../run.ts';
import { type AgainstSettings, tellTarget } from './against-options.ts';
import { refuseUnsafe } from './refuse.ts';
import type { LoadSettings } from './settings.ts';

type LoadPlanned = LoadSettings['plan'];
type Side = 'a' | 'b';

export async function loadAgainst(
  plan: LoadPlanned,
  settings: AgainstSettings,
  out: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  refuseUnsafe(wholeOf(plan, settings));
  refuseUnsafe(wholeOf({ ...plan, target: settings.target }, settings));
  const folder = await makeRunFolder(
    out === undefined ? { parent: RUNS_FOLDER, name: 'against', now: new Date(), latest: false } : { folder: out },
  );
  await using agents = new AsyncDisposableStack();
  const urls = { a: await standUp(plan.target, agents), b: await standUp(settings.target, agents) };
  const notes = new Set<string>();
  const pass = async (number: number): Promise<readonly BlockPair[]> => {
    process.stdout.write(`pass ${number}: ${settings.pairs} pairs of blocks of ${settings.block_ms / 1000} s\n`);
    const parts: { pair: number; side: Side; part: LoadPart | string }[] = [];
    for (const { pair, side } of interleave(settings.pairs, plan.seed, number)) {
      if (signal.aborted) break;
      const seed = forkRandom(plan.seed, 'block', number, pair).between(0, 2 ** 31 - 1);
      const block = blockOf({ ...plan, seed, target: { kind: 'url', url: urls[side] } }, settings);
      const name = `${number}-${String(pair + 1).padStart(2, '0')}-${side}`;
      const told = await runBlock(block, join(folder, 'blocks', name), signal);
      for (const note of told.notes) notes.add(`${side.toUpperCase()}: ${note}`);
      parts.push({ pair, side, part: told.part });
      await delay(settings.pause_ms, undefined, { signal }).catch(() => {});
    }
    const pairs = pairUp(parts, settings.pairs);
    if (pairs.length < settings.pairs) {
      notes.add(`In pass ${number} ${settings.pairs - pairs.length} of ${settings.pairs} pairs could not be used`);
    }
    return pairs;
  };
  const first = await pass(1);
  const seen = compareBlocks(first, COMPARISON_POLICY);
  const isOver = signal.aborted || isSettled(seen);
  const metrics = isOver ? seen : comparePasses(first, await pass(2), COMPARISON_POLICY);
  if (signal.aborted) notes.add('It was interrupted, and nothing was confirmed');
  const sideOf = (target: TargetPlan) => ({ name: tellTarget(target), machine: null, plan_hash: hashOfWhole(plan) });
  const comparison = toComparison({
    how: 'blocks',
    a: sideOf(plan.target),
    b: sideOf(settings.target),
    metrics,
    notes: [...notes],
    policy: COMPARISON_POLICY,
    isUnconfirmed: signal.aborted,
  });
  await writeFile(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
  process.stdout.write(`${renderComparison(comparison)}\nseed ${plan.seed}, all blocks in ${join(folder, 'blocks')}\n`);
  return signal.aborted ? EXIT.interrupted : comparison.exit_code;
}

/** Both stand all the while. A fixture has a process of its own, so that it takes nothing from whoever loads it. */
async function standUp(target: TargetPlan, agents: AsyncDisposableStack): Promise<string> {
  if (target.kind === 'url') return target.url;
  const problems: string[] = [];
  const live = liveTargetOf(target, problems);
  if (live === undefined || live.kind === 'url')
    throw new UsageError(`Failed to begin the load:\n  ${problems.join('\n  ')}`);
  const command = live.kind === 'command' ? live.command : live.command;
  const sessions = agents.use(await openSessions({ command, limits: { idle_ms_max: 24 * 3_600_000 } }));
  try {
    const [agent] = (await sessions.open({ user: 'load', agents: 1 })).agents;
    if (agent === undefined) throw new Error('its session has no agent');
    return agent.url;
  } catch (error) {
    throw new UsageError(`Failed to start ${tellTarget(target)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function blockOf(plan: LoadPlanned, { block_ms, discard_ms }: AgainstSettings): LoadPlanned {
  const demand = lasting(plan.load.demand, discard_ms + block_ms);
  return { ...plan, gates: [], load: { ...plan.load, demand, discard_ms } };
}

/** Of all blocks of one agent together: what its caps are held against. */
function wholeOf(plan: LoadPlanned, { pairs, block_ms, discard_ms }: AgainstSettings): LoadPlanned {
  return { ...plan, load: { ...plan.load, demand: lasting(plan.load.demand, 2 * pairs * (block_ms + discard_ms)) } };
}

function lasting(demand: Demand, for_ms: number): Demand {
  if (demand.kind === 'closed') return { ...demand, for_ms };
  const [stage, ...others] = demand.stages;
  if (stage === undefined || others.length > 0 || stage.from_per_s !== stage.to_per_s) {
    throw new UsageError(
      '--against: blocks are alike, so the load must be, too; give one rate, such as --rate 50, or --at-once 20',
    );
  }
  return { ...demand, stages: [{ ...stage, for_ms }] };
}

/** A sentence in place of its numbers where they say nothing of the agent. */
async function runBlock(
  plan: Plan & LoadPlanned,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly part: LoadPart | string; readonly notes: readonly string[] }> {
  await makeFolder(join(folder, 'agents'));
  const { verdict, error } = await runPlan({ plan, ...(await liveFrom(plan)), checks, folder, signal });
  if (error !== undefined) throw error;
  const { segment } = await readSegment(folder);
  const { metrics, vitals, ended } = segment;
  if (metrics === null || ended !== 'finished') return { part: `it ended early (${ended})`, notes: [] };
  const decoded = decodeMetrics(metrics);
  const told = startLoadVitals();
  for (const event of vitals) addVitals(told, event, plan.policy.harness_lag_ms_max);
  const distrust = distrustLoad(plan.load, decoded, told);
  const notes = [...distrust, ...foundIn(verdict)];
  const length_ms = (decoded.load?.rules.for_ms ?? 0) - (plan.load.discard_ms ?? 0);
  return { part: distrust[0] ?? blockPart(decoded, length_ms / 1000), notes };
}

function foundIn({ scenarios }: Verdict): readonly string[] {
  const names = scenarios.flatMap(({ findings }) => findings.map(({ check }) => check));
  return [...new Set(names)].map((check) => `the check ${check} has found something; see the runs in blocks/`);
}

function pairUp(
  parts: readonly { readonly pair: number; readonly side: Side; readonly part: LoadPart | string }[],
  pairs: number,
): readonly BlockPair[] {
  const of = (pair: number, side: Side) => parts.find((one) => one.pair === pair && one.side === side)?.part ?? '';
  return Array.from({ length: pairs }, (_, pair) => pair).flatMap((pair): readonly BlockPair[] => {
    const [a, b] = [of(pair, 'a'), of(pair, 'b')];
    return typeof a === 'string' || typeof b === 'string' ? [] : [{ a, b }];
  });
}
