/** What holds for every check and every history: shown by generating, and by cutting and mixing the hand-written ones. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import type { StreamResponse } from '../model/a2a.ts';
import type { HistoryEvent } from '../model/history.ts';
import { checks } from './table.ts';
import { judgeWith } from './testing/judge-with.ts';
import { JUDGES_OF_THE_CROWD } from './testing/mixed.ts';

const histories = writtenHistories();
const good = histories.filter(({ isBad }) => !isBad);

test('a good history that breaks off anywhere accuses nobody', () => {
  for (const { check, name, events } of good) {
    for (let length = 0; length < events.length; length += 1) {
      const accused = checks.flatMap((one) => judgeWith(one, events.slice(0, length)).findings);
      expect(accused, `${check}/${name} cut after ${length}`).toEqual([]);
    }
  }
});

test('a check that names what it reads and what concerns it finds the same as when it is given everything', () => {
  const choosy = checks.filter(
    ({ reads, ops, concerns }) => reads !== undefined || ops !== undefined || concerns !== undefined,
  );
  expect(choosy.length).toBeGreaterThan(0);
  for (const { reads: _, ops: __, concerns: ___, ...check } of choosy) {
    const choosing = checks.find(({ name }) => name === check.name) ?? check;
    for (const { events } of histories) expect(judgeWith(choosing, events)).toEqual(judgeWith(check, events));
  }
});

/** Somebody who has nothing to do with the others, and nothing to complain of. */
const stranger: readonly HistoryEvent[] = (
  histories.find(({ name }) => name === 'good-chunks-are-joined')?.events ?? []
).map((event) => JSON.parse(strange(JSON.stringify(event))) as HistoryEvent);

function strange(json: string): string {
  return json
    .replaceAll('alice', 'zoe')
    .replaceAll('mqzoeaaaaa', 'mqzoezzzzzzz')
    .replaceAll('"t1"', '"of-zoe"')
    .replaceAll('"c1"', '"context-of-zoe"')
    .replaceAll('"op_id":', '"op_id":90');
}

/** Puts the stranger's events in at the given places, in their order. */
function mixed(events: readonly HistoryEvent[], places: readonly number[]): readonly HistoryEvent[] {
  const at = stranger.map((_, index) => (places[index] ?? 0) % (events.length + 1)).sort((a, b) => a - b);
  const all: HistoryEvent[] = [];
  for (let place = 0; place <= events.length; place += 1) {
    all.push(...stranger.filter((_, index) => at[index] === place));
    const event = events[place];
    if (event !== undefined) all.push(event);
  }
  return all.map((event, index) => ({ ...event, seq: index + 1 }));
}

test('what a user does changes nothing in what is found of others, whenever he does it', () => {
  const personal = checks.filter(({ name }) => !JUDGES_OF_THE_CROWD.has(name));
  fc.assert(
    fc.property(
      fc.constantFrom(...histories),
      fc.array(fc.nat(), { minLength: stranger.length, maxLength: stranger.length }),
      ({ events }, places) => {
        for (const check of personal) {
          const alone = judgeWith(check, events).findings.map(({ evidence: _, ...told }) => told);
          const together = judgeWith(check, mixed(events, places)).findings.map(({ evidence: _, ...told }) => told);
          expect(together).toEqual(alone);
        }
      },
    ),
    { numRuns: 300 },
  );
});

const word = fc.constantFrom(
  't1',
  'a',
  '__proto__',
  'constructor',
  '',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_WORKING',
  'mqaliceaaaaax0x0',
  '\ud800',
);
const { junk } = fc.letrec<{ junk: unknown }>((tie) => ({
  junk: fc.oneof(
    { depthSize: 'medium', maxDepth: 5 },
    word,
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('junk'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'task',
        'tasks',
        'message',
        'statusUpdate',
        'artifactUpdate',
        'id',
        'taskId',
        'contextId',
        'status',
        'state',
        'artifacts',
        'artifact',
        'artifactId',
        'parts',
        'text',
        'raw',
        'history',
        'role',
        'append',
        'config',
        'configs',
        'ended',
        'events',
        'answer',
        'refusal',
        'head',
        'toString',
        '__proto__',
      ),
      tie('junk'),
      { maxKeys: 4 },
    ),
  ),
}));

test('no check throws, whatever an agent sends', () => {
  fc.assert(
    fc.property(fc.constantFrom(...histories), fc.array(junk, { minLength: 1, maxLength: 8 }), ({ events }, sent) => {
      const spoilt = events.map((event, at): HistoryEvent => {
        const value = sent[at % sent.length];
        if (event.type === 'event') return { ...event, payload: value as StreamResponse };
        if (event.type === 'push') return { ...event, payload: value as StreamResponse };
        if (event.type === 'ok') return { ...event, value: value as NonNullable<object> };
        return event;
      });
      for (const check of checks) judgeWith(check, spoilt);
    }),
    { numRuns: 1_000 },
  );
});

test('no check minds how deep, how long or how many', () => {
  const depth = 10_000;
  const deep: unknown = JSON.parse(`${'[{"data":'.repeat(depth)}1${'}]'.repeat(depth)}`);
  const text = `${'mq'.repeat(100_000)}mqaliceaaaaa`;
  const parts = [...Array.from({ length: 5_000 }, () => ({ text: 'a' })), { data: deep }, { text }, { raw: 'bXE=' }];
  for (const { events } of histories.filter(({ check }) => check === 'fold-equals-get' || check === 'user-isolation')) {
    const heavy = events.map((event): HistoryEvent => {
      if (event.type === 'event' && event.payload.artifactUpdate !== undefined) {
        const { artifactUpdate } = event.payload;
        return { ...event, payload: { artifactUpdate: { ...artifactUpdate, artifact: { artifactId: 'a', parts } } } };
      }
      if (event.type !== 'ok' || event.value.task === undefined) return event;
      return { ...event, value: { task: { ...event.value.task, artifacts: [{ artifactId: 'a', parts }] } } };
    });
    for (const check of checks) expect(judgeWith(check, heavy).evidence).toBeGreaterThanOrEqual(0);
  }
});

test('a finding shows at most twelve events, the impossible one last and the others in order', () => {
  for (const { events } of histories) {
    for (const { evidence } of checks.flatMap((check) => judgeWith(check, events).findings)) {
      const before = evidence.slice(0, -1).map(({ seq }) => seq);
      expect(before).toEqual([...before].sort((a, b) => a - b));
      expect(evidence.length).toBeLessThanOrEqual(12);
      for (const event of evidence) expect(events.find(({ seq }) => seq === event.seq)).toEqual(event);
    }
  }
});
