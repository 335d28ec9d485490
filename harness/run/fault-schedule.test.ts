import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { openProxy } from '../faults/proxy/proxy.ts';
import type { Unstamped } from '../model/history.ts';
import type { ProcessAgent } from '../model/live.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { scheduleFaults } from './fault-schedule.ts';

async function openScene() {
  const server = createServer((_, response) => response.end('agent'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { signal } = new AbortController();
  const proxy = await openProxy({ upstream: `http://127.0.0.1:${port}`, signal });
  const told: Unstamped[] = [];
  return {
    proxy,
    signal,
    emit: (event: Unstamped) => void told.push(event),
    phases: () => told.map((event) => ('phase' in event ? event.phase : '')),
    told,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const down = (begins: FaultPlan['begins'], for_ms: number): FaultPlan => ({
  fault: 'down',
  target: 'peer',
  begins,
  for_ms,
});
const streamEvent: Unstamped = { type: 'event', op_id: 1, index: 0, payload: {} };
const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

test('a fault waits for its stream events, bites once, and is healed when the users have left', async () => {
  await using scene = await openScene();
  const schedule = scheduleFaults({
    ...scene,
    faults: [down({ after_stream_events: 3 }, 60_000)],
    subjectOf: () => scene,
  });
  schedule.begin();
  schedule.count(streamEvent);
  schedule.count(streamEvent);
  expect(scene.phases()).toEqual([]);
  schedule.count(streamEvent);
  schedule.count(streamEvent);
  await expect.poll(scene.phases).toEqual(['asked', 'applied']);
  expect(await answers(scene.proxy.url)).toBe(false);
  await schedule.end();
  expect(scene.phases()).toEqual(['asked', 'applied', 'healed']);
  expect(await answers(scene.proxy.url)).toBe(true);
});

test('a healed wire fault tells how often traffic met it', async () => {
  await using scene = await openScene();
  const at = { at_ms: 0 };
  const faults: FaultPlan[] = [
    { fault: 'status', target: 'peer', begins: at, for_ms: 60_000, status: 503 },
    { fault: 'status', target: 'peer', begins: at, for_ms: 60_000, status: 503, match: { operation: 'CancelTask' } },
  ];
  const schedule = scheduleFaults({ ...scene, faults, subjectOf: () => scene });
  schedule.begin();
  await expect.poll(() => scene.phases().filter((phase) => phase === 'applied')).toHaveLength(2);
  expect(await answers(`${scene.proxy.url}/message:send`)).toBe(false);
  await schedule.end();
  const healed = scene.told.flatMap((event) => (event.type === 'fault' && event.phase === 'healed' ? [event] : []));
  expect(new Map(healed.map(({ fault_id, hits }) => [fault_id, hits]))).toEqual(
    new Map([
      [0, 1],
      [1, 0],
    ]),
  );
});

test('a fault whose time has passed is healed while users are still there', async () => {
  await using scene = await openScene();
  const schedule = scheduleFaults({ ...scene, faults: [down({ at_ms: 1 }, 5)], subjectOf: () => scene });
  schedule.begin();
  await expect.poll(scene.phases).toEqual(['asked', 'applied', 'healed']);
  await schedule.end();
  expect(scene.told).toHaveLength(3);
});

test('a fault whose moment never came is told as failed, and so is one that has nothing to hurt', async () => {
  await using scene = await openScene();
  const faults = [down({ after_stream_events: 9 }, 5), down({ after_stream_events: 1 }, 5)];
  const schedule = scheduleFaults({ ...scene, faults, subjectOf: () => ({}) });
  schedule.begin();
  schedule.count(streamEvent);
  await schedule.end();
  const failed = scene.told.filter((event) => 'phase' in event && event.phase === 'failed');
  expect(failed).toHaveLength(2);
  expect(JSON.stringify(failed)).toContain('its time never came');
});

test('a fault waits for the nth event of a kind, overlaps another, and comes back when it is told again and again', async () => {
  await using scene = await openScene();
  const status = (code: number, begins: FaultPlan['begins'], for_ms: number): FaultPlan => ({
    fault: 'status',
    target: 'peer',
    status: code,
    begins,
    for_ms,
  });
  const faults = [
    status(503, { after_events: 2, of: 'user/left' }, 60_000),
    { ...down({ after_events: 1, of: 'fault/applied' }, 1) },
    down({ after_events: 1, of: 'fault/healed', later_ms: 1 }, 1),
    down({ after_events: 3, of: 'user/left' }, 1),
  ];
  const told: Unstamped[] = [];
  const emit = (event: Unstamped): void => {
    told.push(event);
    schedule.count(event);
  };
  const schedule = scheduleFaults({ ...scene, emit, faults, subjectOf: () => scene });
  const left: Unstamped = { type: 'user', user: 'u1', device: 0, phase: 'left' };
  schedule.count(left);
  schedule.begin();
  schedule.count(left);
  expect(told).toEqual([]);
  schedule.count(left);
  const phasesOf = (id: number) =>
    told.flatMap((event) => (event.type === 'fault' && event.fault_id === id ? [event.phase] : []));
  await expect.poll(() => phasesOf(2)).toEqual(['asked', 'applied', 'healed']);
  expect(phasesOf(0)).toEqual(['asked', 'applied']);
  expect(phasesOf(1)).toEqual(['asked', 'applied', 'healed']);
  expect((await fetch(`${scene.proxy.url}/message:send`, { method: 'POST' })).status).toBe(503);
  await schedule.end();
  schedule.count(left);
  expect(phasesOf(0)).toEqual(['asked', 'applied', 'healed']);
  expect(phasesOf(3)).toEqual(['failed']);
  expect(JSON.stringify(told.at(-1))).toContain('only 2 events');
  expect((await fetch(`${scene.proxy.url}/message:send`, { method: 'POST' })).status).toBe(200);
});

test('two faults that need the same process have it one after the other, and one that never gets it says so', async () => {
  await using scene = await openScene();
  const acts: string[] = [];
  const act = (name: string) => async () => {
    acts.push(name);
    return name;
  };
  const killed = Promise.withResolvers<string>();
  const agent = { kill: () => killed.promise, restart: act('restart'), freeze: act('freeze'), thaw: act('thaw') };
  const at = (fault: 'kill' | 'freeze', at_ms: number, for_ms: number): FaultPlan => ({
    fault,
    target: 'agent',
    begins: { at_ms },
    for_ms,
  });
  const schedule = scheduleFaults({
    ...scene,
    faults: [at('kill', 1, 1), at('freeze', 2, 60_000), at('freeze', 3, 1), down({ at_ms: 4 }, 1)],
    // These faults ask for nothing else.
    subjectOf: () => ({ ...scene, agent: agent as unknown as ProcessAgent }),
  });
  schedule.begin();
  const phasesOf = (id: number) =>
    scene.told.flatMap((event) => (event.type === 'fault' && event.fault_id === id ? [event.phase] : []));
  await expect.poll(() => phasesOf(3)).toEqual(['asked', 'applied', 'healed']);
  expect(acts).toEqual([]);
  killed.resolve('killed');
  await expect.poll(() => phasesOf(1)).toEqual(['asked', 'applied']);
  await schedule.end();
  expect(acts).toEqual(['restart', 'freeze', 'thaw']);
  expect(phasesOf(2)).toEqual(['failed']);
  expect(JSON.stringify(scene.told.at(-1))).toContain('in the hands of another fault');
});
