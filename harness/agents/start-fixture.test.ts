/** Fixtures in this process: real servers, with nothing left of them when they are disposed or cannot be used. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Fixture } from '../model/live.ts';
import { isListening } from './listeners.ts';
import { startFixture } from './start-fixture.ts';

const CARD = {
  name: 'Echo',
  version: '1.0.0',
  capabilities: { streaming: true },
  supportedInterfaces: [{ url: 'http://127.0.0.1/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
};

const ports: number[] = [];

const fixtureWith = (card: object): Fixture => ({
  name: 'echo',
  title: 'Says what it hears',
  phrasebook: {},
  start: async ({ port, peer }) => {
    if (peer === 'nobody') throw new Error('it needs a peer.');
    const server = createServer((_, response) => response.end(JSON.stringify({ ...card, description: peer ?? '' })));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const given = (server.address() as AddressInfo).port;
    ports.push(given);
    return {
      url: `http://127.0.0.1:${given}/`,
      [Symbol.asyncDispose]: async () => {
        server.close();
        await once(server, 'close');
      },
    };
  },
});

const signal = new AbortController().signal;
const lastPort = () => ports.at(-1) ?? 0;

test('a fixture is an agent without a process, told where its peer is', async () => {
  const agent = await startFixture({
    name: 'agent',
    fixture: fixtureWith(CARD),
    port: 0,
    peer: 'http://peer/',
    signal,
  });
  expect(agent).toMatchObject({
    name: 'agent',
    how: 'in-process',
    url: `http://127.0.0.1:${lastPort()}/.well-known/agent-card.json`,
    card: { description: 'http://peer/' },
    summary: { name: 'Echo', transports: ['jsonrpc'] },
  });
  expect(agent.pid).toBeUndefined();
  expect(await agent.probe(20_000)).toEqual({ answers: true });
  await agent[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
  expect(await isListening(lastPort())).toBe(false);
  expect((await agent.probe(20_000)).answers).toBe(false);
});

test('a fixture whose card cannot be used is stopped and named', async () => {
  const start = startFixture({ name: 'agent', fixture: fixtureWith({ name: 'Echo' }), port: 0, signal });
  await expect(start).rejects.toThrow(/fixture "echo" is at http:.*, but it names no interface/);
  expect(await isListening(lastPort())).toBe(false);
});

test('a fixture that throws says so', async () => {
  const start = startFixture({ name: 'agent', fixture: fixtureWith(CARD), port: 0, peer: 'nobody', signal });
  await expect(start).rejects.toThrow('Failed to start agent "agent": fixture "echo" said: it needs a peer.');
});
