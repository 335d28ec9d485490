/** Sessions as a program of one's own opens them, with agents in this process and in others. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { SessionEvent } from '../model/session.ts';
import { openSessions } from './open-sessions.ts';

const STANDALONE = `exec '${process.execPath}' '${join(process.cwd(), 'fixtures/agents/standalone.mjs')}'`;
/** Listens on descriptor 3 and knows no port but for its card. */
const TAKER = `
const card = { name: 'taker', version: '1', capabilities: {}, supportedInterfaces: [
  { url: 'http://127.0.0.1:' + process.env.PORT, protocolBinding: 'JSONRPC', protocolVersion: '1.0' } ] };
require('node:http').createServer((_, response) => response.end(JSON.stringify(card))).listen({ fd: 3 });
`;
const OS = { from: 'os', block: 2 } as const;
const patiently = { timeout: 30_000 };

test('the agents of a session answer until the block that holds it ends', async () => {
  await using sessions = await openSessions({ ports: OS });
  let url = '';
  {
    await using session = await sessions.open({ user: 'ann', agents: 2 });
    url = session.agents[1]?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
  }
  await expect(fetch(url)).rejects.toThrow();
});

test('an agent in a process of its own that is killed is started again on its port, and the session lives on', async () => {
  const events: SessionEvent[] = [];
  await using sessions = await openSessions({
    command: STANDALONE,
    ports: OS,
    health: { every_ms: 50, failures_max: 1 },
    onEvent: (event) => events.push(event),
  });
  const session = await sessions.open({ user: 'ann', agents: 1 });
  const [agent] = session.agents;
  const before = { pid: agent?.pid, url: agent?.url };
  process.kill(before.pid ?? Number.NaN, 'SIGKILL');
  await vi.waitFor(() => expect(events.map(({ phase }) => phase)).toContain('restarted'), patiently);
  expect(session.agents[0]?.url).toBe(before.url);
  expect(session.agents[0]?.pid).not.toBe(before.pid);
  expect((await fetch(before.url ?? '')).status).toBe(200);
  expect(session.view()).toMatchObject({ state: 'ready', agents: [{ restarts: 1, health: 'healthy' }] });
});

test('a command that takes its socket over binds nothing, in its first life and in its second', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-taker-'));
  try {
    const script = join(folder, 'taker.cjs');
    writeFileSync(script, TAKER);
    await using sessions = await openSessions({
      command: `exec '${process.execPath}' '${script}'`,
      socketActivation: true,
      ports: OS,
      health: { every_ms: 50, failures_max: 1 },
    });
    const session = await sessions.open({ user: 'ann', agents: 2 });
    process.kill(session.agents[1]?.pid ?? Number.NaN, 'SIGKILL');
    await vi.waitFor(
      () => expect(session.view().agents[1]).toMatchObject({ restarts: 1, health: 'healthy' }),
      patiently,
    );
    for (const { url } of session.agents) expect((await fetch(url)).status).toBe(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an agent that never comes up again ends its session, and nothing of it is left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-once-'));
  try {
    await using sessions = await openSessions({
      command: `mkdir '${folder}/'$PORT && ${STANDALONE}`,
      ports: { ...OS, block: 1 },
      health: { every_ms: 50, failures_max: 1, restarts_max: 2 },
    });
    const session = await sessions.open({ user: 'ann', agents: 1 });
    process.kill(session.agents[0]?.pid ?? Number.NaN, 'SIGKILL');
    expect(await session.ended).toBe('failed');
    expect(session.view()).toMatchObject({ state: 'ended', agents: [{ restarts: 2, health: 'stopped' }] });
    expect(sessions.list()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a process agent that somebody talks to is in use, and muster’s own questions are not', async (context) => {
  if (process.platform !== 'linux') context.skip('connections are looked up in /proc');
  await using sessions = await openSessions({ command: STANDALONE, ports: OS, health: { every_ms: 20 } });
  const session = await sessions.open({ user: 'ann', agents: 1 });
  const [agent] = session.agents;
  const isUsed = () => agent?.used?.();
  expect(isUsed()).toBe(false);
  for (let asked = 0; asked < 5; asked += 1) {
    await agent?.probe(5_000);
    expect(isUsed()).toBe(false);
  }
  const becomes = (used: boolean) => vi.waitFor(() => expect(isUsed()).toBe(used), patiently);
  await askOnce(agent?.url ?? '');
  await becomes(true);
  await becomes(false);
  const held = connect(session.ports[0] ?? 0, '127.0.0.1');
  await once(held, 'connect');
  await becomes(true);
  await becomes(true);
  held.resume().end();
  await once(held, 'close');
  await becomes(false);
});

/** Over a connection of its own, closed afterwards. */
async function askOnce(url: string): Promise<void> {
  const [response] = await once(get(url, { agent: false }), 'response');
  await once(response.resume(), 'close');
}

test('what cannot be opened is told at once, each mistake in a line', async () => {
  const opening = openSessions({
    fixture: ['nobody', 'delegator'],
    command: ' ',
    ports: { first: 80, last: 70 },
    limits: { sessions_max: 0 },
  });
  await expect(opening).rejects.toThrow(
    /no fixture "nobody"[\s\S]*command: it is empty[\s\S]*ends before it begins|sessions_max/,
  );
});

const ask = (text: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
  body: JSON.stringify({ message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text }] } }),
});

