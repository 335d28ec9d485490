/** A tunnel passes whatever is said, in both directions, and rules about connections, time and bytes hit it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultPlan } from '../../model/scenario.ts';
import { applyFault } from '../apply.ts';
import { noAbort } from '../testing.ts';
import { openProxy } from './proxy.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

/** Says back what it hears, and hangs up when it is hung up on. */
async function openScene() {
  const inside = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    inside.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => inside.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const proxy = await openProxy({ upstream: address.origin, signal: noAbort });
  const { hostname, port } = new URL(await proxy.tunnelTo(address));
  return {
    proxy,
    inside,
    address,
    async enter() {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let text = '';
      let error = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', (problem) => {
        error = 'code' in problem ? String(problem.code) : String(problem);
      });
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed]);
      return { socket, closed, text: () => text, error: () => error };
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      for (const socket of inside) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('bytes and both ends pass, one address has one port, and disposing leaves nobody inside', async () => {
  await using scene = await openScene();
  const client = await scene.enter();
  client.socket.end('said');
  await client.closed;
  expect([client.text(), client.error()]).toEqual(['said', '']);
  expect(await scene.proxy.tunnelTo(scene.address)).toBe(await scene.proxy.tunnelTo(scene.address));
  const staying = await scene.enter();
  staying.socket.write('x');
  await expect.poll(staying.text).toBe('x');
  await scene.proxy[Symbol.asyncDispose]();
  await staying.closed;
  await expect.poll(() => scene.inside.size).toBe(0);
  await expect(scene.proxy.tunnelTo(scene.address)).rejects.toThrow('the proxy is closed');
});

const rows: readonly (readonly [FaultPlan, string, string, string])[] = [
  [{ ...plan, fault: 'down' }, '', 'ECONNRESET', 'reset 2 connections'],
  [{ ...plan, fault: 'reset', after_bytes: 3 }, 'abc', 'ECONNRESET', 'reset 2 answers after 6 bytes in all'],
  [{ ...plan, fault: 'limit-bytes', after_bytes: 3 }, 'abc', '', 'ended 2 answers after 6 bytes in all'],
];

test.each(rows.map((row) => [row[0].fault, ...row] as const))(
  '%s breaks a connection that is open and one that comes, and healing lets all through',
  async (_name, fault, text, error, proof) => {
    await using scene = await openScene();
    const open = await scene.enter();
    await expect.poll(() => scene.inside.size).toBe(1);
    await using hurt = await applyFault(fault, { proxy: scene.proxy, isGrpc: true }, noAbort);
    open.socket.write('abcdef');
    const coming = await scene.enter();
    coming.socket.write('abcdef');
    await Promise.all([open.closed, coming.closed]);
    for (const client of [open, coming])
      expect([client.text(), /RESET|PIPE/.test(client.error())]).toEqual([text, error !== '']);
    expect(await hurt.heal()).toBe(proof);
    const after = await scene.enter();
    after.socket.end('abcdef');
    await after.closed;
    expect([after.text(), after.error()]).toEqual(['abcdef', '']);
  },
);

test('a black hole and a half-open connection say nothing until they are healed', async () => {
  await using scene = await openScene();
  const client = await scene.enter();
  client.socket.write('a');
  await expect.poll(client.text).toBe('a');
  const hole = await applyFault({ ...plan, fault: 'blackhole' }, { proxy: scene.proxy }, noAbort);
  client.socket.write('b');
  const late = await scene.enter();
  late.socket.write('c');
  await expect.poll(() => scene.proxy.counters().bytes_held_now).toBe(2);
  expect(client.text() + late.text()).toBe('a');
  expect(await hole.heal()).toBe('held 2 calls and 0 bytes of answers');
  await expect.poll(() => client.text() + late.text()).toBe('abc');

  const orphaned = await applyFault({ ...plan, fault: 'half-open' }, { proxy: scene.proxy }, noAbort);
  await expect.poll(() => scene.inside.size).toBe(0);
  client.socket.write('lost');
  expect(client.socket.destroyed).toBe(false);
  expect(await orphaned.heal()).toBe('left 2 connections without an agent');
  await Promise.all([client.closed, late.closed]);
  expect(client.text()).toBe('ab');
});

test('who is refused at the proxy is refused at its tunnels', async () => {
  await using scene = await openScene();
  const refused = await applyFault({ ...plan, fault: 'refuse' }, { proxy: scene.proxy }, noAbort);
  expect((await scene.enter()).error()).toBe('ECONNREFUSED');
  const other = new URL(await scene.proxy.tunnelTo(new URL(scene.address.href.replace('127.0.0.1', 'localhost'))));
  await expect(fetch(other)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await refused.heal();
  const client = await scene.enter();
  client.socket.end('in');
  await client.closed;
  expect(client.text()).toBe('in');
});

test('no byte is lost, doubled or moved, however it is sliced and whenever rules come and go', async () => {
  const rule = fc.oneof(
    fc.record({ fault: fc.constant('latency' as const), latency_ms: fc.integer({ min: 0, max: 5 }) }),
    fc.record({
      fault: fc.constant('bandwidth' as const),
      bytes_per_s: fc.integer({ min: 3_000_000, max: 9_000_000 }),
    }),
    fc.record({
      fault: fc.constant('slice' as const),
      slice_bytes: fc.integer({ min: 700, max: 9_000 }),
      gap_ms: fc.constant(0),
    }),
    fc.record({ fault: fc.constant('blackhole' as const) }),
    fc.record({ fault: fc.constant('slow-close' as const), delay_ms: fc.integer({ min: 0, max: 3 }) }),
  );
  const changes = fc.array(fc.record({ at: fc.nat(10), rule, lasts: fc.nat(4) }), { maxLength: 4 });
  const sizes = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 10 });
  await using scene = await openScene();
  await fc.assert(
    fc.asyncProperty(sizes, changes, async (chunks, plans) => {
      await using stack = new AsyncDisposableStack();
      const client = await scene.enter();
      let sent = '';
      for (const [turn, size] of chunks.entries()) {
        for (const { at, rule: more, lasts } of plans) {
          if (at !== turn) continue;
          const hurt = stack.use(await applyFault({ ...plan, ...more }, { proxy: scene.proxy }, noAbort));
          let left = lasts;
          const heal = (): void => void (left-- <= 0 ? hurt.heal() : setImmediate(heal));
          heal();
        }
        const chunk = String.fromCharCode(97 + turn).repeat(size);
        sent += chunk;
        client.socket.write(chunk);
        await new Promise(setImmediate);
      }
      await stack.disposeAsync();
      client.socket.end();
      await client.closed;
      expect(client.error()).toBe('');
      expect(client.text() === sent).toBe(true);
      expect(scene.proxy.counters().bytes_held_now).toBe(0);
    }),
    { numRuns: 40 },
  );
});
