/** Schedules of faults on a real agent: what the plan says is what is done, and who was not disturbed has shown nothing. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../harness/model/plan.ts';
import { type Bench, ending, eventually, openBench, ROOT } from './muster.ts';

function writeConfig(bench: Bench, faults: Readonly<Record<string, unknown>>, more = ''): void {
  const scenario = {
    name: 'stormy',
    title: 'Faults come as they like',
    family: 'recovery',
    needs: ['slow'],
    users: 6,
    load: { shape: 'closed' },
    mustExercise: [],
    ...faults,
  };
  writeFileSync(
    join(bench.folder, 'muster.config.ts'),
    `import { streamRounds } from ${JSON.stringify(join(ROOT, 'scenarios/rounds.ts'))};
     export default { ${more} scenarios: [{ ...${JSON.stringify(scenario)},
       script: (context) => streamRounds(context, 'slow', { rounds: 30, retry_ms: 50 }) }] };`,
  );
}

test.concurrent('a swarm is carried out as its plan says, heals, is measured, and the correct agent is not accused', async () => {
  using bench = openBench();
  const swarm = {
    faults: [
      { fault: 'freeze', target: 'agent' },
      { fault: 'latency', target: 'agent', latency_ms: 50 },
      { fault: 'status', target: 'agent', status: 503 },
      { fault: 'down', target: 'agent' },
    ],
    within_ms: 1200,
    for_ms: { from: 150, to: 400 },
    leaves_out: 0.3,
  };
  writeConfig(bench, { process: 'own', swarm });
  const run = await bench.muster('run', 'stormy', '--fixture', 'echo', '--seed', '11', '--out', 'run');
  expect(run.stderr).toBe('');
  const plan: Plan = JSON.parse(bench.text('run', 'plan.json'));
  const again = await bench.muster('plan', 'stormy', '--fixture', 'echo', '--seed', '11');
  expect(JSON.parse(again.stdout)).toEqual(plan);
  const [planned] = plan.scenarios;
  const [scenario] = bench.record('run').scenarios;
  const told = scenario?.metrics?.faults ?? [];
  expect((planned?.faults.length ?? 0) + (planned?.faults_left_out?.length ?? 0)).toBe(swarm.faults.length);
  expect(told.map(({ fault }) => fault)).toEqual(planned?.faults);
  expect(told.every(({ healed_ms }) => healed_ms !== null)).toBe(true);
  const last = told.toSorted((a, b) => (a.healed_ms ?? 0) - (b.healed_ms ?? 0)).at(-1);
  expect(last?.recovery).toMatchObject({ overlaid: false, stuck: 0 });
  expect(last?.recovery_ms).toBe(last?.recovery?.first_success_ms);
  expect(last?.recovery_ms).not.toBeNull();
  expect(scenario?.findings).toEqual([]);
  expect(run.stdout).toContain('Faults, from the heal');
});

test.concurrent('a fault that comes again is applied each time, and one that nothing met makes its scenario inconclusive', async () => {
  using bench = openBench();
  const status = { fault: 'status', target: 'agent', status: 503, for_ms: 100 };
  const faults = [{ ...status, begins: { after_events: 3, of: 'ok' }, times: 2, every_ms: 400 }];
  writeConfig(bench, { faults });
  const run = ['run', 'stormy', '--fixture', 'echo', '--seed', '3'];
  expect((await bench.muster(...run, '--out', 'twice', '--gate', 'stuck == 0')).code).toBe(0);
  const hits = bench.record('twice').scenarios[0]?.metrics?.faults.map((fault) => fault.hits ?? 0);
  expect(hits).toHaveLength(2);
  expect(hits?.every((count) => count > 0)).toBe(true);
  writeConfig(bench, { faults: [{ ...status, begins: { at_ms: 0 }, match: { operation: 'CancelTask' } }] });
  expect((await bench.muster(...run, '--out', 'nothing')).code).toBe(2);
  const [missed] = bench.record('nothing').scenarios;
  expect(missed?.verdict).toBe('inconclusive');
  expect(missed?.reasons.join(' ')).toContain('nothing met it');
});

test.concurrent('a fault that cannot be healed is told, accuses nobody, and the exit code says that nothing was proved', async () => {
  using bench = openBench();
  const kill = { fault: 'kill', target: 'agent', begins: { after_events: 3, of: 'ok' }, for_ms: 600 };
  writeConfig(bench, { faults: [kill] }, 'limits: { ready_ms_max: 2500 },');
  const run = bench.start('run', 'stormy', '--fixture', 'echo', '--out', 'run');
  const ended = ending(run);
  const history = await eventually(
    () => bench.text('run', 'history.jsonl'),
    (text) => text.includes('"phase":"applied"'),
  );
  const [, port = '0'] = /"url":"http:\/\/127\.0\.0\.1:(\d+)/.exec(history) ?? [];
  const thief = createServer((socket) => socket.destroy()).listen(Number(port), '127.0.0.1');
  await once(thief, 'listening');
  expect(await ended).toMatchObject({ code: 2 });
  thief.close();
  const [scenario] = bench.record('run').scenarios;
  expect(scenario?.findings).toEqual([]);
  expect(scenario?.reasons.join(' ')).toMatch(/It failed: .*somebody else has it/);
  expect(scenario?.metrics?.faults).toMatchObject([{ healed_ms: null }]);
  expect(bench.left()).toEqual([]);
});

test('an agent that ends its tasks when it is told to stop passes, and one that the signal ends is not accused', async () => {
  using bench = openBench();
  const run = ['run', 'graceful-stop', '--seed', '5', '--out'];
  expect(await bench.muster(...run, 'drains', '--fixture', 'echo')).toMatchObject({ code: 0, stderr: '' });
  const kit = ['kit', 'echo'].map((name) => JSON.stringify(join(ROOT, `fixtures/agents/${name}.ts`)));
  const served = `import { serve } from ${kit[0]}; import { define } from ${kit[1]}; serve(define(), { port: Number(process.env.PORT) });`;
  writeFileSync(join(bench.folder, 'agent.ts'), served);
  const command = `exec '${process.execPath}' agent.ts`;
  expect((await bench.muster(...run, 'dies', '--command', command, '--phrasebook', 'echo')).code).toBe(2);
  const [scenario] = bench.record('dies').scenarios;
  expect(scenario?.findings).toEqual([]);
  expect(scenario?.reasons).toEqual([expect.stringMatching(/stops-in-order: .* does not handle SIGTERM/)]);
});
