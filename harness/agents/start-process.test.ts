/** Command agents as users have them: small real servers, started through a shell, hurt by real signals. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AgentExit } from '../model/live.ts';
import { StrangerOnPort } from './agent-errors.ts';
import { isListening } from './listeners.ts';
import { isGone, membersOf, sessionLedBy } from './process-table.ts';
import { type ProcessOptions, startProcess } from './start-process.ts';
import { openWarden } from './warden.ts';

/** Long enough for a small agent to boot on a busy machine, before muster gives it up on purpose. */
const UNREADY_MS = 6_000;

const CARD = {
  name: 'Small',
  version: '1.2.3',
  capabilities: { streaming: true },
  supportedInterfaces: [{ url: 'http://127.0.0.1/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
};

/** Its last argument says what to answer: a card, a status with a body, or nothing at all. */
const AGENT = `
import { createServer } from 'node:http';
const [port, status = '200', type = 'application/json', body = ${JSON.stringify(JSON.stringify(CARD))}] = process.argv.slice(2);
createServer((request, response) => {
  if (status === 'silent') return;
  if (request.url !== '/.well-known/agent-card.json') return response.writeHead(404).end();
  response.writeHead(Number(status), { 'content-type': type }).end(body);
}).listen(Number(port), '127.0.0.1', () => console.log('agent listens on ' + port + ', peer ' + process.env.PEER_URL));
`;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const bench = async () => {
  await using stack = new AsyncDisposableStack();
  const temp = stack.use(await mkdtempDisposable(join(tmpdir(), 'muster-agent-')));
  const script = join(temp.path, 'agent.mjs');
  writeFileSync(script, AGENT);
  const warden = stack.use(await openWarden());
  const exits: AgentExit[] = [];
  const options: ProcessOptions = {
    name: 'agent',
    command: 'node-agent {port}',
    port: await freePort(),
    log_path: join(temp.path, 'agents', 'agent.log'),
    warden,
    ready_ms_max: 20_000,
    signal: new AbortController().signal,
    onExit: (exit) => exits.push(exit),
  };
  const release = stack.move();
  const run = `"${process.execPath}" "${script}"`;
  const start = (command: string, more: Partial<ProcessOptions> = {}) =>
    startProcess({ ...options, command: command.replaceAll('AGENT', run), ...more });
  return { ...options, script, exits, start, [Symbol.asyncDispose]: () => release.disposeAsync() };
};

const comesTrue = async (condition: () => boolean | Promise<boolean>): Promise<boolean> => {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await condition()) return true;
    await delay(10);
  }
  return false;
};

const noneLeft = async (port: number): Promise<boolean> => !(await isListening(port));