test('the agents of a simulated session have no port, reach each other, and are asked through respond', async () => {
  await using sessions = await openSessions({ fixture: ['delegator', 'echo'], mode: 'simulated' });
  await using session = await sessions.open({ user: 'ann', agents: 2 });
  const [delegator] = session.agents;
  const url = new URL('/a2a/rest/message:send', delegator?.url);
  const answer = await delegator?.respond?.(new Request(url, ask('delegate hello')));
  expect(await answer?.text()).toContain('hello');
  expect(session.view()).toMatchObject({
    mode: 'simulated',
    ports: [],
    agents: [{ health: 'healthy', requests: 1 }, { requests: 1 }],
  });
  expect(session.view().agents[0]).not.toHaveProperty('port');
});

test('a session for whom there is no port is simulated where that was asked for, and told as such', async () => {
  const ports = { from: 'range', first: 21_300, last: 21_301, block: 2, spacing: 2, exclude: [] } as const;
  await using sessions = await openSessions({ ports, fallback: 'simulated' });
  const real = await sessions.open({ user: 'ann', agents: 2 });
  const simulated = await sessions.open({ user: 'bob', agents: 2 });
  expect([real, simulated].map((session) => session.view().mode)).toEqual(['real', 'simulated']);
  await real[Symbol.asyncDispose]();
  expect((await sessions.open({ user: 'cay', agents: 1 })).mode).toBe('real');
});

test('what cannot be simulated is refused before anything starts', async () => {
  const refusal = /fixture: "unhandled-rejection" cannot be simulated.*\n.*command: "node agent.js" cannot be/;
  const agents = { fixture: 'unhandled-rejection', command: 'node agent.js' };
  await expect(openSessions({ ...agents, mode: 'simulated' })).rejects.toThrow(refusal);
  await expect(openSessions({ ...agents, fallback: 'simulated' })).rejects.toThrow(refusal);
});

test('a folder for logs that cannot be is refused before anything starts', async () => {
  const file = join(process.cwd(), 'package.json');
  await expect(openSessions({ logs: file, ports: OS })).rejects.toThrow(
    /Failed to keep logs in ".*": ".*" is no folder\. Name/,
  );
});

test('ports that are no whole numbers are told before anything starts', async () => {
  await expect(openSessions({ ports: { block: 0 } })).rejects.toThrow('ports.block: 0 is not a whole number from 1 up');
  await expect(openSessions({ ports: { last: Number.POSITIVE_INFINITY } })).rejects.toThrow('ports.last: Infinity');
  await expect(openSessions({ ports: { ...OS, block: 1.5 } })).rejects.toThrow('ports.block: 1.5');
});
