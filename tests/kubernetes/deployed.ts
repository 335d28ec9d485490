/**
 * The agent `production` in the cluster, by the manifests that it is deployed with. Changed in them is what is changed wherever it is deployed: the
 * image, where users find it, and the secret, which names a PostgreSQL in a pod beside it. There is no DNS, so addresses are numbers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { postgresFolder } from '../production/database-servers.ts';
import { POSTGRES, PRODUCTION_IMAGE } from './build-image.ts';
import { apply, openRestricted } from './shop.ts';
import { type Cluster, until } from './start-cluster.ts';

const MANIFESTS = new URL('../../fixtures/agents/production/deploy/kubernetes/agent.yaml', import.meta.url);
const PODS = ['get', 'pods', '-l', 'app.kubernetes.io/name=production'];
const TRIES_MAX = 900;

export interface Deployed {
  readonly host: string;
  /** The names of its pods, those that are about to go included. */
  pods(): readonly string[];
  /** Each pod is replaced by another; resolves when the last of the old ones is gone. */
  rollOver(): Promise<void>;
  /** Rows of its database, columns apart by a space. */
  ask(query: string): readonly string[];
}

/** What is changed of it, by kind. */
export type Manifest =
  | { readonly kind: 'ConfigMap'; readonly data: Record<string, string> }
  | { readonly kind: 'Service'; readonly spec: { clusterIP?: string } }
  | { readonly kind: 'Deployment'; readonly spec: { readonly template: { readonly spec: Pod } } }
  | { readonly kind: 'ServiceAccount' };

interface Pod {
  readonly containers: readonly [{ image: string; startupProbe?: object; readinessProbe?: object }];
}

export interface Place {
  readonly namespace: string;
  /** The last byte of an address in the cluster; the database has the next. */
  readonly address: number;
  /** Spoils a manifest before it is applied. */
  readonly spoil?: (manifest: Manifest) => void;
}

export async function deploy(cluster: Cluster, { namespace, address, spoil }: Place): Promise<Deployed> {
  const [host, database] = [`10.77.2.${address}`, `10.77.2.${address + 1}`];
  openRestricted(cluster, namespace);
  for (const manifest of postgres(database)) apply(cluster, manifest);
  cluster.kubectl(['wait', '--for=condition=Ready', 'pod/postgresql', '--timeout=120s']);
  const DATABASE_URL = `postgres://muster@${database}:5432/postgres`;
  apply(cluster, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'production' }, stringData: { DATABASE_URL } });
  for (const document of parseAllDocuments(readFileSync(MANIFESTS, 'utf8'))) {
    const manifest: Manifest = document.toJS();
    if (manifest.kind === 'ConfigMap') manifest.data.PUBLIC_URL = `http://${host}`;
    if (manifest.kind === 'Service') manifest.spec.clusterIP = host;
    if (manifest.kind === 'Deployment') manifest.spec.template.spec.containers[0].image = PRODUCTION_IMAGE;
    spoil?.(manifest);
    apply(cluster, manifest);
  }
  const ready = ['get', 'deployment/production', '-o', 'jsonpath={.status.readyReplicas}'];
  // The second is asked for by the HorizontalPodAutoscaler.
  await until(() => cluster.kubectl(ready) === '2', TRIES_MAX);
  const pods = () => cluster.kubectl([...PODS, '-o', 'jsonpath={.items[*].metadata.name}']).split(' ');
  return {
    host,
    pods,
    async rollOver() {
      const old = pods();
      cluster.kubectl(['rollout', 'restart', 'deployment/production']);
      cluster.kubectl(['rollout', 'status', 'deployment/production', '--timeout=180s']);
      await until(() => pods().every((name) => !old.includes(name)), TRIES_MAX);
    },
    ask(query) {
      const psql = join(postgresFolder() ?? '', 'psql');
      const rows = cluster.onNode(
        psql,
        DATABASE_URL,
        '--no-align',
        '--tuples-only',
        '--field-separator= ',
        '-c',
        query,
      );
      return rows.split('\n').filter((row) => row !== '');
    },
  };
}

/** Only what it holds in its pod: it goes with it. */
function postgres(clusterIP: string): readonly object[] {
  const { image, user, data } = POSTGRES;
  const labels = { 'app.kubernetes.io/name': 'postgresql' };
  const where = `${data}/db`;
  const commands = [
    `initdb -D ${where} -U muster --auth=trust --no-sync --encoding=UTF8 --no-locale`,
    `echo 'host all all all trust' >> ${where}/pg_hba.conf`,
    `exec postgres -D ${where} -c listen_addresses='*' -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB`,
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'postgresql' },
      spec: { selector: labels, clusterIP, ports: [{ port: 5432 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'postgresql', labels },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'postgresql',
            image,
            command: ['sh', '-c', commands.join(' && ')],
            readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'data', mountPath: data }],
          },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    },
  ];
}
