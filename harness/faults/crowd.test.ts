/** The crowd, against a real process with few descriptors: nobody else is served while it is there, and everybody afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ProcessAgent } from '../model/live.ts';
import { applyFault } from './apply.ts';
import { ask, failureOf, noAbort, read } from './testing.ts';

const LIMIT = 64;
const AGENT = `
  require('node:http').createServer((incoming, outgoing) => outgoing.end('here'))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;
const crowd = { fault: 'crowd', target: 'agent', begins: { at_ms: 0 }, for_ms: 100, connections: 2 * LIMIT } as const;

type TestAgent = Pick<ProcessAgent, 'name' | 'url' | 'descriptors'> & AsyncDisposable;

async function startAgent(): Promise<TestAgent & ProcessAgent> {
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', `ulimit -n ${LIMIT}; exec "$0" -e "$1"`, process.execPath, AGENT],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [port] = await once(child.stdout ?? child, 'data');
  const pid = child.pid ?? 0;
  const agent: TestAgent = {
    name: 'agent',
    url: `http://127.0.0.1:${Number(String(port))}`,
    descriptors: () => {
      try {
        return { pid, open: readdirSync(`/proc/${pid}/fd`).length, limit: LIMIT };
      } catch {
        return undefined;
      }
    },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
  // The fault asks for nothing else.
  return agent as TestAgent & ProcessAgent;
}

test('a crowd leaves no descriptor for anybody else, and healing gives them all back', async () => {
  await using agent = await startAgent();
  await using fault = await applyFault(crowd, { agent }, noAbort);
  expect(fault.proof).toMatch(/^128 connections came, and process \d+ has 6[45] of 64 descriptors open$/);
  expect(await failureOf(agent.url, { agent: false })).toBe('ECONNRESET');
  expect(await fault.heal()).toBe('128 connections went');
  await expect.poll(async () => (await ask(agent.url, { agent: false }).then(read)).text).toBe('here');
});

test('a crowd that is too small has proved nothing, and goes again', async () => {
  await using agent = await startAgent();
  const applied = applyFault({ ...crowd, connections: 2 }, { agent }, noAbort);
  await expect(applied).rejects.toThrow(/^Failed to crowd "agent": it has descriptors left after 2 connections/);
  const { open = 0 } = agent.descriptors() ?? {};
  await expect.poll(() => agent.descriptors()?.open).toBeLessThanOrEqual(open);
  expect((await read(await ask(agent.url, { agent: false }))).text).toBe('here');
});
