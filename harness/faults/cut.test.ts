/** A cut comes after exactly so many events, never inside one, and only to streams. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, eventStream, noAbort, read, serve } from './testing.ts';

const plan = { fault: 'cut', target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

test('each stream is reset after its third event, other answers are left alone, and healing lets streams end', async () => {
  await using agent = await serve((incoming, outgoing) => {
    if (incoming.url === '/plain') outgoing.end('data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n');
    else eventStream(8, incoming.url === '/crlf' ? '\r\n' : '\n')(incoming, outgoing);
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const stream = async (path: string) => await read(await ask(`${proxy.url}${path}`, { agent: false }));
  const events = (text: string): number => text.match(/data: /g)?.length ?? 0;

  await using fault = await applyFault({ ...plan, after_events: 3 }, { proxy }, noAbort);
  expect(fault.proof).toBe('cuts every stream after 3 events');
  for (const path of ['/lf', '/crlf']) {
    const { text, error } = await stream(path);
    expect([path, events(text), /\r?\n\r?\n$/.test(text), error]).toEqual([path, 3, true, 'ECONNRESET']);
  }
  expect((await stream('/plain')).error).toBeUndefined();
  expect(await fault.heal()).toBe('cut 2 streams after event 3');
  const whole = await stream('/lf');
  expect([events(whole.text), whole.error]).toEqual([8, undefined]);
  await expect.poll(() => proxy.counters().upstream_connections_open).toBe(0);
});

test('cuts hold when many events come in one piece, and when a stream ends before its cut', async () => {
  await using agent = await serve((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'Text/Event-Stream; charset=utf-8' });
    outgoing.end('data: 1\n\n: ping\n\ndata: 2\n\ndata: 3\n\n');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const seen: unknown[] = [];
  for (const after_events of [0, 1, 2, 4]) {
    await using _fault = await applyFault({ ...plan, after_events }, { proxy }, noAbort);
    seen.push(await read(await ask(proxy.url, { agent: false })));
  }
  expect(seen).toEqual([
    { text: '', error: 'ECONNRESET' },
    { text: 'data: 1\n\n', error: 'ECONNRESET' },
    { text: 'data: 1\n\n: ping\n\ndata: 2\n\n', error: 'ECONNRESET' },
    { text: 'data: 1\n\n: ping\n\ndata: 2\n\ndata: 3\n\n' },
  ]);
});

test('a stream that was open already is cut after so many events more', async () => {
  let go: (() => void) | undefined;
  await using agent = await serve((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\ndata: 2\n\nda');
    go = () => outgoing.write('ta: 3\n\ndata: 4\n\ndata: 5\n\n');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  for (const [after_events, rest] of [
    [2, 'ta: 3\n\ndata: 4\n\n'],
    [0, ''],
  ] as const) {
    const answer = await ask(proxy.url, { agent: false });
    await once(answer, 'data');
    await using fault = await applyFault({ ...plan, after_events }, { proxy }, noAbort);
    const reading = read(answer);
    if (after_events > 0) go?.();
    expect(await reading).toEqual({ text: rest, error: 'ECONNRESET' });
    expect(await fault.heal()).toBe(`cut 1 stream after event ${after_events}`);
  }
});
