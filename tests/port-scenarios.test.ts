/** The scenarios of ports and sessions, from outside: what each has in its history when it passes, and where none applies. */
import { expect, test } from 'vitest';
import type { HistoryEvent, PortEvent } from '../harness/model/history.ts';
import { type Bench, openBench } from './muster.ts';

const NAMES = [
  'range-full',
  'range-holes',
  'range-shared',
  'crash-reclaim',
  'port-grabbed',
  'port-kept',
  'ports-come-back',
  'session-idle',
  'few-descriptors',
];

/** Where no other test leases: between finding a range and leasing all of it, somebody else could take a block. */
const OWN_RANGE = ['--ports', '22000-22299'];

const passes = async (bench: Bench, ...args: readonly string[]): Promise<readonly HistoryEvent[]> => {
  const run = await bench.muster('run', ...args, '--fixture', 'echo', '--seed', '7', '--out', 'run');
  expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  expect(bench.left()).toEqual([]);
  return bench.history('run');
};

const neighbours = (events: readonly HistoryEvent[]) => events.filter((event) => event.type === 'neighbour');
const ports = <P extends PortEvent['phase']>(events: readonly HistoryEvent[], phase: P) =>
  events.filter((event): event is PortEvent & { readonly phase: P } => event.type === 'port' && event.phase === phase);

test('a full range refuses one user more, says how many are in use, and lets him in when there is room', async () => {
  using bench = openBench({ ownLocks: true });
  const events = await passes(bench, 'range-full', '--users', '13', ...OWN_RANGE);
  expect(ports(events, 'refused')).toMatchObject([{ holder: 'u13', blocks_held: 12, blocks_all: 12 }]);
  expect(events.filter((event) => event.type === 'fail')).toMatchObject([
    {
      error: {
        code: 'session-refused',
        message: expect.stringContaining('holds 12 of 12 blocks, and it can hold no more'),
      },
    },
  ]);
  expect(ports(events, 'leased').at(-1)?.holder).toBe('u13-again');
});

test('blocks with a stranger on them are passed over, and no session gets one', async () => {
  using bench = openBench({ ownLocks: true });
  const events = await passes(bench, 'range-holes', ...OWN_RANGE);
  const taken = neighbours(events).flatMap((event) => (event.phase === 'took' ? event.port : []));
  expect(taken).toHaveLength(4);
  const passedOver = ports(events, 'passed-over').flatMap((event) => event.ports);
  expect(taken.filter((port) => passedOver.includes(port)).length).toBeGreaterThan(0);
  const leased = ports(events, 'leased').flatMap((event) => event.ports);
  expect(leased).toHaveLength(15);
  expect(leased.filter((port) => taken.includes(port))).toEqual([]);
});

test('sixteen processes and the sessions share one range, and those that are killed leave theirs to the next', async () => {
  using bench = openBench({ ownLocks: true });
  const events = await passes(bench, 'range-shared', 'crash-reclaim', ...OWN_RANGE);
  const lessees = new Set(ports(events, 'leased').flatMap(({ holder }) => (holder.startsWith('lessee') ? holder : [])));
  expect(lessees.size).toBe(16);
  const left = ports(events, 'leased').filter(({ holder }) => holder === 'casualty-1');
  expect(left).toHaveLength(8);
  expect(neighbours(events).at(-1)).toMatchObject({ phase: 'left', proof: expect.stringContaining('SIGKILL ended') });
  const orphaned = left.flatMap((event) => event.ports);
  const heirs = ports(events, 'leased').filter(({ scenario, holder }) => {
    return scenario === 'crash-reclaim' && holder !== 'casualty-1';
  });
  expect(heirs.flatMap((event) => event.ports).filter((port) => !orphaned.includes(port))).toEqual([]);
});

test('a port is grabbed only from an agent that binds it itself, and the thief is told nothing', async () => {
  using bench = openBench();
  const events = await passes(bench, 'port-grabbed', 'port-kept', '--identity', 'bearer');
  expect(ports(events, 'stolen').map(({ by }) => by)).toEqual([
    expect.stringContaining('an agent whose card says "somebody else"'),
    expect.stringContaining('answered HTML, not an agent card'),
  ]);
  const [asked, notThere] = neighbours(events).flatMap((event) => (event.phase === 'left' ? [event.heard] : []));
  expect(asked).toHaveLength(2);
  for (const heard of asked ?? []) expect(heard).toMatchObject({ other_requests: 0, user_headers: [] });
  expect(notThere).toEqual([]);
  const kept = neighbours(events).filter(({ scenario }) => scenario === 'port-kept');
  expect(kept.map(({ phase }) => phase)).toEqual(['came', 'kept-out', 'kept-out', 'left']);
});

test('the same ports come back while connections linger on them, and those of an idle session too', async () => {
  using bench = openBench({ ownLocks: true });
  const events = await passes(bench, 'ports-come-back', 'session-idle', ...OWN_RANGE);
  const lingering = ports(events, 'leased').filter((event) => (event.lingering ?? 0) > 0);
  expect(lingering.length).toBeGreaterThan(10);
  const idle = events.filter((event) => event.type === 'session' && event.phase === 'ended' && event.reason === 'idle');
  expect(idle).toMatchObject([{ session: 'u2' }]);
  const held = ports(events, 'leased').find(({ scenario, holder }) => scenario === 'session-idle' && holder === 'u2');
  const later = ports(events, 'leased').filter(({ holder }) => holder.startsWith('u3-'));
  expect(later.flatMap((event) => event.ports)).toEqual(expect.arrayContaining([...(held?.ports ?? [])]));
});

test('an agent without a descriptor left is told as such, with users that it turned away', async () => {
  using bench = openBench();
  const events = await passes(bench, 'few-descriptors');
  const applied = events.find((event) => event.type === 'fault' && event.phase === 'applied');
  expect(applied).toMatchObject({
    proof: expect.stringMatching(/^256 connections came, and process \d+ has 12[89] of 128/),
  });
  expect(events.filter((event) => event.type === 'fail' || event.type === 'info').length).toBeGreaterThan(0);
});

test.each([
  ['simulated agents', ['--fixture', 'echo', '--mode', 'simulated']],
  ['an agent behind a URL', ['--url', 'http://127.0.0.1:9']],
])('none of them applies to %s', async (_, target) => {
  using bench = openBench();
  const { stdout } = await bench.muster('plan', ...NAMES, ...target);
  const reasons = JSON.parse(stdout).scenarios.map((each: { not_applicable?: string }) => each.not_applicable);
  expect(reasons).toHaveLength(NAMES.length);
  for (const reason of reasons) expect(reason).toMatch(/^(a simulated agent|simulated agents|muster d)/);
});

test('a command says by --socket-activation which of the two thefts it can meet', async () => {
  using bench = openBench();
  const applicable = async (...flags: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await bench.muster('plan', 'port-grabbed', 'port-kept', '--command', 'true', ...flags);
    const { scenarios } = JSON.parse(stdout) as { scenarios: { name: string; not_applicable?: string }[] };
    return scenarios.flatMap(({ name, not_applicable }) => (not_applicable === undefined ? name : []));
  };
  expect(await applicable()).toEqual(['port-grabbed']);
  expect(await applicable('--socket-activation')).toEqual(['port-kept']);
});
