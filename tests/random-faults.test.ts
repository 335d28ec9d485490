/**
 * Every kind of fault there is, in schedules that the seed draws: correct agents are not accused, and nothing is left. In full
 * size with MUSTER_FULL=1: 20 seeds on both agents, and more until every kind was drawn, told on standard error.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isListening } from '../harness/agents/listeners.ts';
import type { Attribute } from '../harness/faults/attributes.ts';
import { FAULTS } from '../harness/faults/table.ts';
import { PROCESS_FAULTS } from '../harness/model/fault-kinds.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { FaultName } from '../harness/model/scenario.ts';
import { type Bench, openBench, ROOT } from './muster.ts';

const FULL = process.env['MUSTER_FULL'] === '1';
const SEEDS = Array.from({ length: FULL ? 20 : 2 }, (_, index) => index + 1);
const SEEDS_MAX = 60;
const AGENTS = ['echo', 'delegator'] as const;
const WITHIN_MS = 4_000;
/** Nobody else's, so that whoever still listens there is left of a run. */
const PORTS = '21500-21599';

/** What bites soon and hurts for a while; the least that is allowed for all others. */
const SENSIBLE: Readonly<Record<string, number | string>> = {
  latency_ms: 40,
  jitter_ms: 20,
  bytes_per_s: 20_000,
  slice_bytes: 100,
  delay_ms: 50,
  gap_ms: 2,
  after_bytes: 300,
  after_events: 2,
  event: 2,
  content_type: 'text/plain',
  deadline_ms: 5_000,
  starts: 2,
  run_percent: 30,
  period_ms: 60,
  connections: 256,
};

const sensibly = (name: string, attribute: Attribute): number | string =>
  SENSIBLE[name] ?? ('oneOf' in attribute ? (attribute.oneOf.at(-1) ?? '') : attribute.from);

const everyFault = (target: 'agent' | 'peer') =>
  (Object.keys(FAULTS) as FaultName[])
    .filter((fault) => (target === 'agent' ? FAULTS[fault].needs !== 'liar' : !PROCESS_FAULTS.has(fault)))
    .map((fault) => ({
      fault,
      target,
      ...Object.fromEntries(
        Object.entries(FAULTS[fault].attributes as Readonly<Record<string, Attribute>>).map(([name, attribute]) => [
          name,
          sensibly(name, attribute),
        ]),
      ),
    }));

/** `crowd` needs an agent that has few descriptors. */
function writeConfig(bench: Bench, agent: (typeof AGENTS)[number]): void {
  const behaviour = agent === 'echo' ? 'slow' : 'delegates';
  const scenario = {
    name: 'random-faults',
    title: 'Anything may happen at any time',
    family: 'recovery',
    needs: [behaviour],
    descriptors: 128,
    users: 6,
    load: { shape: 'closed' },
    swarm: {
      faults: [...everyFault('agent'), ...(agent === 'delegator' ? everyFault('peer') : [])],
      within_ms: WITHIN_MS,
      for_ms: { from: 200, to: 500 },
      leaves_out: agent === 'delegator' ? 0.85 : 0.75,
    },
    mustExercise: [],
  };
  writeFileSync(
    join(bench.folder, 'muster.config.ts'),
    `import { streamRounds } from ${JSON.stringify(join(ROOT, 'scenarios/rounds.ts'))};
     import { pause, sendMessage } from ${JSON.stringify(join(ROOT, 'harness/script/vocabulary.ts'))};
     export default {
       policy: { answer_ms_max: 3000 },
       scenarios: [{ ...${JSON.stringify(scenario)},
         *script(context) {
           for (let round = 0; round < 30; round += 1) {
             yield* streamRounds(context, '${behaviour}', { rounds: 1, retry_ms: 50 });
             yield* sendMessage(context.agent, context.say.short());
             yield* pause(50);
           }
         } }] };`,
  );
}

const NOTHING_MET_IT = /^harness-valid: A fault was applied, and nothing met it/;

/** All that is amiss is told, also of later seeds. */
async function runOnce(bench: Bench, agent: (typeof AGENTS)[number], seed: number): Promise<readonly FaultName[]> {
  const asked = ['random-faults', '--fixture', agent, '--seed', String(seed), '--ports', PORTS];
  const { code, stderr } = await bench.muster('run', ...asked, '--out', `run-${seed}`);
  const plan: Plan = JSON.parse(bench.text(`run-${seed}`, 'plan.json'));
  expect.soft(JSON.parse((await bench.muster('plan', ...asked)).stdout), 'the schedule of the same seed').toEqual(plan);
  const [scenario] = bench.record(`run-${seed}`).scenarios;
  const told = scenario?.metrics?.faults ?? [];
  if (FULL) {
    const faults = told.map(({ fault, hits }) => `${fault.fault}@${fault.target}${hits === 0 ? ' (met nothing)' : ''}`);
    process.stderr.write(`${agent}, seed ${seed}: ${scenario?.verdict}; ${faults.join(', ')}\n`);
  }
  const label = `${agent} with seed ${seed}`;
  expect.soft(scenario?.findings, label).toEqual([]);
  // Where its process is down, or the agent itself cut off by another fault, a fault may meet nothing; nothing else may be amiss.
  expect
    .soft(
      scenario?.reasons.filter((reason) => !NOTHING_MET_IT.test(reason)),
      label,
    )
    .toEqual([]);
  expect.soft({ code, stderr }, label).toEqual({ code: scenario?.verdict === 'pass' ? 0 : 2, stderr: '' });
  expect.soft(told.map(({ fault }) => fault)).toEqual(plan.scenarios[0]?.faults);
  expect.soft(told.filter(({ healed_ms }) => healed_ms === null)).toEqual([]);
  expect.soft(bench.left(), label).toEqual([]);
  const ports = bench.history(`run-${seed}`).filter((event) => event.type === 'port');
  const [leased, returned] = ['leased', 'returned'].map((phase) =>
    ports.flatMap((event) => (event.phase === phase && 'ports' in event ? event.ports : [])).sort(),
  );
  expect.soft(returned, label).toEqual(leased);
  for (const port of leased ?? []) expect.soft(await isListening(port), `port ${port} of ${label}`).toBe(false);
  return told.map(({ fault }) => fault.fault);
}

test(`correct agents bear every kind of fault in random schedules, with ${SEEDS.length} seeds, and nothing is left`, async () => {
  const drawn = new Set<FaultName>();
  const missing = () => Object.keys(FAULTS).filter((fault) => !drawn.has(fault as FaultName));
  for (const [position, agent] of AGENTS.entries()) {
    using bench = openBench({ ownLocks: true });
    writeConfig(bench, agent);
    const bear = async (seed: number): Promise<void> => {
      for (const fault of await runOnce(bench, agent, seed)) drawn.add(fault);
    };
    for (const seed of SEEDS) if (FULL || seed % AGENTS.length === position) await bear(seed);
    // Chance may leave a kind out: as many seeds more as it takes.
    const isLast = position === AGENTS.length - 1;
    for (let seed = SEEDS.length + 1; FULL && isLast && missing().length > 0 && seed <= SEEDS_MAX; seed += 1)
      await bear(seed);
  }
  if (FULL) expect(missing()).toEqual([]);
  else expect([...drawn].some((fault) => PROCESS_FAULTS.has(fault))).toBe(true);
}, 3_600_000);
