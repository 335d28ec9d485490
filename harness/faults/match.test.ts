/** A fault that says whom it hits hits them, over both bindings, and leaves everybody else alone. */
import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import type { FaultMatch } from '../model/scenario.ts';
import { applyFault } from './apply.ts';
import type { FaultSubject } from './fault.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, failureOf, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;
const headersOf = (user: string) => (user === 'u1' || user === 'u2' ? { Authorization: `Bearer ${user}` } : undefined);

interface Asking {
  readonly user?: string;
  readonly operation: 'SendMessage' | 'GetTask';
  readonly task?: string;
  readonly rest?: boolean;
}

async function openScene() {
  const stack = new AsyncDisposableStack();
  let asked = 0;
  const agent = stack.use(
    await serve((incoming, outgoing) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += chunk;
      });
      incoming.on('end', () => {
        asked += 1;
        outgoing.end(body || 'nothing');
      });
    }),
  );
  const proxy = stack.use(await openProxy({ upstream: agent.url, signal: noAbort }));
  /** The status that the call is answered with. */
  const call = async ({ user = 'u1', operation, task = 'x', rest = false }: Asking): Promise<number | undefined> => {
    const headers = { authorization: `Bearer ${user}` };
    const params = operation === 'GetTask' ? { id: task } : { message: { taskId: task } };
    const body = JSON.stringify(rest ? params : { jsonrpc: '2.0', id: 1, method: operation, params });
    const isGet = rest && operation === 'GetTask';
    const path = rest ? (isGet ? `/v1/tasks/${task}?historyLength=0` : '/v1/message:send') : '/rpc';
    const options = { method: isGet ? 'GET' : 'POST', headers, agent: false } as const;
    const answer = await ask(`${proxy.url}${path}`, options, isGet ? undefined : body);
    const { text } = await read(answer);
    if (answer.statusCode === 200) expect(text).toBe(isGet ? 'nothing' : body);
    return answer.statusCode;
  };
  const hurt = (match: FaultMatch, more: FaultSubject = {}) =>
    applyFault({ ...plan, fault: 'status', status: 503, match }, { proxy, headersOf, ...more }, noAbort);
  return { proxy, call, hurt, asked: () => asked, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a user, an operation, a task and a count are told apart over JSON-RPC and HTTP+JSON alike', async () => {
  await using scene = await openScene();
  const calls: readonly Asking[] = [
    { operation: 'SendMessage' },
    { operation: 'SendMessage', rest: true },
    { operation: 'GetTask', task: 'y' },
    { operation: 'GetTask', task: 'y', rest: true },
    { operation: 'GetTask', user: 'u2' },
    { operation: 'SendMessage', user: 'u2', rest: true },
  ];
  const rows: readonly (readonly [FaultMatch, readonly number[], string])[] = [
    [{ operation: 'GetTask' }, [2, 3, 4], 'GetTask'],
    [{ operation: 'SendMessage', user: 'u2' }, [5], 'SendMessage, of u2'],
    [{ user: 'u1', nth: 2 }, [1], 'of u1, the 2nd only'],
    [{ task: 1 }, [0, 1, 4, 5], 'to the 1st task'],
    [{ task: 2, nth: 2 }, [3], 'to the 2nd task, the 2nd only'],
  ];
  for (const [match, hit, words] of rows) {
    await using hurt = await scene.hurt(match);
    expect(hurt.proof).toBe(`answers 503; hits calls ${words}`);
    const seen: (number | undefined)[] = [];
    for (const call of calls) seen.push(await scene.call(call));
    expect(seen.map((status) => status === 503)).toEqual(calls.map((_, index) => hit.includes(index)));
    expect(await hurt.heal()).toBe(`answered ${hit.length} call${hit.length === 1 ? '' : 's'} with 503`);
  }
});

