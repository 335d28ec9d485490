/** `muster load` as a user meets it: what may not be loaded hears nothing, and a dry run sends nothing to anybody. */
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
