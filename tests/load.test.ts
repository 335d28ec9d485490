/** `muster load` as a user meets it: what may not be loaded hears nothing, and a dry run sends nothing to anybody. */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openBench } from './muster.ts';

/** Counts who connects, and says nothing to anybody. */
async function listening() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Failed to listen on a port');
  return {
    port: address.port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.concurrent('a dry run sends nothing, and leaves a plan that can be carried out', async () => {
  using bench = openBench();
  await using agent = await listening();
  const flags = ['--url', `http://127.0.0.1:${agent.port}`, '--rate', '5', '--for', '2s', '--seed', '7'];
  const dry = await bench.muster('load', ...flags, '--dry-run', '--out', 'dry');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toContain('at most   10 visits with 10 messages and 10 requests in all');
  expect(dry.stdout).toContain('Nothing was sent');
  expect(JSON.parse(bench.text('dry', 'plan.json'))).toMatchObject({ seed: 7, load: { profile: 'flags' } });
  expect(bench.text('dry', 'history.jsonl')).toBe('');
  expect(agent.connections()).toBe(0);
});

test.concurrent('whoever was not named is not connected to', async () => {
  using bench = openBench();
  await using agent = await listening();
  const refused = await bench.muster('load', '--url', `http://muster-test.invalid:${agent.port}`);
  expect(refused).toMatchObject({ code: 4, stdout: '' });
  expect(refused.stderr).toContain('give --allow-host muster-test.invalid');
  expect(agent.connections()).toBe(0);
});

test.concurrent('a load that gets to a cap is stopped there, told, and never green', async () => {
  using bench = openBench();
  const flags = [
    '--at-once',
    '5',
    '--for',
    '30s',
    '--max-requests',
    '50',
    '--seed',
    '7',
    '--ports',
    'os',
    '--out',
    'run',
  ];
  const { code, stdout } = await bench.muster('load', ...flags);
  expect(code).toBe(2);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('it was stopped at its cap of 50 requests (--max-requests)');
  const sent = bench.history('run').filter((event) => event.type === 'ok' || event.type === 'fail');
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.length).toBeLessThanOrEqual(50);
  expect(bench.record('run')).toMatchObject({ verdict: 'inconclusive', run: { ended: 'finished' } });
  expect(bench.record('run').run.replay).toBe(
    `npx muster load --at-once 5 --for 30s --max-requests 50 --ports os --seed 7`,
  );
  expect(bench.left()).toEqual([]);
});

test.concurrent('an abort rule stops a load that an agent does not bear, and every request says who it is', async () => {
  using bench = openBench();
  const agents = new Set<string | undefined>();
  let origin = '';
  const server = createHttpServer((request, response) => {
    agents.add(request.headers['user-agent']);
    if (request.method === 'GET') response.end(JSON.stringify(cardOf(origin)));
    else response.writeHead(503).end('too busy');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('Failed to listen on a port');
    origin = `http://127.0.0.1:${address.port}`;
    const rule = ['--abort', 'error_rate > 20% for 500ms', '--gate', 'error_rate < 1%'];
    const { code, stdout } = await bench.muster(
      'load',
      '--url',
      origin,
      '--rate',
      '50',
      '--for',
      '60s',
      ...rule,
      '--out',
      'run',
    );
    expect(code).toBe(3);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /stopped by an abort rule .* the gate error_rate <= 20% had been missed for/,
    );
    expect([...agents]).toEqual([expect.stringMatching(/^a2a-muster\/\d\S* \(\+https:/)]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const cardOf = (origin: string) => ({
  name: 'Busy',
  version: '1.0.0',
  capabilities: {},
  supportedInterfaces: [{ url: `${origin}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
});