test('a call whose body is said to have no bytes is looked at and goes on, and the next one on its connection, too', async () => {
  await using agent = await serve((incoming, outgoing) => outgoing.end(incoming.resume().url));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const fault = { ...plan, fault: 'status', status: 503, match: { operation: 'CancelTask' } } as const;
  await using _ = await applyFault(fault, { proxy, headersOf }, noAbort);
  using connection = kept();
  const options = { method: 'POST', headers: { 'content-length': '0' }, agent: connection.agent };
  for (const [path, status] of [
    ['/v1/tasks/x:subscribe', 200],
    ['/v1/tasks/x:cancel', 503],
    ['/v1/tasks/y:subscribe', 200],
  ] as const) {
    const answer = await ask(`${proxy.url}${path}`, options);
    await read(answer);
    expect(answer.statusCode).toBe(status);
  }
}, 10_000);

/** One connection for all requests. */
function kept(): Disposable & { readonly agent: Agent } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}

test('a probability hits the same calls again, whatever else is asked in between', async () => {
  await using scene = await openScene();
  const draw = (purpose: string, count: number): number => (purpose === 'match' && count % 3 === 0 ? 0.1 : 0.9);
  const hitsOf = async (between: boolean): Promise<boolean[]> => {
    await using hurt = await scene.hurt({ operation: 'GetTask', probability: 0.5 }, { draw });
    const seen: boolean[] = [];
    for (let time = 0; time < 7; time += 1) {
      if (between) await scene.call({ operation: 'SendMessage' });
      seen.push((await scene.call({ operation: 'GetTask', rest: time % 2 === 0 })) === 503);
    }
    expect(await hurt.heal()).toBe('answered 2 calls with 503');
    return seen;
  };
  expect(await hitsOf(false)).toEqual([false, false, true, false, false, true, false]);
  expect(await hitsOf(true)).toEqual(await hitsOf(false));
});

test('a connection fault with a match hits the connection of the call, and cards are no calls', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  await using hurt = await applyFault({ ...plan, fault: 'down', match: { nth: 2 } }, { proxy }, noAbort);
  expect(await failureOf(`${proxy.url}/.well-known/agent-card.json`, { agent: false })).toBe('answered');
  expect(await scene.call({ operation: 'GetTask' })).toBe(200);
  await expect(scene.call({ operation: 'GetTask' })).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await scene.call({ operation: 'GetTask' })).toBe(200);
  expect(await hurt.heal()).toBe('reset 1 connection');
  expect(scene.asked()).toBe(3);
});

test('a request larger than what is read passes whole, and matches by its headers and its path', async () => {
  await using scene = await openScene();
  const { proxy } = scene;
  await using byUser = await scene.hurt({ user: 'u2' });
  await using byOperation = await scene.hurt({ operation: 'SendMessage' });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'SendMessage',
    params: { filler: 'x'.repeat(3_000_000) },
  });
  const large = await ask(`${proxy.url}/rpc`, { method: 'POST', agent: false, headers: { authorization: 'x' } }, body);
  expect((await read(large)).text).toBe(body);
  const headers = { authorization: 'Bearer u2' };
  expect((await ask(`${proxy.url}/rpc`, { method: 'POST', agent: false, headers }, body)).statusCode).toBe(503);
  const rest = { method: 'POST', agent: false, headers: { authorization: 'x' } } as const;
  expect((await ask(`${proxy.url}/message:send`, rest, body.slice(20))).statusCode).toBe(503);
  expect([await byUser.heal(), await byOperation.heal()]).toEqual([
    'answered 1 call with 503',
    'answered 1 call with 503',
  ]);
});

test('what cannot be matched is told before anything is hurt', async () => {
  await using scene = await openScene();
  await expect(scene.hurt({ user: 'u3' })).rejects.toThrow('u3 has no headers of his own');
  await expect(scene.hurt({ probability: 0.5 })).rejects.toThrow('its probability needs draws from a seed');
  await expect(scene.hurt({ operation: 'Fetch' })).rejects.toThrow(
    'match.operation: it is "Fetch", and must be one of SendMessage, ',
  );
  expect(await scene.call({ operation: 'GetTask' })).toBe(200);
});
