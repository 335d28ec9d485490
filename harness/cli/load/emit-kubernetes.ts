/**
 * `muster load --emit k8s DIR`: a load past one machine. It writes manifests and the commands that apply them, and connects to nobody. What
 * pods cannot carry out, or could only by something else than the plan says, is refused, all of it at once.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDrawn, k6LoadOf, NotForK6 } from '../../engines/k6/load-of-plan.ts';
import { CONFIG_MAP_MAX, sizeOfPlanMap } from '../../kubernetes/base.ts';
import { type Engine, type KubernetesLoad, PATHS, USERS_KEY } from '../../kubernetes/kubernetes-load.ts';
import { manifestFiles } from '../../kubernetes/manifest-files.ts';
import { reasonOf } from '../../model/reason-of.ts';
import { isLoopback } from '../../plan/allowed-hosts.ts';
import { dueTimes } from '../../plan/due-times.ts';
import { UsageError } from '../exit-codes.ts';
import type { LoadDoing } from './arguments.ts';
import { dealProblems } from './deal.ts';
import type { LoadSettings } from './settings.ts';

const PODS = 3;
const PODS_MAX = 1_000;
/** The plan is there, too, once for each engine. */
const DRAWN_BYTES_MAX = CONFIG_MAP_MAX / 2;

type EmitArguments = Pick<LoadDoing, 'emit' | 'pods' | 'image'>;

export async function emitKubernetes(settings: LoadSettings, args: EmitArguments): Promise<number> {
  const [, folder = ''] = args.emit ?? [];
  const files = manifestFiles(kubernetesLoadOf(settings, args));
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      const to = join(folder, path);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, text, { flag: 'wx' });
      if (path.endsWith('.sh')) await chmod(to, 0o755);
    }
  } catch (error) {
    throw new UsageError(
      `Failed to write manifests to "${folder}": ${reasonOf(error)}. Give a folder that is empty, or none yet, with --emit k8s DIR`,
    );
  }
  process.stdout.write(
    `${Object.keys(files).length} files are in ${folder}; ${join(folder, 'README.md')} says how they are applied.\n`,
  );
  return 0;
}

/** Throws one `UsageError` with everything that keeps it from pods. */
export function kubernetesLoadOf(
  { plan, knee }: LoadSettings,
  { emit, pods = PODS, image = '' }: EmitArguments,
): KubernetesLoad {
  const [what, folder = ''] = emit ?? [];
  const shards = Number.isInteger(pods) && pods >= 1 && pods <= PODS_MAX ? pods : undefined;
  const planned = planForPods(plan);
  const load: KubernetesLoad = { plan: byEngine(planned, 'node'), shards: shards ?? 1, image, k6: k6Of(planned) };
  const { workers, engine, shard, source_addresses } = plan.load;
  const size = sizeOfPlanMap(load);
  const problems = [
    ...(what === 'k8s' && folder !== '' ? [] : [`--emit: "${emit?.join(' ')}" is unknown; give k8s and a folder`]),
    ...(image.trim() === '' || /\s/.test(image)
      ? [
          `--image: ${image === '' ? 'there is none' : `"${image}" is no name of an image`}; name one that has muster, such as registry.example.com/muster:${plan.muster}`,
        ]
      : []),
    ...(shards === undefined ? [`--pods: ${pods} is not a whole number from 1 to ${PODS_MAX}`] : []),
    ...(shards === undefined
      ? []
      : dealProblems({ workers, shard: { index: 1, of: shards } }, plan.scenarios[0]?.users ?? 0)),
    ...targetProblems(plan.target),
    ...(shard === undefined ? [] : ['--shard: pods take all shards of a load; leave it out']),
    ...(knee === undefined ? [] : ['--find-knee: a search is no load that can be dealt; search on one machine']),
    ...(source_addresses.length === 0 ? [] : ['--source-address: pods have addresses of their own; leave it out']),
    ...(engine === 'k6' && 'why_not' in load.k6 ? [`--engine: ${load.k6.why_not}`] : []),
    ...(size > CONFIG_MAP_MAX
      ? [
          `plan: it is ${size} bytes, and a ConfigMap holds ${CONFIG_MAP_MAX}; use a smaller phrasebook, baseline or number of users`,
        ]
      : []),
  ];
  if (problems.length > 0) {
    throw new UsageError(`Failed to emit manifests:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  return load;
}

function targetProblems(target: LoadSettings['plan']['target']): readonly string[] {
  const such = 'such as http://agent.shop.svc:8080';
  if (target.kind !== 'url') {
    return [`--url: every pod would start an agent of its own; name the one agent that all are to load, ${such}`];
  }
  const { hostname = '' } = URL.parse(target.url) ?? {};
  return isLoopback(hostname)
    ? [`--url: in a pod, ${hostname} is that pod itself; give the address that the agent has in the cluster, ${such}`]
    : [];
}

const tooMuchDrawn = (size: number): string =>
  `Cannot run this load with k6 in pods: when its users are due takes ${size} bytes, and ${DRAWN_BYTES_MAX} are left for that in a ConfigMap. ` +
  'Let them come evenly (--arrivals even), or run it with --engine node.';

/** Nothing of it lies on this machine: a load needs nothing of the config but what is in the plan, and its users come from a Secret. */
function planForPods({ config: _, ...plan }: LoadSettings['plan']): LoadSettings['plan'] {
  const { identity } = plan;
  return identity.kind === 'users-file'
    ? { ...plan, identity: { kind: 'users-file', path: `${PATHS.users}/${USERS_KEY}` } }
    : plan;
}

/** k6 keeps nothing of what an agent says that could be checked. */
const byEngine = (plan: LoadSettings['plan'], engine: Engine): LoadSettings['plan'] => ({
  ...plan,
  load: { ...plan.load, engine, ...(engine === 'k6' ? { checks: 'off' } : {}) },
});

/** Where users are real, only how many there are: their headers come from the Secret. */
function k6Of(planned: LoadSettings['plan']): KubernetesLoad['k6'] {
  const plan = byEngine(planned, 'k6');
  const { target, identity } = plan;
  const count = identity.kind === 'anonymous' ? 0 : (plan.scenarios[0]?.users ?? 0);
  const users = Array.from({ length: count }, (_, index) => ({
    id: `u${index + 1}`,
    headers: identity.kind === 'bearer' ? { authorization: `Bearer muster-user-${index + 1}` } : {},
  }));
  const { demand } = plan.load;
  const due = isDrawn(demand) ? { due_ms: [...dueTimes(demand, plan.seed)] } : {};
  try {
    const file = k6LoadOf(plan, { url: target.kind === 'url' ? target.url : '', users, ...due });
    const size = JSON.stringify(due).length;
    return size > DRAWN_BYTES_MAX ? { why_not: tooMuchDrawn(size) } : { plan, file };
  } catch (error) {
    if (error instanceof NotForK6) return { why_not: error.message };
    throw error;
  }
}
