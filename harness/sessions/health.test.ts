import { expect, test, vi } from 'vitest';
import type { HealthPolicy } from '../model/session.ts';
import { openSessionsBench } from './testing.ts';

const POLICY: HealthPolicy = { every_ms: 10, timeout_ms: 1_000, failures_max: 2, restarts_max: 2 };
const patiently = { timeout: 20_000 };

test('an agent that falls silent is started again on its port, and only that one', async () => {
  await using bench = await openSessionsBench({ health: { ...POLICY, timeout_ms: 100 } });
  const session = await bench.sessions.open({ user: 'ann', agents: 2 });
  const [sound, silent] = session.agents;
  const port = session.view().agents[1]?.port ?? 0;
  await fetch(new URL('/', silent?.url)).then((response) => response.text());
  bench.behave.start = async (begun) => void bench.behave.answers.delete(begun);
  bench.behave.answers.set(port, 0);
  await vi.waitFor(() => expect(session.view().agents[1]).toMatchObject({ restarts: 1, health: 'healthy' }), patiently);
  expect(session.agents[0]).toBe(sound);
  expect(session.view().agents[0]).toMatchObject({ restarts: 0, health: 'healthy' });
  expect(session.view().agents[1]).toMatchObject({ port, requests: 1 });
  const phases = bench.events.map(({ phase }) => phase);
  expect(phases).toEqual(['opened', 'failing', 'failing', 'restarted']);
});

test('an agent that stays silent after all its restarts ends its session as failed', async () => {
  await using bench = await openSessionsBench({ health: { ...POLICY, timeout_ms: 100 } });
  const session = await bench.sessions.open({ user: 'ann', agents: 2 });
  const other = await bench.sessions.open({ user: 'ben', agents: 1 });
  // Enough for each start to see its card, and no more.
  bench.behave.answers.set(session.view().agents[0]?.port ?? 0, 1);
  expect(await session.ended).toBe('failed');
  expect(bench.events.filter(({ phase }) => phase === 'restarted')).toHaveLength(POLICY.restarts_max);
  expect(bench.events.at(-1)).toMatchObject({ phase: 'ended', reason: 'failed', problem: expect.any(String) });
  expect(bench.sessions.list().map(({ id }) => id)).toEqual([other.id]);
  expect(bench.held()).toBe(1);
});

test('an agent that cannot be started again ends its session as failed, and the reason is told', async () => {
  await using bench = await openSessionsBench({ health: { ...POLICY, timeout_ms: 100 } });
  const session = await bench.sessions.open({ user: 'ann', agents: 1 });
  bench.behave.start = async () => {
    throw new Error('no room');
  };
  for (const port of session.ports) bench.behave.answers.set(port, 0);
  expect(await session.ended).toBe('failed');
  expect(bench.events.at(-1)).toMatchObject({ problem: expect.stringContaining('no room') });
  expect(bench.serving.size).toBe(0);
});

test('sessions that are closed while an agent is started again leave nothing', async () => {
  await using bench = await openSessionsBench({ health: { ...POLICY, timeout_ms: 100 } });
  const session = await bench.sessions.open({ user: 'ann', agents: 1 });
  const starting = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  bench.behave.start = async () => {
    starting.resolve();
    await goOn.promise;
  };
  for (const port of session.ports) bench.behave.answers.set(port, 0);
  await starting.promise;
  const closing = bench.sessions[Symbol.asyncDispose]();
  goOn.resolve();
  await closing;
  expect(await session.ended).toBe('shutdown');
  expect({ held: bench.held(), serving: bench.serving.size }).toEqual({ held: 0, serving: 0 });
});
