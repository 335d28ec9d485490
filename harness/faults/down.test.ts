/** While it is down nobody gets through, not to the card either; healed, everybody does. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, eventStream, failureOf, noAbort, read, serve } from './testing.ts';

const plan = { fault: 'down', target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

test('down resets open streams, idle connections and new ones, and healing lets new ones through', async () => {
  await using agent = await serve((incoming, outgoing) => {
    if (incoming.url !== '/open') return eventStream(3)(incoming, outgoing);
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\n');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answer = await ask(`${proxy.url}/open`, { agent: false });
  await once(answer, 'data');
  const broken = read(answer);

  const fault = await applyFault(plan, { proxy }, noAbort);
  expect(fault.proof).toBe('down: reset 1 open connection, and resets every new one');
  expect((await broken).error).toBe('ECONNRESET');
  expect(await failureOf(proxy.url, { agent: false })).toBe('ECONNRESET');
  expect(await failureOf(`${proxy.url}/.well-known/agent-card.json`, { agent: false })).toBe('ECONNRESET');
  await expect.poll(() => agent.sockets.size).toBe(0);

  expect(await fault.heal()).toBe('reset 3 connections');
  expect((await read(await ask(proxy.url, { agent: false }))).error).toBeUndefined();
  await fault[Symbol.asyncDispose]();
  expect(await fault.heal()).toBe('reset 3 connections');
  expect(proxy.counters()).toMatchObject({ connections: 4, requests: 2, effects: { down: { hits: 3 } } });
});

test('two faults that overlap heal one by one', async () => {
  await using agent = await serve(eventStream(1));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  await using first = await applyFault(plan, { proxy }, noAbort);
  await using second = await applyFault(plan, { proxy }, noAbort);
  await first.heal();
  expect(await failureOf(proxy.url, { agent: false })).toBe('ECONNRESET');
  expect(await second.heal()).toBe('reset 1 connection');
  expect(await failureOf(proxy.url, { agent: false })).toBe('answered');
});

test('a rule that makes no sense is refused with what is allowed', async () => {
  await using proxy = await openProxy({ upstream: 'http://127.0.0.1:1', signal: noAbort });
  const wrong = { ...plan, fault: 'cut', after_events: 1.5, match: { nth: 0, user: 'ann' } } as const;
  await expect(applyFault(wrong, { proxy }, noAbort)).rejects.toThrow(
    'Failed to apply "cut" to the agent: after_events: it is 1.5, and must be a whole number from 0 to 1073741824; ' +
      'match.user: "ann" is no user; the first is "u1"; match.nth: it is 0, and must be a whole number from 1 to 1073741824.',
  );
  const refuse = { ...plan, fault: 'refuse', match: {} } as const;
  await expect(applyFault(refuse, { proxy }, noAbort)).rejects.toThrow('match: "refuse" hits everybody or nobody');
});
