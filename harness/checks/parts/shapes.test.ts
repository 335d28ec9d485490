/** A baseline outlives the runs that it was written from, so shapes must not depend on anything that is of one run only. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writtenHistories } from '../../../fixtures/histories/read-history.ts';
import { readFingerprint } from '../../model/baseline.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { checks } from '../table.ts';
import { judgeWith } from '../testing/judge-with.ts';
import { type Example, startFindings } from './findings.ts';
import { shapeOf } from './shapes.ts';

/** What is of one run only, wherever it stands in a history. */
const PASSING = new Set(['user', 'id', 'taskId', 'contextId', 'messageId', 'token', 'canary', 'text', 'session']);

function passingWords(events: readonly HistoryEvent[]): ReadonlySet<string> {
  const words = new Set<string>();
  JSON.stringify(events, (key, value) => {
    if (typeof value === 'string' && PASSING.has(key)) words.add(value);
    if (typeof value === 'number' && key.endsWith('_ms')) words.add(String(value));
    return value;
  });
  return words;
}

test('every finding of every written history has shapes that hold no id, user, text or time', () => {
  const accusing = checks.filter(({ judges }) => judges === 'agent');
  const bad = writtenHistories().filter(({ isBad }) => isBad);
  let seen = 0;
  for (const { name, events } of bad) {
    const words = passingWords(events);
    for (const check of accusing) {
      for (const { kind, shapes } of judgeWith(check, events).findings) {
        seen += shapes.length;
        expect(shapes.length, name).toBeGreaterThan(0);
        for (const shape of shapes) {
          expect(shape.split(' ').filter((word) => words.has(word))).toEqual([]);
          expect(readFingerprint(`${check.name}/${kind}/${shape}`)).toEqual({ check: check.name, kind });
        }
      }
    }
  }
  expect(seen).toBeGreaterThan(30);
});

const stamp = { seq: 1, time_ms: 5, scenario: 's' };
const invoke = (op_id: number, op: 'GetTask' | 'CancelTask'): InvokeEvent => ({
  ...stamp,
  type: 'invoke',
  op_id,
  user: 'alice',
  device: 0,
  step: 0,
  due_ms: 5,
  op: { op, agent: 'agent', taskId: 't1' },
});
const failed = (op_id: number, code: string): HistoryEvent => ({
  ...stamp,
  seq: 2,
  type: 'fail',
  op_id,
  error: { code, message: 'no task t1 of alice' },
});

test('a shape is the operation of the last event, and the code of an error', () => {
  const both = [invoke(1, 'GetTask'), invoke(2, 'CancelTask')];
  expect(shapeOf([...both, { ...stamp, type: 'ok', op_id: 1, value: {} }])).toBe('GetTask');
  expect(shapeOf([...both, failed(2, 'InternalError')])).toBe('CancelTask fail InternalError');
  expect(shapeOf([...both, failed(9, 'timeout')])).toBe('CancelTask fail timeout');
  expect(shapeOf([...both, failed(2, 'a\n/<b>')])).toBe('CancelTask fail a???b?');
  expect(shapeOf([failed(2, 'timeout')])).toBe('fail fail timeout');
  const exited = { ...stamp, type: 'agent', agent: 'u1/agent-1', phase: 'exited', asked: false } as const;
  expect(shapeOf([{ ...exited, code: 1, signal: null }])).toBe('agent exited 1');
  expect(shapeOf([{ ...exited, code: null, signal: 'SIGSEGV' }])).toBe('agent exited SIGSEGV');
});

const example = (code: string, events: number): Example => ({
  kind: 'kind',
  message: 'm',
  expected: 'e',
  seen: 's',
  users: [],
  tasks: [],
  evidence: [...Array.from({ length: events }, (_, index) => invoke(index, 'GetTask')), failed(0, code)],
});

test('a finding has the shapes of all that was seen, in whatever order and whichever example is kept', () => {
  const codes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(codes, fc.infiniteStream(fc.nat()), (seen, places) => {
      const order = seen.map((one) => [places.next().value, one] as const).sort(([a], [b]) => a - b);
      const shapes = [seen, order.map(([, one]) => one)].map((each) => {
        const findings = startFindings();
        for (const [code, events] of each) findings.report(example(code, events));
        return findings.list()[0]?.shapes;
      });
      expect(shapes[0]).toEqual([...new Set(seen.map(([code]) => `GetTask fail ${code}`))].sort());
      expect(shapes[1]).toEqual(shapes[0]);
    }),
  );
});

test('shapes are bounded, and what is left out is a shape of its own', () => {
  const findings = startFindings();
  for (let code = 0; code < 1_000; code += 1) findings.report(example(`code-${code}`, 1));
  const [finding] = findings.list();
  expect(finding?.occurrences).toBe(1_000);
  expect(finding?.shapes).toHaveLength(21);
  expect(finding?.shapes).toContain('any other shape');
});

test('where luck decides which event comes last, the check says the shape', () => {
  const findings = startFindings();
  findings.report({ ...example('a', 1), shape: 'kill on agent' });
  expect(findings.list()[0]?.shapes).toEqual(['kill on agent']);
  expect(findings.list()[0]).not.toHaveProperty('shape');
});
