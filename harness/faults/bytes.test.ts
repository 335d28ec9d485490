/** Faults of time and of bytes: what comes late comes whole, and what breaks off breaks where it was asked to. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;
const HOUR_MS = 3_600_000;

test('reset and limit-bytes end an answer after so many bytes, by a reset and in good order', async () => {
  await using agent = await serve((incoming, outgoing) => {
    if (incoming.url === '/counted') outgoing.setHeader('content-length', 10);
    outgoing.end('0123456789');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  for (const [fault, proof, isReset] of [
    ['reset', 'reset 3 answers after 9 bytes in all', true],
    ['limit-bytes', 'ended 3 answers after 9 bytes in all', false],
  ] as const) {
    const whole = await ask(proxy.url, { agent: false });
    expect((await read(whole)).text).toBe('0123456789');
    await using hurt = await applyFault({ ...plan, fault, after_bytes: 4 }, { proxy }, noAbort);
    for (const path of ['/', '/counted']) {
      const answer = await ask(`${proxy.url}${path}`, { agent: false });
      const closed = new Promise<boolean>((resolve) => answer.socket.once('close', resolve));
      expect(await read(answer)).toEqual({ text: '0123', error: 'ECONNRESET' });
      expect([fault, path, await closed]).toEqual([fault, path, isReset]);
    }
    await using _second = await applyFault({ ...plan, fault, after_bytes: 1 }, { proxy }, noAbort);
    expect((await read(await ask(proxy.url, { agent: false }))).text).toBe('0');
    expect(await hurt.heal()).toBe(proof.replace('3 answers after 9', '2 answers after 8'));
  }
});

test('bandwidth lets an answer trickle, and healing lets the rest come at once', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.end('x'.repeat(1_000)));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const hurt = await applyFault({ ...plan, fault: 'bandwidth', bytes_per_s: 50 }, { proxy }, noAbort);
  expect(hurt.proof).toBe('lets 50 bytes of each answer through in a second');
  const answer = await ask(proxy.url, { agent: false });
  const received: number[] = [];
  answer.on('data', (chunk: Buffer) => received.push(chunk.length));
  await expect.poll(() => received.length).toBeGreaterThan(2);
  expect(Math.max(...received)).toBeLessThanOrEqual(3);
  const ended = once(answer, 'end');
  expect(await hurt.heal()).toBe('rationed 1000 bytes of 1 answer');
  await ended;
  expect(received.reduce((sum, bytes) => sum + bytes, 0)).toBe(1_000);
});

test('slices are as small as asked for, also within a character, and lose nothing', async () => {
  const text = 'caf\u00e9 \u20ac '.repeat(5);
  await using agent = await serve((_incoming, outgoing) => outgoing.end(text));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  await using hurt = await applyFault({ ...plan, fault: 'slice', slice_bytes: 3, gap_ms: 1 }, { proxy }, noAbort);
  const answer = await ask(proxy.url, { agent: false });
  const received: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => received.push(chunk));
  await once(answer, 'end');
  expect(Buffer.concat(received).toString()).toBe(text);
  expect(received.length).toBeGreaterThan(3);
  expect(await hurt.heal()).toBe(`sliced ${Buffer.byteLength(text)} bytes of 1 answer`);
});

test('slow-close holds only the end of an answer whose length nobody knows', async () => {
  await using agent = await serve((incoming, outgoing) => {
    if (incoming.url === '/counted') outgoing.setHeader('content-length', 2);
    outgoing.write('ok');
    outgoing.end();
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const hurt = await applyFault({ ...plan, fault: 'slow-close', delay_ms: HOUR_MS }, { proxy }, noAbort);
  expect(await read(await ask(`${proxy.url}/counted`, { agent: false }))).toEqual({ text: 'ok' });
  const answer = await ask(proxy.url, { agent: false });
  const ended = once(answer, 'end');
  expect(String((await once(answer, 'data'))[0])).toBe('ok');
  await expect.poll(() => proxy.counters().effects['slow-close']?.hits).toBe(1);
  expect(answer.complete).toBe(false);
  expect(await hurt.heal()).toBe('held back the end of 1 answer');
  await ended;
});

test('jitter is drawn for each answer by its count, and by nothing else', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.end('ok'));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const asked: [string, number][] = [];
  const draw = (purpose: string, count: number): number => {
    asked.push([purpose, count]);
    return 0;
  };
  const jittery = { ...plan, fault: 'latency', latency_ms: HOUR_MS, jitter_ms: HOUR_MS } as const;
  await using hurt = await applyFault(jittery, { proxy, draw }, noAbort);
  expect(hurt.proof).toBe('holds back every answer by 3600000 ms, give or take 3600000 ms');
  // Drawn to the lowest end there is nothing left of the delay.
  for (let time = 0; time < 3; time += 1) await read(await ask(proxy.url, { agent: false }));
  expect(asked).toEqual([
    ['rule', 1],
    ['rule', 2],
    ['rule', 3],
  ]);
  expect(await hurt.heal()).toBe('held back 6 bytes of 3 answers');
});
