/**
 * The load as a `TestRun` of k6-operator 1.6, for those who have the operator. It starts k6 with our script and leaves the samples; nobody
 * judges them there. It is held against the operator's own CRD, and was never run by the operator.
 */
import {
  FILES_OF_PLAN,
  hasSecret,
  type KubernetesLoad,
  labelsOf,
  type Manifest,
  NAME,
  PATHS,
  USERS_KEY,
} from './kubernetes-load.ts';
import { CONTAINER_SECURITY, loadVolumes, POD_SECURITY, resourcesFor } from './pod.ts';

const STARTER = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '200m', memory: '128Mi' } };

/** The operator wants its switches as text. */
const NO = 'false';

export function testRun(load: KubernetesLoad): Manifest {
  const volumes = loadVolumes(load);
  const pod = {
    serviceAccountName: NAME,
    automountServiceAccountToken: NO,
    securityContext: POD_SECURITY,
    containerSecurityContext: CONTAINER_SECURITY,
  };
  const k6 = {
    ...pod,
    image: load.image,
    metadata: { labels: labelsOf('testrun') },
    env: environment(load),
    resources: resourcesFor(load.plan.load.workers),
    volumes: volumes.map(({ volume }) => volume),
    volumeMounts: volumes.map(({ mount }) => mount),
  };
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name: NAME, labels: labelsOf('testrun') },
    spec: {
      parallelism: load.shards,
      script: { localFile: PATHS.script },
      args: [
        '--no-usage-report',
        '--no-thresholds',
        '--summary-mode=disabled',
        // Apart: the operator, which hands the rest to `k6 archive` as well, knows it by its own.
        '--out',
        `json=${PATHS.results}/$(POD_NAME).json.gz`,
      ],
      initializer: k6,
      runner: k6,
      starter: { ...pod, resources: STARTER },
    },
  };
}

/** The operator hands each of them to the script, whose `open()` is relative to itself. */
const environment = (load: KubernetesLoad): readonly Manifest[] => [
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'HOME', value: '/tmp' },
  { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: NO },
  { name: 'MUSTER_LOAD', value: `${PATHS.plan}/${FILES_OF_PLAN.script}` },
  ...(hasSecret(load) ? [{ name: 'MUSTER_USERS', value: `${PATHS.users}/${USERS_KEY}` }] : []),
];
