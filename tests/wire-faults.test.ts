/** A wire fault on the agent under test: its users' clients go through the proxy, whatever the target and the transport. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import type { FaultPlan } from '../harness/model/scenario.ts';
import { type Bench, ending, openBench, ROOT } from './muster.ts';

const SERVE = `${process.execPath} ${join(ROOT, 'fixtures/serve.ts')} echo`;
const AS_ECHO = ['--phrasebook', 'echo', '--identity', 'bearer'];

/** Six users stream in rounds while the fault lasts. */
function writeConfig(bench: Bench, faults: readonly FaultPlan[], more: Readonly<Record<string, unknown>> = {}): void {
  const scenario = {
    name: 'hurt-wire',
    title: 'The wire to the agent is hurt',
    family: 'recovery',
    needs: ['slow'],
    users: 6,
    load: { shape: 'closed' },
    faults,
    mustExercise: [],
    ...more,
  };
  writeFileSync(
    join(bench.folder, 'muster.config.ts'),
    `import { streamRounds } from ${JSON.stringify(join(ROOT, 'scenarios/rounds.ts'))};
     export default { scenarios: [{ ...${JSON.stringify(scenario)},
       script: (context) => streamRounds(context, 'slow', { rounds: 8, retry_ms: 50 }) }] };`,
  );
}

const cut: FaultPlan = {
  fault: 'cut',
  target: 'agent',
  begins: { after_stream_events: 6 },
  for_ms: 600,
  after_events: 2,
};

async function proofsOf(bench: Bench, ...flags: readonly string[]): Promise<readonly string[]> {
  rmSync(join(bench.folder, 'run'), { recursive: true, force: true });
  const run = await bench.muster('run', 'hurt-wire', ...flags, '--seed', '5', '--out', 'run');
  const told = bench.history('run').filter((event) => event.type === 'fault');
  const texts = told.map((event) =>
    'proof' in event ? event.proof : 'message' in event ? event.message : event.phase,
  );
  expect(run.stderr, texts.join('\n')).toBe('');
  return texts;
}

for (const flags of [
  ['--fixture', 'echo'],
  ['--fixture', 'echo', '--transport', 'rest'],
  ['--command', SERVE, ...AS_ECHO],
]) {
  test(`streams of an agent are cut: ${flags.join(' ').replaceAll(/\S+\//g, '')}`, async () => {
    using bench = openBench();
    writeConfig(bench, [cut]);
    const proofs = await proofsOf(bench, ...flags);
    expect(proofs.slice(0, 2)).toEqual(['asked', 'cuts every stream after 2 events']);
    expect(proofs[2]).toMatch(/^cut \d+ streams? after event 2$/);
    expect(bench.history('run').some(({ type }) => type === 'info')).toBe(true);
  });
}

test.concurrent('gRPC goes through the proxy, too: bytes are broken, and what is about events is told as failed', async () => {
  using bench = openBench();
  const { fault: _fault, after_events: _events, ...when } = { ...cut, after_events: 0 };
  writeConfig(bench, [{ ...when, fault: 'reset', after_bytes: 100 }, cut]);
  const proofs = await proofsOf(bench, '--fixture', 'echo', '--transport', 'grpc');
  expect(proofs).toContain('resets every answer after 100 bytes');
  expect(proofs.some((text) => /^reset \d+ answers? after \d+ bytes in all$/.test(text))).toBe(true);
  expect(proofs.some((text) => text.includes('over gRPC the proxy sees bytes and messages, and no calls'))).toBe(true);
});

