/**
 * Every manifest of this repository against the schemas of the API, strictly and without a cluster: what is deployed with the agent
 * `production`, and what `muster load --emit k8s` writes, but for its TestRun, whose schema is the operator's.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { manifestFiles } from '../../harness/kubernetes/manifest-files.ts';
import { someLoad } from '../../harness/kubernetes/testing.ts';
import { ROOT } from '../muster.ts';
import { validate, whyNoValidator } from './validator.ts';

const AGENT = join(ROOT, 'fixtures/agents/production/deploy/kubernetes/agent.yaml');
const missing = whyNoValidator();
const folder = mkdtempSync(join(tmpdir(), 'muster-manifests-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('each document of the agent `production` is what the API knows', (context) => {
  if (missing !== undefined) return context.skip(missing);
  expect(validate([AGENT])).toEqual({
    passed: [
      'serviceaccount/production',
      'configmap/production',
      'deployment/production',
      'service/production',
      'horizontalpodautoscaler/production',
      'poddisruptionbudget/production',
      'networkpolicy/production',
    ],
    problems: [],
  });
});

test('each document of a load is, for users with a Secret and without one', (context) => {
  if (missing !== undefined) return context.skip(missing);
  const users = { kind: 'users-file', path: '/users/users.json' } as const;
  for (const load of [someLoad(), someLoad({ identity: users, workers: 2 })]) {
    const files = Object.entries(manifestFiles(load)).filter(([path]) => /^[^/]+\.yaml$/.test(path));
    const { passed, problems } = validate(files.map(([path, text]) => write(path, text)));
    expect(problems).toEqual([]);
    expect(passed).toEqual([
      'serviceaccount/muster-load',
      'configmap/muster-load',
      'persistentvolumeclaim/muster-load',
      'pod/muster-load-collect',
      'job/muster-load-node',
      'job/muster-load-node-merge',
      'job/muster-load-k6',
      'job/muster-load-k6-merge',
    ]);
  }
});

test('a broken one is refused with its place: a name misspelt, a wrong type, a field or a kind that is not there', (context) => {
  if (missing !== undefined) return context.skip(missing);
  const text = readFileSync(AGENT, 'utf8');
  const broken = [
    ['failureThreshold: 60', 'failureTreshold: 60'],
    ['containerPort: 8080', "containerPort: '8080'"],
    ['topologyKey: kubernetes.io/hostname', ''],
    ['kind: PodDisruptionBudget', 'kind: PodDisruptionBudged'],
  ].map(([from = '', to = ''], index) => {
    expect(text).toContain(from);
    return write(`broken-${index}.yaml`, text.replace(from, to));
  });
  const inPod = 'did not validate for resource deployment/production against version 1.34: spec.template.spec';
  expect(validate(broken).problems).toEqual([
    `${inPod}.containers.0.startupProbe: Additional properties are not allowed ('failureTreshold' was unexpected)`,
    `${inPod}.containers.0.ports.0.containerPort: '8080' is not of type 'integer'`,
    `${inPod}.topologySpreadConstraints.0: 'topologyKey' is a required property`,
    "Couldn't find schema for kind PodDisruptionBudged with api version policy/v1 for kubernetes version 1.34",
  ]);
});
