/**
 * A load as two Jobs. Each index of the first carries out one shard of the plan; the second merges what they left and ends as the verdict
 * of the whole does. A shard's own verdict is of its part only, so a pod that ends with it disturbs no other.
 */
import {
  type Engine,
  FILES_OF_PLAN,
  type KubernetesLoad,
  labelsOf,
  type Manifest,
  mergeJob,
  PATHS,
  resultOf,
  shardsJob,
} from './kubernetes-load.ts';
import { loadVolumes, podTemplate, RESULTS, resourcesFor, TMP } from './pod.ts';

/** For images to be fetched and pods to find a place. */
const AROUND_S = 600;
const MERGE_S = 1_800;

export function shards(engine: Engine, load: KubernetesLoad): Manifest {
  const { plan, image, shards: of } = load;
  const { workers } = plan.load;
  const lasts_ms = Math.max(0, ...plan.scenarios.map(() => plan.limits.scenario_ms_max));
  const template = podTemplate({
    component: shardsJob(engine),
    image,
    command: ['sh', '-c', shardCommand(engine, of)],
    resources: resourcesFor(workers),
    volumes: loadVolumes(load),
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: shardsJob(engine), labels: labelsOf(shardsJob(engine)) },
    spec: {
      completionMode: 'Indexed',
      completions: of,
      parallelism: of,
      backoffLimitPerIndex: 0,
      activeDeadlineSeconds: Math.ceil(lasts_ms / 1_000) + AROUND_S,
      template: { ...template, spec: { ...template.spec, topologySpreadConstraints: [spread(engine)] } },
    },
  };
}

/** Indexes count from 0, shards from 1. It is muster itself that is told to end, and not a shell that does not pass it on. */
function shardCommand(engine: Engine, of: number): string {
  return [
    'shard=$((JOB_COMPLETION_INDEX + 1))',
    `exec muster load --plan ${PATHS.plan}/${FILES_OF_PLAN[engine]} --engine ${engine} --shard $shard/${of} --out ${resultOf(engine, '$shard')}`,
  ].join('\n');
}

/** On as many machines as there are, which is what shards are for. */
const spread = (engine: Engine): Manifest => ({
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: labelsOf(shardsJob(engine)) },
});

export function merge(engine: Engine, { shards: of, image }: KubernetesLoad): Manifest {
  const folders = Array.from({ length: of }, (_, index) => resultOf(engine, index + 1));
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: mergeJob(engine), labels: labelsOf(mergeJob(engine)) },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: MERGE_S,
      template: podTemplate({
        component: mergeJob(engine),
        image,
        command: ['muster', 'merge', ...folders, '--out', resultOf(engine, 'whole')],
        resources: resourcesFor(1),
        volumes: [RESULTS, TMP],
      }),
    },
  };
}