test.concurrent('whole messages of gRPC are dropped, doubled, swapped and late, and nobody but muster is told so', async () => {
  using bench = openBench();
  const { fault: _fault, after_events: _events, ...when } = cut;
  const kinds = [
    { fault: 'drop', event: 2 },
    { fault: 'double', event: 4 },
    { fault: 'swap', event: 3 },
    { fault: 'delay', event: 2, delay_ms: 20 },
  ] as const;
  writeConfig(
    bench,
    kinds.map((kind) => ({ ...when, ...kind })),
  );
  const proofs = await proofsOf(bench, '--fixture', 'echo', '--transport', 'grpc');
  for (const proof of [/^dropped \d+ event/, /^doubled \d+ event/, /^swapped \d+ pair/, /^held back \d+ event/]) {
    expect(
      proofs.some((text) => proof.test(text)),
      proofs.join('\n'),
    ).toBe(true);
  }
  const ends = bench.history('run').filter(({ type }) => type === 'ok' || type === 'info' || type === 'fail');
  expect(ends.every(({ type }) => type === 'ok')).toBe(true);
});

test.concurrent('one user is hit and no other, over either binding', async () => {
  using bench = openBench();
  const match = { user: 'u2', operation: 'SendStreamingMessage', nth: 2 };
  writeConfig(bench, [{ ...cut, begins: { at_ms: 0 }, for_ms: 5_000, match }]);
  for (const transport of ['jsonrpc', 'rest']) {
    const proofs = await proofsOf(bench, '--fixture', 'echo', '--transport', transport);
    expect(proofs[2]).toBe('cut 1 stream after event 2');
    const events = bench.history('run');
    const broken = events.flatMap((event) => (event.type === 'info' ? [event.op_id] : []));
    const users = events.flatMap((event) =>
      event.type === 'invoke' && broken.includes(event.op_id) ? [event.user] : [],
    );
    expect(users).toEqual(['u2']);
  }
  const anonymous = await bench.muster('run', 'hurt-wire', '--identity', 'anonymous', '--out', 'nobody');
  expect(anonymous.stdout).toContain('all users are anonymous, so no fault can hit only one of');
});

test.concurrent('the way to an agent behind a URL is disturbed only where that is allowed', async () => {
  using bench = openBench();
  writeConfig(bench, [cut]);
  const port = await getPort();
  const agent = spawn(process.execPath, [...SERVE.split(' ').slice(1)], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = ending(agent);
  try {
    const flags = ['--url', `http://127.0.0.1:${port}`, ...AS_ECHO];
    const answers = () => fetch(`http://127.0.0.1:${port}/.well-known/agent-card.json`).then(({ ok }) => ok);
    await expect.poll(() => answers().catch(() => false), { timeout: 10_000 }).toBe(true);
    expect(await proofsOf(bench, ...flags)).toEqual([]);
    expect(bench.record('run').scenarios[0]?.verdict).toBe('not-applicable');
    const proofs = await proofsOf(bench, ...flags, '--allow-faults');
    expect(proofs[2]).toMatch(/^cut \d+ streams? after event 2$/);
  } finally {
    agent.kill();
    await ended;
  }
});

test.concurrent('the wire to the second of two servers is hurt, and the first is spoken to as ever', async () => {
  using bench = openBench();
  writeConfig(bench, [{ ...cut, target: 'agent-2', begins: { at_ms: 0 }, for_ms: 5_000 }], { servers: 2, users: 2 });
  const config = join(bench.folder, 'muster.config.ts');
  const asksBoth = `function* (context) { for (const agent of context.servers) yield* streamRounds({ ...context, agent }, 'slow', { rounds: 1, retry_ms: 1 }); }`;
  writeFileSync(config, readFileSync(config, 'utf8').replace(/script: .*/, `script: ${asksBoth} }] };`));
  const proofs = await proofsOf(bench, '--fixture', 'echo');
  expect(proofs[2]).toBe('cut 2 streams after event 2');
  const events = bench.history('run');
  const broken = events.flatMap((event) => (event.type === 'info' ? [event.op_id] : []));
  const agents = events.flatMap((event) =>
    event.type === 'invoke' && 'agent' in event.op && broken.includes(event.op_id) ? [event.op.agent] : [],
  );
  expect(agents).toEqual(['agent-2', 'agent-2']);
});
