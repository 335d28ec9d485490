/** The same plan through muster's own proxy and through a real Toxiproxy server: a client meets the same, and the server is as it was. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, expect, test } from 'vitest';
import { startToxiproxy, type ToxiproxyServer, whyNoToxiproxy } from '../../../tests/toxiproxy-server.ts';
import type { FaultPlan } from '../../model/scenario.ts';
import { applyFault } from '../apply.ts';
import type { FaultSubject } from '../fault.ts';
import { openProxy } from '../proxy/proxy.ts';
import { ask, noAbort, read, serve } from '../testing.ts';
import { openToxiproxy } from './server.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;
const HOUR_MS = 3_600_000;
const ANSWER_BYTES = 200_000;

/** Building it may take longer than a test may last. */
const missing = whyNoToxiproxy();
let running: Promise<ToxiproxyServer> | undefined;
afterAll(async () => (await running)?.[Symbol.asyncDispose]());

async function theServer(): Promise<ToxiproxyServer> {
  running ??= startToxiproxy();
  return await running;
}

/** Answers whatever it is asked with so many bytes, and hangs up. */
async function openAgent() {
  const inside = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    inside.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => inside.delete(socket));
    socket.once('data', () => socket.end(Buffer.alloc(ANSWER_BYTES, 'x')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    inside,
    async [Symbol.asyncDispose]() {
      for (const socket of inside) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Client {
  readonly socket: Socket;
  readonly bytes: () => number;
  readonly end: () => 'open' | 'ended' | 'reset';
}

async function enter(origin: string): Promise<Client> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let bytes = 0;
  let end: ReturnType<Client['end']> = 'open';
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  socket.once('end', () => {
    end = 'ended';
  });
  socket.on('error', () => {
    end = 'reset';
  });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return { socket, bytes: () => bytes, end: () => end };
}

interface Met {
  readonly bytes: 'none' | 'some' | 'all';
  readonly end: ReturnType<Client['end']>;
}

const met = ({ bytes, end }: Client): Met => ({
  bytes: bytes() === 0 ? 'none' : bytes() === ANSWER_BYTES ? 'all' : 'some',
  end: end(),
});

const rows: readonly (readonly [FaultPlan, hurt: Met, healed: Met])[] = [
  [
    { ...plan, fault: 'latency', latency_ms: HOUR_MS },
    { bytes: 'none', end: 'open' },
    { bytes: 'all', end: 'ended' },
  ],
  [
    { ...plan, fault: 'blackhole' },
    { bytes: 'none', end: 'open' },
    { bytes: 'all', end: 'ended' },
  ],
  [
    { ...plan, fault: 'bandwidth', bytes_per_s: 1_000 },
    { bytes: 'some', end: 'open' },
    { bytes: 'all', end: 'ended' },
  ],
  [
    { ...plan, fault: 'slice', slice_bytes: 500, gap_ms: HOUR_MS },
    { bytes: 'some', end: 'open' },
    { bytes: 'all', end: 'ended' },
  ],
  [
    { ...plan, fault: 'slow-close', delay_ms: HOUR_MS },
    { bytes: 'all', end: 'open' },
    { bytes: 'all', end: 'ended' },
  ],
  [
    { ...plan, fault: 'reset', after_bytes: 0 },
    { bytes: 'none', end: 'reset' },
    { bytes: 'none', end: 'reset' },
  ],
  [
    { ...plan, fault: 'limit-bytes', after_bytes: 300 },
    { bytes: 'some', end: 'ended' },
    { bytes: 'some', end: 'ended' },
  ],
  [
    { ...plan, fault: 'down' },
    { bytes: 'none', end: 'reset' },
    { bytes: 'none', end: 'reset' },
  ],
];

for (const [fault, hurt, healed] of rows) {
  test(`a client meets the same ${fault.fault} through either, and afterwards an answer`, async (context) => {
    if (missing !== undefined) return context.skip(missing);
    const { url } = await theServer();
    const server = await openToxiproxy(url, noAbort);
    for (const through of ['muster', 'Toxiproxy'] as const) {
      await using stack = new AsyncDisposableStack();
      const agent = stack.use(await openAgent());
      const toxics = through === 'Toxiproxy' ? stack.use(server.front('agent')) : undefined;
      const upstream = agent.address.origin;
      const proxy = stack.use(await openProxy({ upstream, signal: noAbort, ...(toxics && { route: toxics.route }) }));
      const origin = await proxy.tunnelTo(agent.address);
      const subject: FaultSubject = { proxy, ...(toxics && { toxics }) };

      const applied = stack.use(await applyFault(fault, subject, noAbort));
      const client = await enter(origin);
      client.socket.write('ask');
      await expect.poll(() => met(client), { message: through }).toEqual(hurt);
      // So long it stays as it is: a server in another process has been asked something and answered, again and again.
      for (let time = 0; time < 10; time += 1) await fetch(`${url}/version`);
      expect([through, met(client)]).toEqual([through, hurt]);
      if (fault.fault === 'limit-bytes') expect(client.bytes()).toBe(fault.after_bytes);

      await applied.heal();
      await expect.poll(() => met(client), { message: through }).toEqual(healed);
      const next = await enter(origin);
      next.socket.write('ask');
      await expect.poll(() => met(next), { message: through }).toEqual({ bytes: 'all', end: 'ended' });
      for (const { socket } of [client, next]) socket.destroy();
    }
    expect(await new Toxiproxy(url).getAll()).toEqual({});
  });
}

test('what Toxiproxy cannot do muster does itself, and others on the same server are left alone', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const { url } = await theServer();
  await using agent = await serve((_incoming, outgoing) => outgoing.end('0123456789'));
  const remote = new Toxiproxy(url);
  const theirs = await remote.createProxy({ name: 'theirs', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
  const server = await openToxiproxy(`${url}/`, noAbort);
  const front = server.front('agent');
  const proxy = await openProxy({ upstream: agent.url, route: front.route, signal: noAbort });
  const subject: FaultSubject = { proxy, toxics: front };
  const reset = { ...plan, fault: 'reset', after_bytes: 4 } as const;
  {
    await using mine = await applyFault(reset, subject, noAbort);
    expect(mine.proof).toBe('resets every answer after 4 bytes');
    expect(await read(await ask(proxy.url, { agent: false }))).toEqual({ text: '0123', error: 'ECONNRESET' });
  }
  {
    await using slow = await applyFault({ ...plan, fault: 'latency', latency_ms: HOUR_MS }, subject, noAbort);
    expect(slow.proof).toBe('Toxiproxy adds latency downstream {"latency":3600000,"jitter":0}');
    expect(slow.hits).toBeUndefined();
    await using slower = await applyFault({ ...plan, fault: 'slice', slice_bytes: 1, gap_ms: 0 }, subject, noAbort);
    const answer = ask(proxy.url, { agent: false });
    await expect.poll(() => proxy.counters().requests).toBe(2);
    expect(await slow.heal()).toBe('its toxics are taken off again');
    expect(await read(await answer)).toEqual({ text: '0123456789' });
    await slower.heal();
  }
  await applyFault({ ...plan, fault: 'down' }, subject, noAbort);
  await proxy[Symbol.asyncDispose]();
  await front[Symbol.asyncDispose]();
  expect(Object.keys(await remote.getAll())).toEqual(['theirs']);
  await theirs.remove();
});

test('what is asked for while a proxy is being made is put on it once, and taken off again', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const { url } = await theServer();
  await using front = (await openToxiproxy(url, noAbort)).front('agent');
  const toxic = { type: 'latency', stream: 'downstream', attributes: { latency: 1, jitter: 0 } } as const;
  const [, added, shut] = await Promise.all([
    front.route(new URL('http://127.0.0.1:1')),
    front.add([toxic]),
    front.shut(),
  ]);
  const onServer = async (): Promise<unknown> => {
    const [proxy] = Object.values(
      (await (await fetch(`${url}/proxies`)).json()) as Record<string, { enabled: boolean; toxics: unknown[] }>,
    );
    return { enabled: proxy?.enabled, toxics: proxy?.toxics.length };
  };
  expect(await onServer()).toEqual({ enabled: false, toxics: 1 });
  await added[Symbol.asyncDispose]();
  await shut[Symbol.asyncDispose]();
  expect(await onServer()).toEqual({ enabled: true, toxics: 0 });
});

test('an address where no Toxiproxy answers is told with what to do', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.writeHead(404).end());
  await expect(openToxiproxy(agent.url, noAbort)).rejects.toThrow(
    `Failed to reach a Toxiproxy server at ${agent.url}: it answered 404. Start one (toxiproxy-server), or give the address`,
  );
});
