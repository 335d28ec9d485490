/**
 * Loads that were written for Kubernetes, carried out in a real cluster by the commands that were written with them. Each has a restricted
 * namespace and a volume of its own; all load one agent in a pod. And the agent `production`, deployed by its manifests, under a load from outside.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { buildK6 } from '../../harness/engines/k6/build.ts';
import type { RunRecord } from '../../harness/model/record.ts';
import { ending, PATIENT, ROOT } from '../muster.ts';
import { buildCluster } from './build-cluster.ts';
import { buildImages, MUSTER_IMAGE } from './build-image.ts';
import { type Deployed, deploy, type Manifest } from './deployed.ts';
import { type Loaded, loadWhile } from './loaded.ts';
import { missingPrograms } from './missing-programs.ts';
import { run } from './run-command.ts';
import { AGENT, openNamespace, openShop } from './shop.ts';
import { type Cluster, startCluster, until } from './start-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-kubernetes-'));
let cluster: Cluster;

beforeAll(async () => {
  const missing = missingPrograms();
  if (missing !== undefined) throw new Error(missing);
  const program = buildCluster(ROOT);
  buildImages(ROOT, folder, await buildK6({ tell: (line) => console.error(line) }));
  cluster = await startCluster(folder, program);
  openShop(cluster);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Emitted {
  /** Where the manifests are. */
  readonly manifests: string;
  /** Where what pods leave lies on this machine. */
  readonly results: string;
}

function emit(name: string, ...flags: readonly string[]): Emitted {
  const work = join(folder, name);
  const results = join(cluster.volume, name);
  for (const each of [work, results]) mkdirSync(each);
  writeFileSync(join(work, 'muster.config.mjs'), PATIENT);
  const whom = ['--url', AGENT.url, '--allow-host', AGENT.host, '--users', '6', '--seed', '7'];
  const where = ['--emit', 'k8s', 'manifests', '--image', MUSTER_IMAGE];
  run(process.execPath, [join(ROOT, 'harness/cli/muster.js'), 'load', ...whom, ...flags, ...where], { cwd: work });
  openNamespace(cluster, name, results);
  return { manifests: join(work, 'manifests'), results };
}

function start({ manifests }: Emitted, engine: string) {
  const env = { ...process.env, PATH: `${cluster.bin}:${process.env['PATH']}` };
  return spawn('sh', [join(manifests, 'run.sh'), engine], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const recordOf = ({ results }: Emitted, run: string): RunRecord =>
  JSON.parse(readFileSync(join(results, run, 'report.json'), 'utf8'));

/** How many users were to come. */
const dueIn = ({ scenarios }: RunRecord) => scenarios[0]?.metrics?.load?.due.count;

const EVEN = ['--rate', '20', '--for', '6s', '--mix', 'ask=3,stream=1'];

test('the API server takes what the agent `production` is deployed with, strictly, into a restricted namespace', () => {
  const results = join(cluster.volume, 'production');
  mkdirSync(results);
  openNamespace(cluster, 'production', results);
  const manifests = join(ROOT, 'fixtures/agents/production/deploy/kubernetes');
  const told = cluster.askKubectl(['apply', '--dry-run=server', '--validate=strict', '-f', manifests]);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout.trim().split('\n')).toHaveLength(7);
});

test('the API server takes every manifest, strictly, into a restricted namespace', () => {
  const { manifests } = emit('strict', ...EVEN);
  const strict = ['apply', '--dry-run=server', '--validate=strict', '-f'];
  // Pods of an account that is not there yet are refused.
  cluster.kubectl(['apply', '-f', join(manifests, 'base.yaml')]);
  const told = cluster.askKubectl([...strict, manifests]);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout.trim().split('\n')).toHaveLength(8);
  const job = parse(readFileSync(join(manifests, 'node-shards.yaml'), 'utf8'));
  job.spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation = true;
  expect(cluster.askKubectl([...strict, '-'], stringify(job)).stderr).toContain(
    'would violate PodSecurity "restricted',
  );
  job.spec.backofLimit = 0;
  expect(cluster.askKubectl([...strict, '-'], stringify(job)).stderr).toContain('unknown field "spec.backofLimit"');
});

test("the operator's own CRD takes the TestRun, strictly, and no broken one", async () => {
  const { manifests } = emit('operator', ...EVEN);
  cluster.kubectl(['create', '-f', join(ROOT, 'tests/kubernetes/k6-operator/k6.io_testruns.yaml')]);
  await until(() => cluster.askKubectl(['get', 'testruns.k6.io']).code === 0, 150);
  const text = readFileSync(join(manifests, 'k6-operator/testrun.yaml'), 'utf8');
  const create = (manifest: unknown) =>
    cluster.askKubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], stringify(manifest));
  expect(create(parse(text))).toMatchObject({ code: 0, stderr: '' });
  const broken = (change: (spec: Record<string, unknown>) => void) => {
    const manifest = parse(text);
    change(manifest.spec);
    return create(manifest);
  };
  expect(broken((spec) => delete spec['parallelism'])).toMatchObject({ code: 1 });
  expect(broken((spec) => Object.assign(spec, { parallelism: 'three' }))).toMatchObject({ code: 1 });
  expect(broken((spec) => Object.assign(spec, { paralelism: 3 })).stderr).toContain('unknown field "spec.paralelism"');
  expect(broken((spec) => Object.assign(spec, { cleanup: 'before' })).stderr).toContain('Unsupported value: "before"');
});

