/** Faults of connections about which nobody is told, or that nobody is let into; healed, all goes on. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, failureOf, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

async function openScene() {
  const stack = new AsyncDisposableStack();
  let go: ((text: string) => void) | undefined;
  let asked = 0;
  const agent = stack.use(
    await serve((incoming, outgoing) => {
      asked += 1;
      if (incoming.url !== '/stream') {
        outgoing.end('ok');
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: 1\n\n');
      go = (text) => outgoing.end(text);
    }),
  );
  const proxy = stack.use(await openProxy({ upstream: agent.url, signal: noAbort }));
  const answer = await ask(`${proxy.url}/stream`, { agent: false });
  const received: string[] = [];
  answer.on('data', (chunk) => received.push(String(chunk)));
  await once(answer, 'data');
  return {
    agent,
    proxy,
    answer,
    received,
    asked: () => asked,
    go: (text: string) => go?.(text),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('refused connections are refused, open streams live on, and the same port lets in again', async () => {
  await using scene = await openScene();
  const { proxy, answer, received } = scene;
  const hurt = await applyFault({ ...plan, fault: 'refuse' }, { proxy }, noAbort);
  expect(hurt.proof).toMatch(/^knocked at 127\.0\.0\.1:\d+: refused$/);
  expect(await failureOf(proxy.url, { agent: false })).toBe('ECONNREFUSED');
  await using second = await applyFault({ ...plan, fault: 'refuse' }, { proxy }, noAbort);
  const ended = once(answer, 'end');
  scene.go('data: 2\n\n');
  await ended;
  expect(received.join('')).toBe('data: 1\n\ndata: 2\n\n');
  expect(await hurt.heal()).toMatch(/^knocked again after \d+ ms: refused, and refused once healed$/);
  expect(await second.heal()).toMatch(/^knocked again after \d+ ms: refused, and let in once healed$/);
  expect(await read(await ask(proxy.url, { agent: false }))).toEqual({ text: 'ok' });
});

test('a black hole holds requests and answers, and gives both back whole', async () => {
  await using scene = await openScene();
  const { proxy, answer, received } = scene;
  const hurt = await applyFault({ ...plan, fault: 'blackhole' }, { proxy }, noAbort);
  expect(hurt.proof).toBe('lets nothing through in either direction');
  scene.go('data: 2\n\n');
  const late = ask(`${proxy.url}/late`, { method: 'POST', agent: false }, 'late');
  await expect.poll(() => proxy.counters()).toMatchObject({ bytes_held_now: 9, effects: { blackhole: { hits: 2 } } });
  expect([received.join(''), scene.asked()]).toEqual(['data: 1\n\n', 1]);
  const ended = once(answer, 'end');
  expect(await hurt.heal()).toBe('held 2 calls and 9 bytes of answers');
  await ended;
  expect(received.join('')).toBe('data: 1\n\ndata: 2\n\n');
  expect(await read(await late)).toEqual({ text: 'ok' });
  expect(scene.asked()).toBe(2);
});

test('a half-open connection is closed for the agent and open for its client, until the heal resets it', async () => {
  await using scene = await openScene();
  const { proxy, answer, agent } = scene;
  const hurt = await applyFault({ ...plan, fault: 'half-open' }, { proxy }, noAbort);
  expect(hurt.proof).toBe('left 1 open connection without an agent, and leaves every new one so');
  await expect.poll(() => agent.sockets.size).toBe(0);
  const never = failureOf(proxy.url, { agent: false });
  await expect.poll(() => proxy.counters()).toMatchObject({ connections: 2, requests: 2, connections_open: 2 });
  expect([answer.destroyed, scene.asked()]).toEqual([false, 1]);
  const broken = once(answer, 'error');
  expect(await hurt.heal()).toBe('left 2 connections without an agent');
  expect(String(await broken)).toContain('aborted');
  expect(await never).toBe('ECONNRESET');
  expect(await read(await ask(proxy.url, { agent: false }))).toEqual({ text: 'ok' });
  await expect.poll(() => proxy.counters()).toMatchObject({ connections_open: 0, upstream_connections_open: 0 });
});

test('whatever a client says to an agent that is gone, it is not told before the heal', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  const hurt = await applyFault({ ...plan, fault: 'half-open' }, { proxy }, noAbort);
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  const told = new Promise((resolve) => client.once('close', resolve));
  client.on('error', () => undefined);
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\nfirst');
  await expect.poll(() => proxy.counters().requests).toBe(2);
  for (let time = 0; time < 20; time += 1) {
    client.write('no head\r\n\r\n');
    await turn();
  }
  expect([client.destroyed, proxy.counters().connections_open]).toEqual([false, 2]);
  await hurt.heal();
  await told;
});