test('a command is an agent as soon as its card answers, and nothing of it is left when it is disposed', async () => {
  await using place = await bench();
  const peer = 'http://127.0.0.1:4/';
  const agent = await place.start(`port=own; echo "\${port} {peer}"; sleep 1000 & AGENT {port}`, {
    env: { PEER_URL: peer },
  });
  const session = sessionLedBy(agent.pid ?? 0);
  expect(agent.summary).toEqual({
    name: 'Small',
    version: '1.2.3',
    streaming: true,
    pushNotifications: false,
    extendedAgentCard: false,
    transports: ['jsonrpc'],
  });
  expect(agent).toMatchObject({
    name: 'agent',
    how: 'process',
    url: `http://127.0.0.1:${place.port}/.well-known/agent-card.json`,
    card: CARD,
  });
  expect(await agent.probe(5_000)).toEqual({ answers: true });
  expect(readFileSync(place.log_path, 'utf8')).toBe(`own ${peer}\nagent listens on ${place.port}, peer ${peer}\n`);
  await agent[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
  expect(isGone(session)).toBe(true);
  expect(place.exits).toHaveLength(1);
  expect(place.exits[0]).toMatchObject({
    asked: true,
    log_tail: [`own ${peer}`, expect.stringContaining('agent listens')],
  });
});

test('an agent that ignores SIGTERM or is frozen is disposed of all the same', async () => {
  await using place = await bench();
  const agent = await place.start(`trap '' TERM; AGENT {port}; true`);
  const session = sessionLedBy(agent.pid ?? 0);
  expect(await agent.freeze()).toMatch(/are stopped \(state T\)/);
  await agent[Symbol.asyncDispose]();
  expect(isGone(session)).toBe(true);
});

test('a frozen agent does not answer, and a thawed one does', async () => {
  await using place = await bench();
  await using agent = await place.start('sleep 1000 & AGENT {port}');
  expect(await agent.freeze()).toContain(String(agent.pid));
  expect(membersOf(sessionLedBy(agent.pid ?? 0)).map(({ state }) => state)).not.toContain('S');
  expect(await agent.probe(50)).toEqual({ answers: false, reason: 'it did not answer within 50 ms' });
  expect(await agent.thaw()).toMatch(/run again/);
  expect(await agent.probe(5_000)).toEqual({ answers: true });
});

test('a killed agent is gone with all of its processes, and starts again on its port', async () => {
  await using place = await bench();
  await using agent = await place.start('sleep 1000 & timeout 1000 AGENT {port}');
  const { pid } = agent;
  const session = sessionLedBy(pid ?? 0);
  expect(await agent.kill()).toMatch(/^SIGKILL ended the processes \d+, \d+, \d+/);
  expect(isGone(session)).toBe(true);
  expect(place.exits).toMatchObject([{ asked: true, code: null, signal: 'SIGKILL' }]);
  expect((await agent.probe(5_000)).reason).toBe('it refuses connections: nothing listens there');
  await expect(agent.freeze()).rejects.toThrow(/none is running/);
  expect(await agent.kill()).toBe('no process was left to kill');
  expect(await agent.restart()).toContain(`on port ${place.port}; its card answered`);
  expect(agent.pid).not.toBe(pid);
  expect(await agent.probe(5_000)).toEqual({ answers: true });
  expect(place.exits).toHaveLength(1);
});

test('a running agent can be restarted, and an exit that nobody asked for is told as such', async () => {
  await using place = await bench();
  const exited = Promise.withResolvers<AgentExit>();
  await using agent = await place.start('AGENT {port}', {
    onExit: (exit) => (exit.asked ? place.exits.push(exit) : exited.resolve(exit)),
  });
  await agent.restart();
  expect(place.exits).toHaveLength(1);
  for (const { pid } of membersOf(sessionLedBy(agent.pid ?? 0))) process.kill(pid, 'SIGKILL');
  expect(await exited.promise).toMatchObject({ asked: false });
});

test('a port on which somebody listens already belongs to a stranger, who is named', async () => {
  await using place = await bench();
  const stranger = createHttpServer((_, response) => response.end(JSON.stringify({ ...CARD, name: 'Neighbour' })));
  stranger.listen(place.port, '127.0.0.1');
  await once(stranger, 'listening');
  const error = await place.start('AGENT {port}').catch((reason: unknown) => reason);
  stranger.close();
  expect(error).toBeInstanceOf(StrangerOnPort);
  expect(error).toMatchObject({
    port: place.port,
    by: expect.stringMatching(/^pid \d+ \(.*whose card says "Neighbour"$/),
  });
  expect(place.exits).toEqual([]);
});

test('a stranger who takes the port while the agent boots is not taken for the agent', async () => {
  await using place = await bench();
  const gate = `${place.script}.runs`;
  const start = place.start(`touch "${gate}"; sleep 1000`).catch((reason: unknown) => reason);
  const stranger = createHttpServer((_, response) => response.end(JSON.stringify(CARD)));
  // Only once the shell runs is the port taken, after muster has found it free.
  expect(await comesTrue(() => existsSync(gate))).toBe(true);
  stranger.listen(place.port, '127.0.0.1');
  const error = await start;
  stranger.close();
  expect(error).toBeInstanceOf(StrangerOnPort);
  expect(place.exits).toMatchObject([{ asked: true, signal: 'SIGKILL' }]);
});

test('a silent stranger on the port keeps nobody waiting for longer than the agent lives', async () => {
  await using place = await bench();
  const gate = `${place.script}.runs`;
  // It would wait until the test is given up.
  const patient = { ready_ms_max: 3_600_000 };
  const start = place.start(`touch "${gate}"; AGENT {port}`, patient).catch((reason: unknown) => reason);
  const stranger = createServer((socket) => void socket.resume());
  expect(await comesTrue(() => existsSync(gate))).toBe(true);
  stranger.listen(place.port, '127.0.0.1');
  const error = await start;
  stranger.close();
  expect(error).toBeInstanceOf(StrangerOnPort);
  expect(error).toMatchObject({ by: expect.stringMatching(/which did not answer within \d+ ms$/) });
});

test.each([
  ['exits at once', 'echo out of cheese; exit 7', /exited with code 7 before.*It printed last:\n {2}out of cheese$/s],
  ['goes to the background', 'sleep 1000 & true', /exited with code 0.*must stay in the foreground/],
  [
    'is unknown to the shell',
    'no-such-program-here --serve',
    /cannot find a program of "no-such.*\(exit code 127\).*not found/s,
  ],
  ['may not be executed', '/dev/null', /may not execute.*\(exit code 126\)/],
  ['is killed', 'kill -9 $$', /exited by SIGKILL before/],
])('a command that %s is told in words', async (_, command, sentence) => {
  await using place = await bench();
  await expect(place.start(command)).rejects.toThrow(sentence);
  expect(place.exits).toHaveLength(1);
  expect(await noneLeft(place.port)).toBe(true);
});

test.concurrent.each([
  ['listens nowhere', 'sleep 1000', /nothing listens on port \d+ after 6000 ms. The command must listen at 127.0.0.1/],
  ['answers 404', `AGENT {port} 404 text/plain 'no such page'`, /it answered 404 “Not Found” instead.*“no such page”/],
  ['answers HTML', `AGENT {port} 200 text/html '<html>hello'`, /it answered HTML, not an agent card: “<html>hello”/],
  ['answers junk', `AGENT {port} 200 application/json '{"name":'`, /not JSON: “{"name":”/],
  ['answers other JSON', `AGENT {port} 200 application/json '{"ok":true}'`, /no agent card, for it has no "name"/],
  ['redirects', `AGENT {port} 302 text/plain away`, /it answered 302/],
  ['is silent', 'AGENT {port} silent', /it listens on port \d+, but .* did not answer within \d+ ms/],
  [
    'speaks A2A 0.2',
    `AGENT {port} 200 application/json '{"name":"Old","protocolVersion":"0.2.6","url":"http://x"}'`,
    /its card has "JSONRPC 0\.2\.6"/,
  ],
])('a command that %s is told in words', async (_, command, sentence) => {
  await using place = await bench();
  await expect(place.start(command, { ready_ms_max: UNREADY_MS })).rejects.toThrow(sentence);
  expect(place.exits).toMatchObject([{ asked: true }]);
  expect(await noneLeft(place.port)).toBe(true);
});

test.concurrent('a command that listens on another port is told which', async () => {
  await using place = await bench();
  const other = await freePort();
  await expect(place.start(`AGENT ${other}`, { ready_ms_max: UNREADY_MS })).rejects.toThrow(
    `it listens on port ${other} instead of ${place.port}`,
  );
  expect(await noneLeft(other)).toBe(true);
});

test('aborting ends a start that is under way, and its processes', async () => {
  await using place = await bench();
  const giveUp = new AbortController();
  const start = place.start('AGENT {port} silent', { signal: giveUp.signal });
  expect(await comesTrue(() => isListening(place.port))).toBe(true);
  giveUp.abort(new Error('the user pressed Ctrl-C'));
  await expect(start).rejects.toThrow('the user pressed Ctrl-C');
  expect(await noneLeft(place.port)).toBe(true);
});