for (const engine of ['node', 'k6'] as const) {
  test(`three pods of ${engine} are together the one plan, and its gates pass`, async () => {
    const emitted = emit(`passes-${engine}`, ...EVEN, '--gate', 'error_rate < 1%', '--gate', 'p95_ms < 5000');
    const { code, stdout, stderr } = await ending(start(emitted, engine));
    expect(code, `${stdout}${stderr}`).toBe(0);
    const due = [1, 2, 3].map((shard) => dueIn(recordOf(emitted, `${engine}/${shard}`)) ?? 0);
    expect(dueIn(recordOf(emitted, `${engine}/whole`))).toBe(due.reduce((sum, each) => sum + each));
    // A segment of k6 may have one visit more than its share.
    for (const each of due) expect(each - 40).toBeOneOf(engine === 'node' ? [0] : [0, 1]);
    expect(recordOf(emitted, `${engine}/whole`).scenarios[0]?.metrics?.load?.engine).toBe(engine);
  });

  test(`a gate that the whole misses ends ${engine} with 3`, async () => {
    const emitted = emit(`misses-${engine}`, ...EVEN, '--gate', 'p50_ms < 0.001');
    const { code, stdout, stderr } = await ending(start(emitted, engine));
    expect(code, `${stdout}${stderr}`).toBe(3);
    expect(recordOf(emitted, `${engine}/whole`).verdict).toBe('fail');
  });
}

test('a pod that is killed midway makes the whole inconclusive, and none takes its place', async () => {
  const emitted = emit('killed', '--rate', '20', '--for', '20s', '--gate', 'error_rate < 100%');
  const running = start(emitted, 'node');
  const ended = ending(running);
  const history = join(emitted.results, 'node/2/history.jsonl');
  await until(() => existsSync(history) && statSync(history).size > 10_000, 600);
  const pods = ['get', 'pods', '-l', 'batch.kubernetes.io/job-name=muster-load-node'];
  const second = ['-l', 'batch.kubernetes.io/job-completion-index=1'];
  const id = cluster.kubectl([
    ...pods,
    ...second,
    '-o',
    'jsonpath={.items[0].status.containerStatuses[0].containerID}',
  ]);
  cluster.onNode('ctr', '-a', '/run/containerd.sock', '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', id.slice(13));
  const { code, stdout, stderr } = await ended;
  expect(code, `${stdout}${stderr}`).toBe(2);
  expect(recordOf(emitted, 'node/whole').verdict).toBe('inconclusive');
  expect(
    cluster
      .kubectl([...pods, '-o', 'name'])
      .trim()
      .split('\n'),
  ).toHaveLength(3);
});

/** What users were told of and is not done, and what was done twice. */
function amiss(agent: Deployed, { acknowledged }: Loaded) {
  const completed = new Set(agent.ask("SELECT DISTINCT task_id FROM audit WHERE act = 'completed'"));
  return {
    lost: [...acknowledged].filter((id) => !completed.has(id)),
    twice: agent.ask('SELECT task_id, act FROM audit GROUP BY task_id, act HAVING COUNT(*) > 1'),
  };
}

test('a rollout under load fails no request, and nothing that a user was told of is lost or done twice', async () => {
  const agent = await deploy(cluster, { namespace: 'rolled', address: 90 });
  const load = await loadWhile(cluster, agent, { folder: join(folder, 'rolled'), lasts: '45s' }, agent.rollOver);
  expect(load.code, load.said).toBe(0);
  expect(load.record.gates.map(({ gate, status }) => `${gate} ${status}`)).toEqual([
    'error_rate == 0 met',
    'findings == 0 met',
  ]);
  expect(load.acknowledged.size).toBe(dueIn(load.record));
  expect(amiss(agent, load)).toEqual({ lost: [], twice: [] });
});

test('with replicas that do not wait for their users to go the same rollout fails requests, and its gate', async () => {
  const spoil = (manifest: Manifest): void => {
    if (manifest.kind === 'ConfigMap') Object.assign(manifest.data, { LEAVE_MS: '0', DRAIN_MS: '0' });
  };
  const agent = await deploy(cluster, { namespace: 'hurried', address: 92, spoil });
  const load = await loadWhile(cluster, agent, { folder: join(folder, 'hurried'), lasts: '30s' }, agent.rollOver);
  expect(load.code, load.said).toBeOneOf([1, 3]);
  expect(load.record.gates.map(({ gate, status }) => `${gate} ${status}`)).toContain('error_rate == 0 missed');
  // What is left to another replica is late, and not lost.
  expect(amiss(agent, load)).toEqual({ lost: [], twice: [] });
});
