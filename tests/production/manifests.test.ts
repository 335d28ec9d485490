/**
 * The manifests of the agent `production`, held against the agent: settings that it takes, probes that it answers, time enough to stop. They are held
 * against the schemas of the API in tests/manifests, and against an API server in tests/kubernetes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { openProduction } from '../../fixtures/agents/production/production.ts';
import { readSettings } from '../../fixtures/agents/production/settings.ts';
import { ROOT } from '../muster.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
}
interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

const file = join(ROOT, 'fixtures/agents/production/deploy/kubernetes/agent.yaml');
const documents = parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true });
const manifests = documents.map((document) => document.toJS() as Manifest);
const of = (kind: string): Manifest | undefined => manifests.find((manifest) => manifest.kind === kind);

test('the manifests are whole, and each kind is there once', () => {
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ]);
});

test('the agent takes these settings, answers these probes, and stops within its grace', async () => {
  const settings = readSettings({ ...of('ConfigMap')?.data, LOG_LEVEL: 'silent' });
  const pod = of('Deployment')?.spec?.template?.spec;
  const [container] = pod?.containers ?? [];
  if (pod === undefined || container === undefined) throw new Error('The Deployment has no pod.');
  expect(container.ports).toEqual([{ name: 'http', containerPort: settings.PORT }]);
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(settings.LEAVE_MS + settings.DRAIN_MS + 5_000);
  await using agent = await openProduction(settings, { port: 0 });
  for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    expect(httpGet.port).toBe('http');
    const answer = await fetch(`${agent.url}${httpGet.path}`);
    expect([answer.status, Object.values((await answer.json()) as object)]).toEqual([200, [true]]);
  }
});
