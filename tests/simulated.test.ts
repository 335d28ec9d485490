/** Simulated runs from outside: the same scenarios with the same evidence, the same mutants caught, and no socket. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { RunRecord } from '../harness/model/record.ts';
import { ending, openBench, ROOT } from './muster.ts';

const SCENARIOS = ['many-users', 'two-devices', 'cancel-race', 'subscribe-late', 'access-matrix'];
const [FIRST, LAST] = [9820, 9829];

/** Of each scenario: which checks met evidence, and what they said. */
const evidenceOf = ({ scenarios }: RunRecord) =>
  scenarios.map(({ name, verdict, checks }) => ({
    name,
    verdict,
    checks: checks
      .filter(({ check, status }) => status !== 'no-evidence' && check !== 'ports-hold')
      .map(({ check, status, evidence }) => [check, status, evidence > 0]),
  }));

test('the same scenarios pass simulated and real, with evidence of the same checks, and each report says which it was', async () => {
  using bench = openBench();
  const run = (mode: string) => bench.muster('run', ...SCENARIOS, '--mode', mode, '--seed', '5', '--out', mode);
  for (const mode of ['simulated', 'real']) expect(await run(mode), mode).toMatchObject({ code: 0, stderr: '' });
  const [simulated, real] = [bench.record('simulated'), bench.record('real')];
  expect(evidenceOf(simulated)).toEqual(evidenceOf(real));
  expect(evidenceOf(simulated).every(({ verdict, checks }) => verdict === 'pass' && checks.length > 4)).toBe(true);
  expect(simulated.run).toMatchObject({ mode: 'simulated', simulated_agents: SCENARIOS.length });
  expect(real.run).toMatchObject({ mode: 'real', simulated_agents: 0 });
  expect(simulated.ports.events).toEqual([]);
  const page = (mode: string) => readFileSync(join(bench.folder, mode, 'report.html'), 'utf8');
  expect([page('simulated').includes('id="ports"'), page('real').includes('id="ports"')]).toEqual([false, true]);
  expect(page('simulated')).toContain('Simulated: the agents answered in muster');
  const starts = bench
    .history('simulated')
    .flatMap((event) => (event.type === 'agent' && 'how' in event ? event.how : []));
  expect(new Set(starts)).toEqual(new Set(['simulated']));
  const schema = JSON.parse(readFileSync(join(ROOT, 'reports/json/report.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);
  expect(validate(simulated) ? [] : validate.errors).toEqual([]);
});

test.for([
  ['shared-variable', 'many-users', 'user-isolation'],
  ['lost-chunk', 'subscribe-late', 'fold-equals-get'],
  ['cancel-for-anyone', 'access-matrix', 'access-matrix'],
  ['hangs-up-early', 'subscribe-late', 'stream-shape'],
] as const)('the mutant %s is caught by its check in simulated mode too', async ([mutant, scenario, check]) => {
  using bench = openBench();
  for (const transport of ['jsonrpc', 'rest']) {
    const out = `run-${transport}`;
    const args = ['run', scenario, '--fixture', mutant, '--mode', 'simulated', '--transport', transport, '--seed', '3'];
    expect((await bench.muster(...args, '--out', out)).code).toBe(1);
    const findings = bench.record(out).scenarios.flatMap((each) => each.findings);
    expect([...new Set(findings.map((finding) => finding.check))]).toEqual([check]);
    expect(bench.record(out).run.transport).toBe(transport);
  }
});

/** Notes every kind of socket and name look-up that Node opens in a process, and writes it down at its end. */
const SPY = `
  import { createHook } from 'node:async_hooks';
  import { writeFileSync } from 'node:fs';
  const seen = new Set();
  createHook({ init: (_, type) => { if (/^(TCP|UDP|GETADDRINFO|QUERY)/.test(type)) seen.add(type); } }).enable();
  process.on('exit', () => writeFileSync(process.env.SEEN + process.pid, JSON.stringify([...seen])));
`;

test('a simulated run opens no socket, and a real one of the same scenario does', async () => {
  using bench = openBench();
  writeFileSync(join(bench.folder, 'spy.mjs'), SPY);
  const muster = join(ROOT, 'harness/cli/muster.js');
  const socketsOf = async (mode: string): Promise<readonly string[]> => {
    const seen = join(bench.folder, `${mode}-`);
    const args = [
      '--import',
      join(bench.folder, 'spy.mjs'),
      muster,
      'run',
      'two-devices',
      '--mode',
      mode,
      '--out',
      mode,
    ];
    const env = { ...process.env, SEEN: seen };
    const run = await ending(spawn(process.execPath, args, { cwd: bench.folder, env }));
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const files = readdirSync(bench.folder).filter((name) => name.startsWith(`${mode}-`));
    expect(files.length).toBeGreaterThan(0);
    return files.flatMap((name) => JSON.parse(readFileSync(join(bench.folder, name), 'utf8')) as string[]);
  };
  expect(await socketsOf('simulated')).toEqual([]);
  expect(await socketsOf('real')).toContain('TCPSERVERWRAP');
});

/** Takes every port of a range, so that none of its blocks can be leased. */
async function fillRange(): Promise<AsyncDisposable> {
  const servers: Server[] = [];
  for (let port = FIRST; port <= LAST; port += 1) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    servers.push(server);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const startsOf = (history: ReturnType<ReturnType<typeof openBench>['history']>) =>
  history.flatMap((event) => {
    if (event.type === 'port' && event.phase === 'refused') return ['refused'];
    return event.type === 'agent' && event.phase === 'starting' ? [`${event.agent} ${event.how}`] : [];
  });

test('an agent for whom no port is left is simulated if that was asked for, told in history and report, and refused if not', async () => {
  using bench = openBench();
  // One block: the peer takes it, and the agent finds none.
  const run = (out: string, ...more: readonly string[]) =>
    bench.muster(
      'run',
      'two-devices',
      '--fixture',
      'delegator',
      '--ports',
      `${FIRST}-${FIRST + 4}`,
      '--out',
      out,
      ...more,
    );
  const refused = await run('refused');
  expect([refused.code, refused.stderr.includes('Failed to lease 5 ports')]).toEqual([4, true]);
  expect(startsOf(bench.history('refused'))).toEqual(['peer in-process', 'agent in-process', 'refused']);
  const fallen = await run('fallen', '--fallback', 'simulated');
  expect(fallen).toMatchObject({ code: 0, stderr: '' });
  expect(fallen.stdout).toContain('1 agent was simulated because ports ran out');
  expect(startsOf(bench.history('fallen'))).toEqual([
    'peer in-process',
    'agent in-process',
    'refused',
    'agent simulated',
  ]);
  expect(bench.record('fallen').run).toMatchObject({ mode: 'real', simulated_agents: 1 });
});

const DELEGATES = `
  import { defineScenario, sendMessage } from '${join(ROOT, 'harness/index.ts')}';
  const scenario = defineScenario({
    name: 'delegates', title: 'Has its peer do it', family: 'concurrent users', needs: ['delegates'],
    users: 5, load: { shape: 'closed' }, mustExercise: ['answer-is-mine'],
    *script({ agent, say }) { yield* sendMessage(agent, say.delegates({ chunks: 3, gap_ms: 5 })); },
  });
  export default { scenarios: [scenario] };
`;

test('a simulated agent has its work done by a simulated peer, also where no port was left for either', async () => {
  using bench = openBench();
  await using _ = await fillRange();
  writeFileSync(join(bench.folder, 'muster.config.mts'), DELEGATES);
  const run = async (out: string, ...more: readonly string[]) => {
    await bench.muster('run', 'delegates', '--fixture', 'delegator', '--out', out, ...more);
    const [scenario] = bench.record(out).scenarios;
    expect(scenario?.checks.find(({ check }) => check === 'answer-is-mine')).toMatchObject({
      status: 'held',
      evidence: 10,
    });
    return startsOf(bench.history(out));
  };
  expect(await run('simulated', '--mode', 'simulated')).toEqual(['peer simulated', 'agent simulated']);
  const fallen = await run('fallen', '--ports', `${FIRST}-${LAST}`, '--fallback', 'simulated');
  expect(fallen).toEqual(['peer in-process', 'refused', 'peer simulated', 'agent simulated']);
});

test('sessions beyond the last block are simulated with --fallback simulated, and refused without it', async () => {
  using bench = openBench();
  const run = (out: string, ...more: readonly string[]) =>
    bench.muster('run', 'range-full', '--users', '4', '--out', out, ...more);
  expect((await run('real')).code).toBe(0);
  expect((await run('fallen', '--fallback', 'simulated')).code).toBe(0);
  const opened = (out: string) => {
    const events = bench.history(out);
    const asked = events.flatMap((event) =>
      event.type === 'invoke' && event.op.op === 'openSession' ? event.op_id : [],
    );
    return asked.map(
      (id) => events.find((event) => 'op_id' in event && event.op_id === id && event.type !== 'invoke')?.type,
    );
  };
  // The last one comes again when one of the others has gone.
  expect(opened('real')).toEqual(['ok', 'ok', 'ok', 'fail', 'ok']);
  expect(opened('fallen')).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect([bench.record('real'), bench.record('fallen')].map((record) => record.run.simulated_agents)).toEqual([0, 1]);
});

test('what cannot be simulated is refused before anything starts, with the reason', async () => {
  using bench = openBench();
  for (const flag of ['--mode', '--fallback']) {
    const refusals: readonly (readonly [readonly string[], string])[] = [
      [['--command', 'node agent.js'], 'a command runs in a process of its own'],
      [['--url', 'http://127.0.0.1:9'], 'the agent behind a URL is where it is'],
      [['--transport', 'grpc'], 'gRPC needs a connection'],
      [['--fixture', 'unhandled-rejection'], 'needs a process of its own'],
    ];
    for (const [args, sentence] of refusals) {
      const { code, stderr } = await bench.muster('plan', 'two-devices', flag, 'simulated', ...args);
      expect([code, stderr.includes(`${flag} simulated: `), stderr.includes(sentence)], stderr).toEqual([
        4,
        true,
        true,
      ]);
    }
  }
  const { code, stderr } = await bench.muster('plan', '--mode', 'virtual', '--fallback', 'real');
  expect([code, stderr.includes('allowed are real and simulated'), stderr.includes('allowed is simulated')]).toEqual([
    4,
    true,
    true,
  ]);
});

test('scenarios that need a process, ports or a connection are not applicable when simulated, each with its reason', async () => {
  using bench = openBench();
  const planned = await bench.muster(
    'plan',
    '--mode',
    'simulated',
    '--fixture',
    'echo',
    '--phrasebook',
    'delegator',
    '--seed',
    '1',
  );
  const { mode, scenarios } = JSON.parse(planned.stdout) as {
    mode: string;
    scenarios: readonly { name: string; not_applicable?: string }[];
  };
  expect(mode).toBe('simulated');
  const why = Object.fromEntries(scenarios.map(({ name, not_applicable }) => [name, not_applicable]));
  expect(why['kill-restart']).toMatch(/no process/);
  expect(why['range-full']).toMatch(/no ports/);
  expect(why['peer-cut']).toMatch(/no connection/);
  expect(why['many-users']).toBeUndefined();
});
