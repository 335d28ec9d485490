/** What a strategy cost must follow from the history alone, and from the whole of it. */
import { expect, test } from 'vitest';
import type { Check } from '../model/check.ts';
import type { SessionHistoryEvent, Unstamped } from '../model/history.ts';
import type { IsolationRecord } from '../model/record.ts';
import { judge } from './judge.ts';
import { startRecord, toRecord } from './record.ts';
import { type Line, scenarioLines, smallHistory, smallPlan, smallScenario } from './testing.ts';

type Told = Unstamped<SessionHistoryEvent>;
const NAME = 'isolation-queue';
const plan = smallPlan([
  smallScenario('short'),
  smallScenario(NAME, { isolation: 'queue', family: 'isolation strategies' }),
  smallScenario('isolation-namespace', { isolation: 'namespace', not_applicable: 'there is no unshare' }),
]);

const asked = (session: string): Told => ({ type: 'session', phase: 'asked', session, isolation: 'queue', agents: 2 });
const admitted = (session: string): Told => ({ type: 'session', phase: 'admitted', session });
const ended = (session: string): Told => ({ type: 'session', phase: 'ended', session, reason: 'asked' });
const opened = (session: string): Told => ({ type: 'session', phase: 'opened', session, ports: [5001] });
const measured = (session: string, memory_mb: number, memory_is: 'pss' | 'rss' = 'pss'): Told => ({
  type: 'session',
  phase: 'measured',
  session,
  processes: 2,
  memory_mb,
  memory_is,
});

function recordOf(events: readonly (readonly [number, Unstamped])[], checks: readonly Check[] = []) {
  const lines = scenarioLines(
    NAME,
    events.map(([time_ms, event]): Line => [time_ms, NAME, event]),
  );
  const history = smallHistory(lines);
  const gathering = startRecord(plan);
  for (const event of history) gathering.add(event);
  return toRecord(plan, judge(plan, history, checks), gathering, 'run');
}

function queueOf(...args: Parameters<typeof recordOf>): IsolationRecord | undefined {
  return recordOf(...args).isolation?.find(({ scenario }) => scenario === NAME);
}

test('waiting ends with the turn and booting begins with it; without a queue nobody waits', () => {
  const record = queueOf([
    [0, asked('u1')],
    [0, asked('u2')],
    [1, admitted('u1')],
    [11, opened('u1')],
    [50, ended('u1')],
    [60, admitted('u2')],
    [90, opened('u2')],
    [95, asked('u3')],
    [99, opened('u3')],
  ]);
  expect(record).toMatchObject({ strategy: 'queue', asked: 3, opened: 3, refused: 0, failed: 0, at_once_max: 2 });
  expect(record?.waiting).toEqual({ count: 3, p50: null, p95: null, p99: null, max: 60 });
  expect(record?.boot).toMatchObject({ count: 3, max: 30 });
});

test('percentiles are told from as many samples as elsewhere', () => {
  const record = queueOf(
    Array.from({ length: 20 }, (_, index) => [
      [index, asked(`u${index}`)] as const,
      [index + 10, opened(`u${index}`)] as const,
    ]).flat(),
  );
  expect(record?.boot).toMatchObject({ count: 20, p50: 10, p95: 10, p99: null });
});

test('refusals, failures, conflicts, stolen ports and cold starts are counted', () => {
  const message = 'Failed to open a session: the ports are fixed';
  const record = queueOf([
    [0, asked('u1')],
    [1, { type: 'session', phase: 'refused', session: 'u1', limit: 'ports', message }],
    [2, asked('u2')],
    [3, { type: 'session', phase: 'failed', session: 'u2', message: 'It did not start' }],
    [4, { type: 'session', phase: 'conflict', session: 'u3', owner: 'u1', ports: [5001] }],
    [5, { type: 'port', phase: 'stolen', holder: 'u3', ports: [5001], by: 'nginx' }],
    [6, { type: 'session', phase: 'woken', session: 'u3', agent: 'u3/agent-1', boot_ms: 400 }],
  ]);
  expect(record).toMatchObject({
    asked: 2,
    opened: 0,
    refused: 1,
    failed: 1,
    conflicts: 2,
    memory: null,
    refusal: message,
  });
  expect(record?.cold_starts).toMatchObject({ count: 1, max: 400 });
});

test('memory is the largest of each set of agents, over all sessions that were opened', () => {
  const sessions = ['u1', 'u2', 'u3', 'u4'].flatMap((user) => [[0, asked(user)] as const, [1, opened(user)] as const]);
  const shared = [
    ...sessions,
    [2, measured('all', 100)],
    [3, measured('all', 80)],
    [4, measured('other', 20)],
  ] as const;
  expect(queueOf(shared)?.memory).toEqual({ per_session_mb: 30, sessions: 4, processes: 4, memory_is: 'pss' });
  expect(queueOf([...shared, [5, measured('third', 8, 'rss')]])?.memory).toMatchObject({ memory_is: 'rss' });
});

const FINDING = {
  kind: 'k',
  shapes: ['s'],
  message: 'm',
  expected: 'e',
  seen: 's',
  users: [],
  tasks: [],
  evidence: [],
};

const finds = (name: string, evidence: number, occurrences: number): Check => ({
  name,
  title: 'Finds what it is told to',
  section: 'policy',
  memory: 'Nothing.',
  judges: 'agent',
  start: () => ({
    add: () => {},
    close: () => ({
      evidence,
      findings: occurrences === 0 ? [] : [{ ...FINDING, occurrences }],
    }),
  }),
});

test('only checks of isolation count as such, and where none could look nobody knows', () => {
  const events = [[0, asked('u1')]] as const;
  expect(queueOf(events, [finds('user-isolation', 5, 3), finds('stays-up', 5, 7)])?.findings).toBe(3);
  expect(queueOf(events, [finds('user-isolation', 5, 0)])?.findings).toBe(0);
  expect(queueOf(events, [finds('user-isolation', 0, 0), finds('stays-up', 5, 7)])?.findings).toBeNull();
});

test('a strategy that could not be had is there with nothing asked, and a run without strategies has no table', () => {
  const namespace = recordOf([[0, asked('u1')]]).isolation?.find(({ strategy }) => strategy === 'namespace');
  expect(namespace).toMatchObject({ scenario: 'isolation-namespace', asked: 0, findings: null, memory: null });
  const plain = smallPlan([smallScenario('short')]);
  const history = smallHistory(scenarioLines('short', []));
  const gathering = startRecord(plain);
  for (const event of history) gathering.add(event);
  expect(toRecord(plain, judge(plain, history, []), gathering, 'run')).not.toHaveProperty('isolation');
});
