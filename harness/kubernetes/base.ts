/** What all engines share in a cluster: who their pods are, the plan, and the volume that results are left on. */
import { FILES_OF_PLAN, type KubernetesLoad, labelsOf, type Manifest, NAME } from './kubernetes-load.ts';
import { podTemplate, RESULTS, resourcesFor, TMP } from './pod.ts';

/** What a ConfigMap may hold, in bytes. */
export const CONFIG_MAP_MAX = 1_048_576;

const COLLECT_S = 3_600;

export function serviceAccount(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, labels: labelsOf('base') },
    automountServiceAccountToken: false,
  };
}

export function planMap(load: KubernetesLoad): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: NAME, labels: labelsOf('base') },
    data: dataOf(load),
  };
}

/** In bytes, as Kubernetes counts them. */
export function sizeOfPlanMap(load: KubernetesLoad): number {
  const encoder = new TextEncoder();
  return Object.values(dataOf(load)).reduce((sum, text) => sum + encoder.encode(text).length, 0);
}

const dataOf = ({ plan, k6 }: KubernetesLoad): Readonly<Record<string, string>> => ({
  [FILES_OF_PLAN.node]: textOf(plan),
  ...('file' in k6 ? { [FILES_OF_PLAN.k6]: textOf(k6.plan), [FILES_OF_PLAN.script]: textOf(k6.file) } : {}),
});

export function resultsClaim(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: NAME, labels: labelsOf('base') },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '10Gi' } } },
  };
}

/** Stands for an hour, for `kubectl cp` to read from. */
export function collectPod({ image }: KubernetesLoad): Manifest {
  const { metadata, spec } = podTemplate({
    component: 'collect',
    image,
    command: ['sleep', String(COLLECT_S)],
    resources: resourcesFor(1),
    volumes: [RESULTS, TMP],
    grace_s: 1,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${NAME}-collect`, ...metadata },
    spec: { ...spec, activeDeadlineSeconds: COLLECT_S },
  };
}

const textOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
