/**
 * The TestRun, held against the schema in the operator's own CRD with every unknown field refused. What only an API server knows (defaults, rules
 * in CEL) is tried in tests/kubernetes.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { testRun } from './test-run.ts';
import { someLoad } from './testing.ts';

const CRD = new URL('../../tests/kubernetes/k6-operator/k6.io_testruns.yaml', import.meta.url);

type Schema = { [name: string]: unknown };

/** As JSON Schema: the dialect of CRDs has a word of its own for a number that may be text, and leaves it to the server to refuse what it does not know. */
function strict(schema: Schema): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  const { 'x-kubernetes-int-or-string': either, format: _, ...plain } = rest;
  const known = Object.entries(plain).filter(([name]) => !name.startsWith('x-kubernetes-'));
  const below = (inner: unknown) => (typeof inner === 'object' && inner !== null ? strict(inner as Schema) : inner);
  return {
    ...Object.fromEntries(known),
    ...(either === true ? { type: ['integer', 'string'] } : {}),
    ...(items === undefined ? {} : { items: below(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: below(additionalProperties) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties as Schema).map(([name, each]) => [name, below(each)]),
          ),
          additionalProperties: false,
        }),
  };
}

const crd = parse(readFileSync(CRD, 'utf8'));
const { openAPIV3Schema } = crd.spec.versions[0].schema;
// What every object has is not the CRD's to say.
const { metadata: _, ...properties } = openAPIV3Schema.properties;
const isTestRun = new Ajv2020({ strict: false }).compile({
  ...strict({ ...openAPIV3Schema, properties: { ...properties, metadata: {} } }),
  required: ['spec'],
});

const problemsOf = (manifest: unknown): readonly string[] =>
  isTestRun(manifest) ? [] : (isTestRun.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

test('the TestRun is one that the operator knows', () => {
  const manifest = testRun(someLoad({ identity: { kind: 'users-file', path: '/users/users.json' } }));
  expect(manifest['apiVersion']).toBe(`${crd.spec.group}/${crd.spec.versions[0].name}`);
  expect(manifest['kind']).toBe(crd.spec.names.kind);
  expect(problemsOf(manifest)).toEqual([]);
});

test('a broken one is not', () => {
  const broken = (change: (spec: Schema) => void): readonly string[] => {
    const manifest = structuredClone(testRun(someLoad()));
    change(manifest['spec'] as Schema);
    return problemsOf(manifest);
  };
  expect(broken((spec) => delete spec['parallelism'])).toEqual(["/spec must have required property 'parallelism'"]);
  expect(broken((spec) => Object.assign(spec, { paralelism: 3 }))).toEqual([
    '/spec must NOT have additional properties',
  ]);
  expect(broken((spec) => Object.assign(spec, { parallelism: '3' }))).toEqual(['/spec/parallelism must be integer']);
  expect(broken((spec) => Object.assign(spec, { cleanup: 'before' }))).toEqual([
    '/spec/cleanup must be equal to one of the allowed values',
  ]);
  expect(broken((spec) => Object.assign(spec['starter'] as Schema, { automountServiceAccountToken: false }))).toEqual([
    '/spec/starter/automountServiceAccountToken must be string',
  ]);
});
