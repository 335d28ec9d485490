import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAULTS } from '../../harness/faults/table.ts';
import { samples } from '../samples/all.ts';
import { failing } from '../samples/failing.ts';
import { renderJson } from './json.ts';

const schema = JSON.parse(readFileSync(new URL('report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  schema,
);

function problems(record: unknown): readonly string[] {
  validate(record);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

for (const [name, record] of Object.entries(samples)) {
  test(`report.json of the ${name} sample is the record itself and fits its schema`, () => {
    const text = renderJson(record);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(record)));
    expect(problems(JSON.parse(text))).toEqual([]);
  });
}

test('the schema refuses unknown members, unknown words and missing ones', () => {
  const [scenario] = failing.scenarios;
  expect(problems({ ...failing, extra: 1 })).not.toEqual([]);
  expect(problems({ ...failing, verdict: 'passed' })).not.toEqual([]);
  expect(problems({ ...failing, seed: undefined })).not.toEqual([]);
  expect(problems({ ...failing, scenarios: [{ ...scenario, verdict: 'maybe' }] })).not.toEqual([]);
  expect(problems({ ...failing, vitals: [{ seq: 1 }] })).not.toEqual([]);
  expect(problems({ ...failing, schema: 'muster.report/2' })).not.toEqual([]);
});

test('every fault that a plan can hold fits the schema, wherever it is', () => {
  const [scenario] = failing.scenarios;
  const [known] = failing.scenarios.flatMap(({ metrics }) => metrics?.faults ?? []);
  const withFault = (fault: object) =>
    problems({
      ...failing,
      scenarios: [{ ...scenario, metrics: { ...scenario?.metrics, faults: [{ ...known, fault }] } }],
    });
  const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 1 };
  expect(Object.keys(FAULTS).filter((fault) => withFault({ ...plan, fault }).length > 0)).toEqual([]);
  expect(withFault({ ...plan, fault: 'lie', target: 'peer', which: 'junk' })).toEqual([]);
  expect(withFault({ ...plan, fault: 'blackhole', target: 'links-of-agent-3' })).toEqual([]);
  expect(withFault({ ...plan, fault: 'latency', latency_ms: 5, jitter_ms: 1, match: { user: 'u1' } })).toEqual([]);
  expect(withFault({ ...plan, fault: 'flattery' })).not.toEqual([]);
  expect(withFault({ ...plan, fault: 'down', target: 'links-of-peer' })).not.toEqual([]);
});

test('every definition and member in the schema says what it is', () => {
  const silent = Object.entries<{ description?: string; $ref?: string }>(schema.$defs).filter(
    ([, definition]) => definition.description === undefined,
  );
  expect(silent.map(([name]) => name)).toEqual([]);
});

function shuffled(value: unknown, order: (keys: readonly string[]) => readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((member) => shuffled(member, order));
  if (typeof value !== 'object' || value === null) return value;
  const members = new Map(Object.entries(value));
  return Object.fromEntries(order([...members.keys()]).map((key) => [key, shuffled(members.get(key), order)]));
}

test('keys come in one order, in whatever order they were made', () => {
  const expected = renderJson(failing);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 997 }), (turn) => {
      const order = (keys: readonly string[]) =>
        keys
          .map((key, index) => ({ key, place: (index * turn + turn) % 101 }))
          .sort((left, right) => left.place - right.place)
          .map(({ key }) => key);
      expect(renderJson(shuffled(failing, order) as typeof failing)).toBe(expected);
    }),
    { numRuns: 20 },
  );
  expect([...expected.matchAll(/^ {2}"(\w+)"/gm)].map(([, key]) => key).slice(0, 4)).toEqual([
    'schema',
    'muster',
    'seed',
    'verdict',
  ]);
});
