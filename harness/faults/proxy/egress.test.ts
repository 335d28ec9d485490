/** A process that sends its requests through an egress meets the same servers at the same addresses, and what stands on the way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { applyFault } from '../apply.ts';
import { ask, noAbort, read, serve } from '../testing.ts';
import { openEgress } from './egress.ts';
import { openProxy } from './proxy.ts';

const plan = { target: 'links-of-agent-2', begins: { at_ms: 0 }, for_ms: 100 } as const;

const greets = () => serve((incoming, outgoing) => void outgoing.end(`${incoming.headers.host} ${incoming.url}`));

/** Asks for a connection to the address, as clients do for whatever is not plain HTTP and Node does for everything. */
async function tunnelTo(egress: string, address: string): Promise<Socket> {
  const socket = connect(Number(new URL(egress).port), '127.0.0.1').on('error', () => undefined);
  socket.write(`CONNECT ${address} HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
  const [head] = await once(socket, 'data');
  expect(String(head)).toContain('200 Connection Established');
  return socket;
}

async function askThrough(egress: string, address: string, path: string): Promise<string> {
  const socket = await tunnelTo(egress, address);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`);
  return text(socket).catch(() => 'broken');
}

test('a tunnel and a plain request come to the address that was asked for, and it is told that address', async () => {
  await using agent = await greets();
  const { host } = new URL(agent.url);
  await using egress = await openEgress(async ({ origin }) => origin, noAbort);
  expect(await askThrough(egress.url, host, '/a?b')).toContain(`${host} /a?b`);
  const plain = await ask(egress.url, { path: `${agent.url}/c?d`, headers: { host } });
  expect((await read(plain)).text).toBe(`${host} /c?d`);
  expect((await ask(egress.url, { path: '/no-address' })).statusCode).toBe(400);
});

test('what is on the way bites and heals, and nobody else notices', async () => {
  await using agent = await greets();
  await using other = await greets();
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const wayTo = async (address: URL) => (address.origin === agent.url ? proxy.tunnelTo(address) : address.origin);
  await using egress = await openEgress(wayTo, noAbort);
  const [host, beside] = [agent, other].map(({ url }) => new URL(url).host) as [string, string];
  const subject = { proxy, isLinks: true };
  await using down = await applyFault({ ...plan, fault: 'down' }, subject, noAbort);
  const client = connect(Number(new URL(egress.url).port), '127.0.0.1').on('error', () => undefined);
  client.write(`CONNECT ${host} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n`);
  await once(client, 'close');
  expect(await askThrough(egress.url, beside, '/')).toContain(beside);
  await down.heal();
  expect(down.hits?.()).toBe(1);
  expect(await askThrough(egress.url, host, '/')).toContain(host);

  await using hole = await applyFault({ ...plan, fault: 'blackhole' }, subject, noAbort);
  const waiting = askThrough(egress.url, host, '/late');
  await expect.poll(hole.hits ?? (() => 0)).toBeGreaterThan(0);
  await hole.heal();
  expect(await waiting).toContain(`${host} /late`);
});

test('between servers muster refuses to look for calls', async () => {
  await using proxy = await openProxy({ upstream: 'http://127.0.0.1:1', signal: noAbort });
  const hurt = (more: object) => applyFault({ ...plan, ...more } as never, { proxy, isLinks: true }, noAbort);
  const sentence = 'between servers muster sees bytes';
  await expect(hurt({ fault: 'truncate' })).rejects.toThrow(sentence);
  await expect(hurt({ fault: 'drop', event: 1 })).rejects.toThrow(sentence);
  await expect(hurt({ fault: 'down', match: { nth: 1 } })).rejects.toThrow(sentence);
});

test('a Node process that is told of it goes through it', async () => {
  await using agent = await greets();
  const asked: string[] = [];
  await using egress = await openEgress(async (address) => {
    asked.push(address.origin);
    return address.origin;
  }, noAbort);
  const env = { ...process.env, HTTP_PROXY: egress.url, NO_PROXY: '', NODE_USE_ENV_PROXY: '1' };
  const program = `fetch('${agent.url}/x').then((answer) => answer.text()).then(console.log)`;
  const child = spawn(process.execPath, ['-e', program], { env });
  expect(await text(child.stdout)).toContain(`${new URL(agent.url).host} /x`);
  expect(asked).toEqual([agent.url]);
});
