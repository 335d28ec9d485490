/** Faults of single calls: what comes in place of the agent's answer, and whether the agent has done the work. */
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, failureOf, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

async function openScene() {
  const asked: string[] = [];
  const stack = new AsyncDisposableStack();
  const agent = stack.use(
    await serve((incoming, outgoing) => {
      incoming.resume();
      incoming.once('end', () => {
        asked.push(incoming.url ?? '');
        if (incoming.url === '/stream') outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        else outgoing.writeHead(200, { 'content-type': 'application/json' });
        outgoing.end(incoming.url === '/stream' ? 'data: 1\n\n' : '{"answer":"caf\u00e9"}');
      });
    }),
  );
  const proxy = stack.use(await openProxy({ upstream: agent.url, signal: noAbort }));
  return { asked, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a status is answered with Retry-After, and the agent is not asked', async () => {
  await using scene = await openScene();
  const { proxy, asked } = scene;
  await using hurt = await applyFault({ ...plan, fault: 'status', status: 429, retry_after_s: 7 }, { proxy }, noAbort);
  expect(hurt.proof).toBe('answers 429 with Retry-After: 7');
  const answer = await ask(proxy.url, { method: 'POST', agent: false }, 'a question');
  expect(await read(answer)).toEqual({ text: '429\n' });
  expect([answer.statusCode, answer.headers['retry-after'], asked]).toEqual([429, '7', []]);
  expect(await hurt.heal()).toBe('answered 1 call with 429');
  expect((await ask(proxy.url, { method: 'POST', agent: false }, 'a question')).statusCode).toBe(200);
});

test('who was told when to come back and comes before is counted, as long as his message has an id', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  await using hurt = await applyFault(
    { ...plan, fault: 'status', status: 503, retry_after_s: 3_600 },
    { proxy },
    noAbort,
  );
  expect(hurt.turnedAway?.()).toBeUndefined();
  const send = async (message: unknown): Promise<void> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } });
    await read(await ask(proxy.url, { method: 'POST', agent: false }, body));
  };
  for (const messageId of ['one', 'two', 'one', 'one']) await send({ messageId });
  await send({ parts: [] });
  expect(hurt.turnedAway?.()).toEqual({ messages: 2, early: 2 });
  expect(await hurt.heal()).toBe('answered 5 calls with 503');
  expect(hurt.turnedAway?.()).toEqual({ messages: 2, early: 2 });
});

test('a wrong content type is the only thing that is wrong', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  const wrong = { ...plan, fault: 'wrong-content-type', content_type: 'text/html' } as const;
  await using hurt = await applyFault(wrong, { proxy }, noAbort);
  for (const [path, text] of [
    ['/', '{"answer":"caf\u00e9"}'],
    ['/stream', 'data: 1\n\n'],
  ] as const) {
    const answer = await ask(`${proxy.url}${path}`, { agent: false });
    expect([await read(answer), answer.headers['content-type']]).toEqual([{ text }, 'text/html']);
  }
  expect(await hurt.heal()).toBe('mislabelled 2 answers');
  expect((await ask(proxy.url, { agent: false })).headers['content-type']).toBe('application/json');
});

test('truncated JSON ends in its middle with a length that fits, and streams are left alone', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  await using hurt = await applyFault({ ...plan, fault: 'truncate' }, { proxy }, noAbort);
  const answer = await ask(proxy.url, { agent: false });
  const { text, error } = await read(answer);
  expect([error, answer.headers['content-length']]).toEqual([undefined, '9']);
  expect(() => JSON.parse(text)).toThrow();
  expect(await read(await ask(`${proxy.url}/stream`, { agent: false }))).toEqual({ text: 'data: 1\n\n' });
  expect(await hurt.heal()).toBe('truncated 1 answer');
  expect(JSON.parse((await read(await ask(proxy.url, { agent: false }))).text)).toEqual({ answer: 'caf\u00e9' });
});

test('a lost answer is one whose work was done', async () => {
  await using scene = await openScene();
  const { proxy, asked } = scene;
  await using hurt = await applyFault({ ...plan, fault: 'answer-lost' }, { proxy }, noAbort);
  for (const path of ['/unary', '/stream']) {
    expect(await failureOf(`${proxy.url}${path}`, { agent: false })).toBe('ECONNRESET');
  }
  expect(asked).toEqual(['/unary', '/stream']);
  expect(await hurt.heal()).toBe('threw 2 answers away');
  expect(await read(await ask(`${proxy.url}/stream`, { agent: false }))).toEqual({ text: 'data: 1\n\n' });
});
