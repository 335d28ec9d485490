/** Whoever makes a load, nothing of it gets past the guard: neither a request, nor what was measured. */
import { expect, test } from 'vitest';
import type { World } from '../engines/node/world.ts';
import type { HistoryEvent } from '../model/history.ts';
import { guardMeasures, guardWorld } from './guard-world.ts';
import { openLoadGuard } from './load-guard.ts';

const OPTIONS = {
  headers: {},
  signal: new AbortController().signal,
  timeout_ms: 1,
  onEvent: () => {},
};

function start(requests_max: number) {
  const sent: string[] = [];
  const seen: unknown[] = [];
  const wire: ReturnType<World['wireOf']> = {
    perform: async ({ op }) => {
      sent.push(op);
      return { type: 'ok', value: {} };
    },
  };
  const stopped = new AbortController();
  const bare = {
    signal: stopped.signal,
    emit: (event: object) => event as HistoryEvent,
    wireOf: () => wire,
  } as unknown as World;
  const guard = openLoadGuard<string>({
    load: {
      caps: { rate_per_s_max: 9, users_max: 9, requests_max, bytes_max: 9, duration_ms_max: 9 },
      abort: [{ gate: 'error_rate < 1%', for_ms: 1_000 }],
      demand: { kind: 'open', stages: [], arrivals: 'even' },
    },
    clock: () => 0,
    bytesIn: () => undefined,
    watch: () => ({
      add: (measurement) => void seen.push(measurement),
      visit: (...visit) => void seen.push(visit),
      at: () => 0,
      last: () => null,
    }),
  });
  const world = guardWorld(bare, { guard, measuring: (event) => (event.type === 'ok' ? 'measured' : undefined) });
  return { world, guard, sent, seen };
}

test('the request that would be one too many is not sent, and ends the load', async () => {
  const { world, guard, sent } = start(2);
  using _ = guard;
  const ask = () => world.wireOf('agent')?.perform({ op: 'GetTask', agent: 'agent', taskId: 'x' }, OPTIONS);
  expect([await ask(), await ask(), await ask()]).toMatchObject([
    { type: 'ok' },
    { type: 'ok' },
    { type: 'info', error: { code: 'aborted', message: 'muster did not send GetTask, for the load was stopped' } },
  ]);
  expect(sent).toEqual(['GetTask', 'GetTask']);
  expect(world.signal.aborted).toBe(true);
  expect(world.wireOf('agent')).toBe(world.wireOf('agent'));
});

test('abort rules see what is written down and what is only measured', () => {
  const { world, guard, seen } = start(9);
  using _ = guard;
  world.emit({ type: 'user', phase: 'arrived', user: 'u1', device: 0, due_ms: 1, canary: 'c', identity: 'bearer' });
  world.emit({ type: 'user', phase: 'dropped', user: 'u2', device: 0, due_ms: 2 });
  world.emit({ type: 'user', phase: 'left', user: 'u1', device: 0 });
  world.emit({ type: 'ok', op_id: 1, value: {} });
  const told: unknown[] = [];
  const measures = guardMeasures<string>(
    { op: (measurement) => void told.push(measurement), visit: (...visit) => void told.push(visit) },
    guard,
  );
  measures.op('other');
  measures.visit(3, true, 7);
  expect(seen).toEqual([[1, true], [2, false], 'measured', 'other', [3, true]]);
  expect(told).toEqual(['other', [3, true, 7]]);
});
