/** What stands in the test cluster before any load comes: an agent in a pod, behind the address of a Service. */
import { MUSTER_IMAGE } from './build-image.ts';
import type { Cluster } from './start-cluster.ts';

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** Its address in the cluster, which has no DNS. */
export const AGENT = { host: '10.77.2.80', url: 'http://10.77.2.80:8080' } as const;

export function openShop(cluster: Cluster): void {
  const labels = { app: 'agent' };
  const namespace = { name: 'shop', labels: RESTRICTED };
  apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: namespace });
  apply(cluster, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'agent', namespace: 'shop' },
    spec: { selector: labels, clusterIP: AGENT.host, ports: [{ port: 8080 }] },
  });
  apply(cluster, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'agent', namespace: 'shop', labels },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'agent',
          image: MUSTER_IMAGE,
          command: ['node', '/agent.mjs', 'echo'],
          readinessProbe: { httpGet: { path: '/.well-known/agent-card.json', port: 8080 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  cluster.kubectl(['wait', '-n', 'shop', '--for=condition=Ready', 'pod/agent', '--timeout=120s']);
}

/** An empty namespace for one load, with a volume for its results; kubectl speaks of it from now on. */
export function openNamespace(cluster: Cluster, name: string, path: string): void {
  openRestricted(cluster, name);
  apply(cluster, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteMany'],
      claimRef: { namespace: name, name: 'muster-load' },
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node'] }] },
          ],
        },
      },
    },
  });
}

/** Without a volume. */
export function openRestricted(cluster: Cluster, name: string): void {
  apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: RESTRICTED } });
  cluster.kubectl(['config', 'set-context', '--current', `--namespace=${name}`]);
}

export function apply(cluster: Cluster, manifest: object): void {
  cluster.kubectl(['apply', '-f', '-'], JSON.stringify(manifest));
}
