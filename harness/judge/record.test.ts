/** A report sees the record and nothing else, so it must be complete, JSON-safe and bounded. */
import { expect, test } from 'vitest';
import type { Unstamped } from '../model/history.ts';
import { judge } from './judge.ts';
import { startRecord, toRecord } from './record.ts';
import { replayLine } from './replay.ts';
import { callLines, type Line, scenarioLines, smallHistory, smallPlan, smallScenario } from './testing.ts';

const plan = smallPlan([smallScenario('short'), smallScenario('killed', { not_applicable: 'a URL cannot be killed' })]);

function recordOf(lines: readonly Line[]) {
  const history = smallHistory(lines);
  const gathering = startRecord(plan);
  for (const event of history) gathering.add(event);
  return toRecord(plan, judge(plan, history, []), gathering, '2026-11-21-short');
}

function ready(agent: string, name: string): Unstamped {
  const card = { name, version: '1', streaming: true, pushNotifications: false, transports: ['jsonrpc'] } as const;
  return { type: 'agent', phase: 'ready', agent, url: 'http://127.0.0.1:5000', transport: 'jsonrpc', card, boot_ms: 9 };
}

const vitals: Unstamped = { type: 'vitals', loop_delay_ms_p99: 1, cpu_percent: 5, rss_mb: 90, open_ops: 0 };

test('the record tells the run, its agent, its numbers and how to make it again', () => {
  const lines = scenarioLines('short', [
    [1, 'short', { type: 'agent', phase: 'starting', agent: 'peer', how: 'simulated' }],
    [1, 'short', ready('peer', 'The peer')],
    [2, 'short', ready('agent', 'Echo')],
    ...callLines('short', [
      { id: 1, due_ms: 3, done_ms: 8 },
      { id: 2, step: -1, due_ms: 9, done_ms: 9 },
    ]),
    [12, 'short', vitals],
  ]);
  const record = recordOf(lines);
  expect(record.run).toEqual({
    name: '2026-11-21-short',
    started_at: '2026-11-21T00:00:00.000Z',
    duration_ms: 12,
    ended: 'finished',
    target: { kind: 'fixture', name: 'echo' },
    mode: 'real',
    simulated_agents: 1,
    identity: 'bearer',
    transport: 'jsonrpc',
    agent: 'Echo',
    events: lines.length + 2,
    operations: 1,
    replay: 'npx muster run --fixture echo --seed 7',
  });
  expect(record.scenarios).toMatchObject([
    { name: 'short', verdict: 'pass', family: 'concurrent users', metrics: { operations: [{ op: 'GetTask', ok: 1 }] } },
    { name: 'killed', verdict: 'not-applicable', metrics: null },
  ]);
  expect(record.agents.map(({ agent, events }) => [agent, events.length])).toEqual([
    ['peer', 2],
    ['agent', 1],
  ]);
  expect(record.vitals).toHaveLength(1);
  expect(record.environment?.cpus).toBe(2);
  expect(record).not.toHaveProperty('thinned');
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
});

test('a run that left nothing has a record all the same', () => {
  const record = toRecord(plan, judge(plan, [], []), startRecord(plan), 'nothing');
  expect(record.run).toMatchObject({
    started_at: '',
    duration_ms: 0,
    agent: null,
    transport: null,
    ended: 'interrupted',
  });
  expect(record).toMatchObject({ verdict: 'inconclusive', environment: null, scenarios: [{ metrics: null }, {}] });
});

test('the most ports held at once are counted from all events', () => {
  const port = (phase: 'leased' | 'returned', ports: number[]): Line => [
    1,
    'short',
    { type: 'port', phase, holder: 'agent', ports },
  ];
  const stolen: Line = [1, 'short', { type: 'port', phase: 'stolen', holder: 'agent', ports: [1, 2], by: 'nginx' }];
  const { ports } = recordOf([
    port('leased', [1, 2]),
    stolen,
    port('leased', [3, 4]),
    port('returned', [1, 2]),
    port('leased', [1]),
  ]);
  expect(ports).toMatchObject({ held_max: 4, plan: { from: 'os' } });
  expect(ports.events).toHaveLength(5);
});

test('long lists are thinned out evenly, trouble is kept, and the record says how many there were', () => {
  const lines: Line[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    const holder = `session-${index}`;
    const exited = {
      type: 'agent',
      phase: 'exited',
      agent: holder,
      asked: index !== 4_321,
      code: 1,
      signal: null,
    } as const;
    lines.push([index, 'short', { type: 'port', phase: 'leased', holder, ports: [index] }]);
    lines.push([index, 'short', exited]);
    lines.push([index, 'short', vitals]);
  }
  const refused = {
    type: 'port',
    phase: 'refused',
    holder: 'late',
    blocks_held: 9,
    blocks_all: 9,
    message: '',
  } as const;
  lines.push([5_000, 'short', refused]);
  const { agents, ports, vitals: kept, thinned } = recordOf(lines);
  const agentEvents = agents.flatMap(({ events }) => events);
  expect(agentEvents.length).toBeLessThanOrEqual(200);
  expect(agentEvents).toContainEqual(expect.objectContaining({ agent: 'session-4321', asked: false }));
  expect(ports.events.length).toBeLessThanOrEqual(500);
  expect(ports.events.at(-1)).toMatchObject({ phase: 'refused' });
  expect(ports.held_max).toBe(5_000);
  expect(kept.length).toBeGreaterThan(250);
  expect(kept.length).toBeLessThanOrEqual(600);
  const gaps = new Set(kept.slice(1).map(({ time_ms }, before) => time_ms - (kept[before]?.time_ms ?? 0)));
  expect(gaps.size).toBe(1);
  expect(thinned).toEqual({ port_events: 5_001, agent_events: 5_000, vitals: 5_000 });
});

test('a replay line names what was asked for, then the flags as they were quoted, then the seed', () => {
  const quoted = { ...plan, flags: ['--command', "'python agent.py'"] };
  expect(replayLine(quoted)).toBe("npx muster run --command 'python agent.py' --seed 7");
  expect(replayLine(quoted, 'short')).toBe("npx muster run short --command 'python agent.py' --seed 7");
  expect(replayLine({ ...plan, scenario_names: ['short', 'killed'] })).toBe(
    'npx muster run short killed --fixture echo --seed 7',
  );
});
