/**
 * The pod that all of muster's Jobs are made of. It passes the Pod Security Standard `restricted`: no root, no privileges, a root file
 * system that nobody writes to, and no token of the cluster's API. A pod that ends is never begun anew, for half a shard done again is
 * no shard.
 */
import {
  hasSecret,
  type KubernetesLoad,
  labelsOf,
  type Manifest,
  NAME,
  PATHS,
  USERS_SECRET,
} from './kubernetes-load.ts';

/** Of nobody: it has no meaning in images. */
const USER = 65_532;

export const POD_SECURITY: Manifest = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

export const CONTAINER_SECURITY: Manifest = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A limit below what a load takes makes it late, which muster then says; so it is generous. */
export const resourcesFor = (workers: number): Manifest => ({
  requests: { cpu: `${workers * 500}m`, memory: '256Mi' },
  limits: { cpu: String(workers + 1), memory: '2Gi' },
});

export interface Volume {
  readonly volume: Manifest;
  readonly mount: Manifest;
}

export const TMP: Volume = {
  volume: { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
  mount: { name: 'tmp', mountPath: '/tmp' },
};

export const RESULTS: Volume = {
  volume: { name: 'results', persistentVolumeClaim: { claimName: NAME } },
  mount: { name: 'results', mountPath: PATHS.results },
};

const PLAN: Volume = {
  volume: { name: 'plan', configMap: { name: NAME } },
  mount: { name: 'plan', mountPath: PATHS.plan, readOnly: true },
};

const USERS: Volume = {
  volume: { name: 'users', secret: { secretName: USERS_SECRET } },
  mount: { name: 'users', mountPath: PATHS.users, readOnly: true },
};

/** Of whoever carries the load out. */
export const loadVolumes = (load: KubernetesLoad): readonly Volume[] => [
  PLAN,
  RESULTS,
  TMP,
  ...(hasSecret(load) ? [USERS] : []),
];

export interface PodOptions {
  readonly component: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly resources: Manifest;
  readonly volumes: readonly Volume[];
  /** How long it may take to write down what it has, when it is asked to end. */
  readonly grace_s?: number;
}

export function podTemplate({ component, image, command, resources, volumes, grace_s = 30 }: PodOptions): {
  readonly metadata: Manifest;
  readonly spec: Manifest;
} {
  return {
    metadata: { labels: labelsOf(component) },
    spec: {
      serviceAccountName: NAME,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: grace_s,
      securityContext: POD_SECURITY,
      containers: [
        {
          name: 'muster',
          image,
          command,
          env: [{ name: 'HOME', value: '/tmp' }],
          workingDir: '/tmp',
          resources,
          securityContext: CONTAINER_SECURITY,
          volumeMounts: volumes.map(({ mount }) => mount),
        },
      ],
      volumes: volumes.map(({ volume }) => volume),
    },
  };
}
