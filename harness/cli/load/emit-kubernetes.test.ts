/** What pods could not carry out as it was planned is refused before a file is written; and what is secret goes nowhere. */
import { mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { emitKubernetes, kubernetesLoadOf } from './emit-kubernetes.ts';
import { planLoadFrom } from './settings.ts';

const deployed = { url: 'http://agent.shop.svc:8080', allowHost: ['agent.shop.svc'], users: 6, seed: 7 } as const;
const emit = { emit: ['k8s', 'load'], image: 'registry.example.com/muster:1' } as const;

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-emit-'));

test('everything that keeps a load from pods is told at once', async () => {
  const settings = await planLoadFrom({ seed: 1, users: 2, sourceAddress: ['127.0.0.2'], shard: '1/2' });
  expect(() => kubernetesLoadOf(settings, { emit: ['helm', 'load'] })).toThrow(
    /^Failed to emit manifests:\n {2}--emit: "helm load" is unknown; .*\n {2}--image: there is none; .*\n {2}--users: 2 users cannot be dealt among 3 shards .*\n {2}--url: every pod would start an agent of its own; .*\n {2}--shard: .*\n {2}--source-address: .*$/,
  );
});

test('in a pod, this machine is somebody else', async () => {
  const settings = await planLoadFrom({ url: 'http://localhost:8080', seed: 1 });
  expect(() => kubernetesLoadOf(settings, emit)).toThrow(/in a pod, localhost is that pod itself/);
});

test('what k6 cannot do is refused only where k6 was asked for', async () => {
  const { plan } = await planLoadFrom({ ...deployed, rate: '5' });
  const byGrpc = { plan: { ...plan, transport: 'grpc' as const } };
  expect(kubernetesLoadOf(byGrpc, emit).k6).toMatchObject({ why_not: expect.any(String) });
  const byK6 = { plan: { ...byGrpc.plan, load: { ...plan.load, engine: 'k6' as const } } };
  expect(() => kubernetesLoadOf(byK6, emit)).toThrow(/--engine: Cannot run this load with k6: .*grpc/);
});

test('when users are due goes into the file of k6, as far as a ConfigMap holds it', async () => {
  const drawn = { ...deployed, rate: '5', for: '60s', arrivals: 'poisson' };
  const { k6 } = kubernetesLoadOf(await planLoadFrom(drawn), emit);
  const due_ms = 'file' in k6 && 'due_ms' in k6.file ? k6.file.due_ms : undefined;
  expect(due_ms).toHaveLength(293);
  const many = await planLoadFrom({ ...drawn, rate: '1000' });
  expect(kubernetesLoadOf(many, emit).k6).toMatchObject({
    why_not: expect.stringMatching(/in a ConfigMap.*--arrivals even/),
  });
});

test('a number of pods that cannot be is refused', async () => {
  const settings = await planLoadFrom(deployed);
  for (const pods of [0, -1, 1.5, Number.NaN]) {
    expect(() => kubernetesLoadOf(settings, { ...emit, pods })).toThrow(/--pods: .* is not a whole number/);
  }
  expect(() => kubernetesLoadOf(settings, { ...emit, pods: 7 })).toThrow(/6 users cannot be dealt among 7 shards/);
});

test('a plan that no ConfigMap holds is refused', async () => {
  const { plan } = await planLoadFrom(deployed);
  const large = { ...plan, gates: Array.from({ length: 50_000 }, () => 'error_rate < 1% or so') };
  expect(() => kubernetesLoadOf({ plan: large }, emit)).toThrow(/a ConfigMap holds 1048576/);
});

test('headers of users are in no file, and pods look for them where their Secret is', async () => {
  await using work = await folder();
  const usersFile = join(work.path, 'mine.json');
  const users = Array.from({ length: 6 }, (_, n) => ({
    id: `ann-${n}`,
    headers: { authorization: `Bearer secret-${n}` },
  }));
  await writeFile(usersFile, JSON.stringify(users));
  const to = join(work.path, 'manifests');
  expect(await emitKubernetes(await planLoadFrom({ ...deployed, usersFile }), { ...emit, emit: ['k8s', to] })).toBe(0);
  const base = await readFile(join(to, 'base.yaml'), 'utf8');
  expect(base).not.toMatch(/secret-\d|ann-\d/);
  const [, map] = parseAllDocuments(base).map((document) => document.toJS());
  expect(JSON.parse(map.data['plan.json'])).toMatchObject({ identity: { path: '/users/users.json' } });
  expect(JSON.parse(map.data['k6-load.json']).users).toHaveLength(6);
  expect((await stat(join(to, 'run.sh'))).mode & 0o111).toBe(0o111);
});

test('what is there already is not written over', async () => {
  await using work = await folder();
  const settings = await planLoadFrom(deployed);
  const again = { ...emit, emit: ['k8s', work.path] };
  await emitKubernetes(settings, again);
  await expect(emitKubernetes(settings, again)).rejects.toThrow(/Failed to write manifests to .*EEXIST.*that is empty/);
});
