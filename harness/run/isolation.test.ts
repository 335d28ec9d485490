/** Every isolation strategy on its real ground: leased ports, agents that answer there, and nothing left afterwards. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext, test, vi } from 'vitest';
import { findFixture } from '../../fixtures/table.ts';
import { openWarden } from '../agents/warden.ts';
import { smallPlan, smallScenario } from '../judge/testing.ts';
import type { Unstamped } from '../model/history.ts';
import type { IsolationName, Stand } from '../model/session.ts';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { blockOf } from '../sessions/isolation/hashed.ts';
import type { Ground } from '../sessions/isolation/isolation.ts';
import { isolationStrategies } from '../sessions/isolation/table.ts';
import { SessionRefused } from '../sessions/session-refused.ts';
import { openBlocks } from './blocks.ts';
import { openCast } from './cast.ts';
import { openGround } from './isolation-ground.ts';
import type { LiveTarget } from './options.ts';

const RANGE = { ...DEFAULT_PORTS, first: 9300, last: 9399, block: 3, exclude: [] };
const SERVE = fileURLToPath(new URL('../../fixtures/serve.ts', import.meta.url));
const ECHO = `exec '${process.execPath}' '${SERVE}' echo`;

async function openBench(
  strategy: IsolationName,
  {
    blocks = 4,
    command = ECHO,
    context,
  }: { readonly blocks?: number; readonly command?: string; readonly context?: TestContext } = {},
) {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'muster-isolation-'));
  opening.defer(() => rmSync(folder, { recursive: true }));
  const told: Unstamped[] = [];
  const emit = (event: Unstamped): void => void told.push(event);
  const range = opening.use(await openPortPool(RANGE, { folder, blocks }));
  const system = opening.use(await openPortPool({ ...RANGE, from: 'os' }, { folder, blocks }));
  const warden = opening.use(await openWarden());
  const scenario = smallScenario('bench', { isolation: strategy, blocks });
  const plan = smallPlan([scenario], { ports: RANGE });
  const fixture = findFixture('echo');
  if (fixture === undefined) throw new Error('There is no fixture echo.');
  const target: LiveTarget = { kind: 'fixture', fixture, command };
  const cast = opening.use(openCast(plan, emit));
  const { signal } = new AbortController();
  const ground = openGround({
    options: { plan, scenario, target, warden, log_folder: folder, emit, signal },
    cast,
    blocks: { range: openBlocks(range, emit), os: openBlocks(system, emit) },
  });
  const obstacle = await isolationStrategies[strategy].whyNot?.(ground);
  if (obstacle !== undefined && process.env['MUSTER_CI'] === undefined) context?.skip(obstacle);
  const isolation = opening.use(await isolationStrategies[strategy].open(ground));
  const closers = opening.move();
  return {
    told,
    ground,
    isolation,
    cast,
    open: (user: string, by = signal): Promise<Stand> => isolation.standUp({ id: user, user, agents: 2, signal: by }),
    phases: () => told.flatMap((event) => (event.type === 'session' ? `${event.session} ${event.phase}` : [])),
    held: () => range.count().held,
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}

const names = (stand: Stand): readonly string[] => stand.agents.map(({ name }) => name);

const answers = (url = ''): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );
const allAnswer = async (stand: Stand): Promise<boolean> =>
  (await Promise.all(stand.agents.map(({ url }) => answers(url)))).every(Boolean);

test('fixed: one session has the ports, the next is refused with whose they are, and one later gets the same', async () => {
  await using bench = await openBench('fixed', { blocks: 1 });
  const first = await bench.open('u1');
  const refusal = await bench.open('u2').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SessionRefused);
  expect(refusal).toMatchObject({ limit: 'ports', in_use: 1, allowed: 1, message: expect.stringContaining('"u1"') });
  expect(await allAnswer(first)).toBe(true);
  await first[Symbol.asyncDispose]();
  const third = await bench.open('u3');
  expect(third.ports).toEqual(first.ports);
  expect(await allAnswer(third)).toBe(true);
});

test('hashed: who has the same block is given the agents that are there, which is told and ends with the last', async () => {
  await using bench = await openBench('hashed', { blocks: 2 });
  const users = Array.from({ length: 6 }, (_, index) => `u${index + 1}`);
  const [owner = '', second = ''] = users.filter((user) => blockOf(user, 2) === 0);
  const [other = ''] = users.filter((user) => blockOf(user, 2) === 1);
  const [a, b, c] = [await bench.open(owner), await bench.open(second), await bench.open(other)];
  expect(names(b)).toEqual(names(a));
  expect(names(c)).not.toEqual(names(a));
  expect(bench.told).toContainEqual({
    type: 'session',
    phase: 'conflict',
    session: second,
    owner,
    ports: a.ports,
  });
  const [url] = a.agents.map((agent) => agent.url);
  await a[Symbol.asyncDispose]();
  expect(await answers(url)).toBe(true);
  await b[Symbol.asyncDispose]();
  expect(await answers(url)).toBe(false);
  expect(await allAnswer(c)).toBe(true);
});

test.each(['dynamic', 'os'] as const)('%s: each session has ports of its own, and returns them', async (strategy) => {
  await using bench = await openBench(strategy);
  const stands = await Promise.all(['u1', 'u2', 'u3'].map((user) => bench.open(user)));
  const ports = stands.flatMap((stand) => stand.ports);
  expect(new Set(ports).size).toBe(ports.length);
  const inRange = ports.filter((port) => port >= RANGE.first && port <= RANGE.last);
  expect(inRange).toHaveLength(strategy === 'os' ? 0 : ports.length);
  for (const stand of stands) expect(await allAnswer(stand)).toBe(true);
  await Promise.all(stands.map((stand) => stand[Symbol.asyncDispose]()));
  expect(bench.told.filter((event) => event.type === 'port' && event.phase === 'returned')).toHaveLength(3);
});

test('queue: sessions follow one another with agents of their own, and who goes away holds nobody up', async () => {
  await using bench = await openBench('queue', { blocks: 1 });
  const leaving = new AbortController();
  const first = await bench.open('u1');
  const gone = bench.open('u2', leaving.signal).catch((error: unknown) => error);
  const third = bench.open('u3');
  leaving.abort(new Error('the client is gone'));
  expect(await gone).toMatchObject({ message: 'the client is gone' });
  expect(bench.phases().filter((line) => line.endsWith('admitted'))).toEqual(['u1 admitted']);
  const before = names(first);
  await first[Symbol.asyncDispose]();
  expect(names(await third)).not.toEqual(before);
  expect(await allAnswer(await third)).toBe(true);
  await (await third)[Symbol.asyncDispose]();
  expect(bench.phases().filter((line) => line.endsWith('admitted'))).toEqual(['u1 admitted', 'u3 admitted']);
  expect(bench.held()).toBe(0);
});

test('router: everybody has the same agents, which stop with the last of them', async () => {
  await using bench = await openBench('router', { blocks: 1 });
  const stands = await Promise.all(['u1', 'u2', 'u3'].map((user) => bench.open(user)));
  expect(new Set(stands.flatMap(names))).toEqual(new Set(['all/agent-1', 'all/agent-2']));
  const [url] = stands.flatMap((stand) => stand.agents).map((agent) => agent.url);
  const [first, ...rest] = stands;
  await first?.[Symbol.asyncDispose]();
  expect(await answers(url)).toBe(true);
  await Promise.all(rest.map((stand) => stand[Symbol.asyncDispose]()));
  expect(await answers(url)).toBe(false);
  expect(bench.held()).toBe(0);
});

test('on-demand: an agent starts with the first call, sleeps when idle, starts again, and ends with its session', async () => {
  await using bench = await openBench('on-demand');
  const stand = await bench.open('u1');
  const starts = () => bench.phases().filter((line) => line === 'u1 woken').length;
  const call = async (): Promise<boolean> =>
    (await bench.isolation.gateOf?.('u1/agent-1')?.(() => answers(stand.agents[0]?.url))) ?? false;
  expect(await Promise.all(stand.agents.map((agent) => agent.probe(100)))).toMatchObject([
    { answers: false },
    { answers: false },
  ]);
  expect(await Promise.all([call(), call()])).toEqual([true, true]);
  expect(starts()).toBe(1);
  await expect.poll(() => bench.cast.wireOf('u1/agent-1')).toBeUndefined();
  expect(await call()).toBe(true);
  expect(starts()).toBe(2);
  expect(bench.cast.wireOf('u1/agent-2')).toBeUndefined();
  const url = stand.agents[0]?.url;
  await stand[Symbol.asyncDispose]();
  expect(await answers(url)).toBe(false);
  expect(bench.isolation.gateOf?.('u1/agent-1')).toBeUndefined();
  expect(bench.held()).toBe(0);
});

test.for([
  // unshare, the first process inside, and an agent each.
  ['namespace', 4],
  // The shell that waits for the client, the client, the keeper, the first process inside, and an agent each.
  ['container', 6],
] as const)(
  '%s: sessions have the same ports inside, networks of their own, and are reached from outside',
  async ([strategy, processes], context) => {
    await using bench = await openBench(strategy, { context });
    const stands = await Promise.all(['u1', 'u2'].map((user) => bench.open(user)));
    for (const stand of stands) expect(await allAnswer(stand)).toBe(true);
    const faces = stands.flatMap((stand) =>
      stand.agents.map(({ card }) => JSON.stringify(card['supportedInterfaces'])),
    );
    for (const [index, port] of stands.flatMap((stand) => stand.ports.slice(0, 2)).entries()) {
      expect(faces[index]).toContain(`http://127.0.0.1:${port}/`);
    }
    expect(await answers('http://127.0.0.1:5001/.well-known/agent-card.json')).toBe(false);
    const pids = stands.flatMap((stand) => stand.agents.map(({ pid = 0 }) => pid));
    expect(new Set(pids).size).toBe(2);
    await Promise.all(stands.map((stand) => stand[Symbol.asyncDispose]()));
    expect(pids.filter((pid) => lives(pid))).toEqual([]);
    const measured = bench.told.filter((event) => event.type === 'session' && event.phase === 'measured');
    for (const event of measured) expect(event).toMatchObject({ processes });
    expect(measured).toHaveLength(2);
    expect(homesOf(bench.ground.owner)).toEqual([]);
    expect(bench.held()).toBe(0);
  },
);

test.for(['namespace', 'container'] as const)(
  '%s: agents that cannot start are told with what they printed, and nothing is left',
  async (strategy, context) => {
    await using bench = await openBench(strategy, { command: 'echo out of cheese; exit 3', context });
    await expect(bench.open('u1')).rejects.toThrow(/u1\/agent-\d.*its process ended before.*out of cheese/s);
    expect(bench.held()).toBe(0);
    const exits = bench.told.filter((event) => event.type === 'agent' && event.phase === 'exited');
    expect(exits.length).toBeGreaterThan(0);
  },
);

test.each(['namespace', 'container'] as const)(
  '%s: a command that takes its socket from outside is told to be out of place',
  async (strategy) => {
    await using bench = await openBench('os');
    const ground = { ...bench.ground, commandFor: () => undefined };
    expect(await isolationStrategies[strategy].whyNot?.(ground)).toMatch(/--socket-activation/);
  },
);

test('container: what a dead run has left is removed by the next one, and what lives is let be', async (context) => {
  await using bench = await openBench('container', { context });
  const living = await bench.open('u1');
  // Of this pid, but of an earlier process that had it; and with no warden that would take it away.
  const owner = bench.ground.owner.replace(/\d*$/, '1');
  const run: Ground['run'] = ({ afterwards: _, ...request }, signal) => bench.ground.run(request, signal);
  const dead = await isolationStrategies.container.open({ ...bench.ground, owner, isDead: () => false, run });
  const asked = { id: 'u2', user: 'u2', agents: 1, signal: new AbortController().signal };
  const left = await dead.standUp(asked);
  expect(await allAnswer(left)).toBe(true);
  expect(homesOf(owner)).toHaveLength(1);
  await using elsewhere = await mkdtempDisposable(join(tmpdir(), 'muster-elsewhere-'));
  mkdirSync(join(elsewhere.path, 'root'));
  writeFileSync(join(elsewhere.path, 'root', 'of somebody'), '');
  const trap = join(tmpdir(), `muster-c-${owner}-00000000-1`);
  symlinkSync(elsewhere.path, trap);

  await using _next = await isolationStrategies.container.open(bench.ground);
  expect(left.agents.filter(({ pid = 0 }) => lives(pid))).toEqual([]);
  expect(existsSync(join(elsewhere.path, 'root', 'of somebody'))).toBe(true);
  rmSync(trap);
  expect(homesOf(owner)).toEqual([]);
  expect(await allAnswer(living)).toBe(true);
  await left[Symbol.asyncDispose]();
});

test('container: where nobody can make one, it is told who was asked and what was said', async () => {
  await using bench = await openBench('os');
  await using folder = await mkdtempDisposable(join(tmpdir(), 'muster-engines-'));
  const path = join(folder.path, 'ctr');
  writeFileSync(path, '#!/bin/sh\necho "no such luck" >&2; exit 1\n', { mode: 0o755 });
  vi.stubEnv('PATH', folder.path);
  vi.stubEnv('CONTAINERD_ADDRESS', path);
  const obstacle = await isolationStrategies.container.whyNot?.(bench.ground);
  vi.stubEnv('CONTAINERD_ADDRESS', join(folder.path, 'none'));
  const nobody = await isolationStrategies.container.whyNot?.({ ...bench.ground });
  vi.unstubAllEnvs();
  expect(obstacle).toMatch(
    /^no container .*containerd: "ctr .*version" said: no such luck; Docker: there is no program/,
  );
  expect(nobody).toContain(`there is no ${join(folder.path, 'none')} (CONTAINERD_ADDRESS names another)`);
});

const homesOf = (owner: string): readonly string[] => readdirSync(tmpdir()).filter((name) => name.includes(owner));

function lives(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== '';
  } catch {
    return false;
  }
}
