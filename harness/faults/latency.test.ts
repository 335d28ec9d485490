/** Held bytes come later, in order and whole, however the answer was sliced and whenever it is healed. */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, noAbort, read, serve } from './testing.ts';

const plan = { fault: 'latency', target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;
const FOR_EVER_MS = 3_600_000;

test('latency holds an answer back, and healing in the middle of a stream releases what is held at once', async () => {
  let go: ((text: string) => void) | undefined;
  await using agent = await serve((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\n');
    go = (text) => outgoing.end(text);
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answer = await ask(proxy.url);
  const received: string[] = [];
  answer.on('data', (chunk) => received.push(String(chunk)));
  await once(answer, 'data');

  const fault = await applyFault({ ...plan, latency_ms: FOR_EVER_MS }, { proxy }, noAbort);
  expect(fault.proof).toBe('holds back every answer by 3600000 ms');
  go?.('data: 2\n\n');
  await expect
    .poll(() => proxy.counters())
    .toMatchObject({ bytes_held_now: 9, effects: { latency: { hits: 1, bytes: 9 } } });
  expect(received).toEqual(['data: 1\n\n']);

  const ended = once(answer, 'end');
  expect(await fault.heal()).toBe('held back 9 bytes of 1 answer');
  await ended;
  expect(received.join('')).toBe('data: 1\n\ndata: 2\n\n');
});

test('held answers come by themselves when their time has come', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.end('slow'));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  await using fault = await applyFault({ ...plan, latency_ms: 20 }, { proxy }, noAbort);
  expect(await read(await ask(proxy.url))).toEqual({ text: 'slow' });
  expect(proxy.counters()).toMatchObject({ effects: { latency: { hits: 1, bytes: 4 } }, bytes_held_now: 0 });
  expect(await fault.heal()).toBe('held back 4 bytes of 1 answer');
});

test('an upstream that breaks under latency is told after the bytes before it', async () => {
  await using agent = await serve((incoming, outgoing) => {
    outgoing.writeHead(200);
    outgoing.write('part', () => incoming.socket.resetAndDestroy());
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  await using _fault = await applyFault({ ...plan, latency_ms: 20 }, { proxy }, noAbort);
  expect(await read(await ask(proxy.url))).toEqual({ text: 'part', error: 'ECONNRESET' });
});

test('no byte is lost, doubled or moved by latency, whenever it begins and heals', async () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 70_000 }), turns: fc.integer({ min: 0, max: 3 }) });
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  const at = fc.nat({ max: 12 });
  await fc.assert(
    fc.asyncProperty(steps, at, at, fc.integer({ min: 0, max: 8 }), async (chunks, begins, heals, latency_ms) => {
      const sent: Buffer[] = [];
      await using stack = new AsyncDisposableStack();
      const agent = stack.use(
        await serve(async (_incoming, outgoing) => {
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const [index, { bytes, turns }] of chunks.entries()) {
            if (index === begins) fault = await applyFault({ ...plan, latency_ms }, { proxy }, noAbort);
            const chunk = Buffer.alloc(bytes, `data: ${index}\n\n`);
            sent.push(chunk);
            outgoing.write(chunk);
            for (let each = 0; each < turns; each += 1) await turn();
            if (index === heals) await fault?.heal();
          }
          outgoing.end();
        }),
      );
      const proxy = stack.use(await openProxy({ upstream: agent.url, signal: noAbort }));
      let fault: Awaited<ReturnType<typeof applyFault>> | undefined;
      const { text, error } = await read(await ask(proxy.url, { agent: false }));
      expect(error).toBeUndefined();
      expect(text === Buffer.concat(sent).toString()).toBe(true);
      await fault?.heal();
      expect(proxy.counters().bytes_held_now).toBe(0);
    }),
    { numRuns: 60 },
  );
});
