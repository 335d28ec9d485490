/** Agents that are not ours: a command in a process of its own, the same behind a URL, on every transport, as real users. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import { ending, eventually, openBench, ROOT } from './muster.ts';

const STANDALONE = join(ROOT, 'fixtures/agents/standalone.mjs');
const COMMAND = `node ${STANDALONE}`;
/** What the SDK does that the specification has otherwise. */
const KNOWN = ['--baseline', join(ROOT, 'fixtures/agents/standalone.baseline.json')];
const PHRASEBOOK = join(ROOT, 'fixtures/agents/standalone.json');
test.concurrent('an agent made with the SDK alone is started by its command, tested, and gone afterwards', async () => {
  using bench = openBench();
  const run = await bench.muster(
    'run',
    '--command',
    COMMAND,
    '--phrasebook',
    PHRASEBOOK,
    '--identity',
    'bearer',
    ...KNOWN,
    '--out',
    'run',
  );
  expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  const verdicts = bench.record('run').scenarios.map(({ name, verdict }) => `${name} ${verdict}`);
  expect(verdicts).toContain('kill-restart pass');
  expect(verdicts).toContain('range-full pass');
  expect(verdicts).toContain('peer-down not-applicable');
  expect(readFileSync(join(bench.folder, 'run/agents/many-users-agent.log'), 'utf8')).not.toBe('');
  expect(bench.left()).toEqual([]);
}, 240_000);

test.concurrent('a command that takes its socket over is started, killed and started again with one', async () => {
  using bench = openBench();
  const command = `${process.execPath} ${join(ROOT, 'fixtures/serve.ts')} echo`;
  const flags = ['--socket-activation', '--phrasebook', 'echo', '--identity', 'bearer', '--out', 'run'];
  const run = await bench.muster('run', 'kill-restart', 'range-full', '--command', command, ...flags);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain('--socket-activation');
  // It would answer just as well by binding PORT: this one cannot, so its card is not to be had.
  const binds = await bench.muster('run', 'many-users', '--command', COMMAND, '--socket-activation', '--out', 'other');
  expect(binds).toMatchObject({ code: 4 });
  expect(binds.stderr).toContain('an agent that binds PORT itself is started without --socket-activation');
  expect(bench.left()).toEqual([]);
});

test.concurrent('the same agent behind a URL is tested and not touched', async () => {
  using bench = openBench();
  const port = await getPort();
  const agent = spawn('node', [STANDALONE], { env: { ...process.env, PORT: String(port) }, stdio: 'pipe' });
  const ended = ending(agent);
  try {
    const url = `http://127.0.0.1:${port}`;
    await eventuallyAnswers(url);
    const flags = ['--phrasebook', PHRASEBOOK, '--identity', 'bearer', ...KNOWN, '--out', 'run'];
    const names = ['many-users', 'access-matrix', 'subscribe-late', 'kill-restart'];
    const run = await bench.muster('run', ...names, '--url', url, ...flags);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { scenarios } = bench.record('run');
    expect(scenarios.find(({ name }) => name === 'kill-restart')).toMatchObject({ verdict: 'not-applicable' });
    expect(scenarios.find(({ name }) => name === 'subscribe-late')).toMatchObject({ verdict: 'pass' });
    expect(agent.exitCode).toBeNull();
    expect((await fetch(`${url}/.well-known/agent-card.json`)).status).toBe(200);
  } finally {
    agent.kill();
    await ended;
  }
});

for (const transport of ['jsonrpc', 'rest', 'grpc', 'mixed'] as const) {
  test(`the suite of concurrent users holds over ${transport}`, async () => {
    using bench = openBench();
    const names = ['many-users', 'access-matrix', 'cancel-race', 'subscribe-late'];
    const run = await bench.muster('run', ...names, '--transport', transport, '--out', 'run');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(bench.record('run').run.transport).toBe(transport);
    const chosen = bench.history('run').flatMap((event) => (event.type === 'invoke' ? (event.transport ?? []) : []));
    expect([...new Set(chosen)].sort()).toEqual(transport === 'mixed' ? ['grpc', 'jsonrpc', 'rest'] : []);
  });
}

test.concurrent('an agent with one transport has nothing to compare, nor one whose others are at strange addresses', async () => {
  using bench = openBench();
  const interfaces = [{ url: '/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
  const card = () => JSON.stringify({ name: 'one', capabilities: {}, supportedInterfaces: interfaces });
  const server = createServer((_, response) => response.end(card())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reasons = async (out: string) => {
    await bench.muster('run', 'transports-agree', '--url', url, '--out', out);
    return bench.record(out).scenarios[0]?.reasons.join();
  };
  try {
    expect(await reasons('one')).toContain('offers one transport only, jsonrpc');
    interfaces.push({ url: 'agent.invalid:1', protocolBinding: 'GRPC', protocolVersion: '1.0' });
    expect(await reasons('strange')).toContain(
      "only jsonrpc can be spoken to at the agent's own address, and not grpc",
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.concurrent('users of a file are sent with their own headers, which nothing writes down', async () => {
  using bench = openBench();
  const secret = 'a-secret-that-must-not-be-written';
  const users = ['ann', 'ben', 'cyd'].map((id) => ({ id, headers: { authorization: `Bearer ${secret}-${id}` } }));
  writeFileSync(join(bench.folder, 'users.json'), JSON.stringify(users));
  const run = await bench.muster('run', 'access-matrix', '--users-file', 'users.json', '--out', 'run');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(bench.record('run').scenarios[0]?.metrics?.users).toBe(3);
  for (const file of ['plan.json', 'history.jsonl', 'report.json', 'report.html', 'junit.xml']) {
    expect(readFileSync(join(bench.folder, 'run', file), 'utf8')).not.toContain(secret);
  }
});

test.concurrent('a delegator is tested against a peer that is down, slow and cut off', async () => {
  using bench = openBench();
  const run = await bench.muster('run', '--fixture', 'delegator', 'peer-down', 'peer-slow', 'peer-cut', '--out', 'run');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const faults = bench.record('run').scenarios.flatMap(({ metrics }) => metrics?.faults ?? []);
  expect(faults).toHaveLength(3);
  for (const { proof, recovery_ms, recovery } of faults) {
    expect(proof).not.toBe('');
    expect(recovery_ms).not.toBeNull();
    // Enough of both to tell when the error rate and the p95 were as before.
    expect(recovery?.before.samples).toBeGreaterThanOrEqual(20);
    expect(recovery?.lost_after.samples).toBeGreaterThanOrEqual(20);
  }
});

async function eventuallyAnswers(url: string): Promise<void> {
  let answers = false;
  await eventually(
    () => {
      fetch(url).then(
        () => {
          answers = true;
        },
        () => {},
      );
      return answers;
    },
    (good) => good,
  );
}
