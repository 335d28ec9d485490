/** What goes to Kubernetes, and the names by which its parts find each other. Whatever is written must agree on them, so they are here once. */
import type { LoadPlan } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';

export interface KubernetesLoad {
  /** Of the whole; as pods can carry it out with the embedded engine. */
  readonly plan: WholePlan;
  readonly shards: number;
  /** It has `muster`, and `k6` too for the manifests that need it. */
  readonly image: string;
  /** The same load for k6, as a plan and as its script reads it, without headers of users; or why there is none. */
  readonly k6: { readonly plan: WholePlan; readonly file: object } | { readonly why_not: string };
}

type WholePlan = Plan & { readonly load: LoadPlan };

export type Engine = LoadPlan['engine'];

/** A manifest, as JSON. */
export type Manifest = Readonly<Record<string, unknown>>;

export const NAME = 'muster-load';
/** The user's own, with the headers of users. Nothing of it is ever copied. */
export const USERS_SECRET = 'muster-users';
export const USERS_KEY = 'users.json';

export const PATHS = {
  plan: '/plan',
  users: '/users',
  results: '/results',
  /** Where `npm install --global` puts it in the official images of Node. */
  script: '/usr/local/lib/node_modules/a2a-muster/k6/load.ts',
} as const;

export const FILES_OF_PLAN = { node: 'plan.json', k6: 'k6-plan.json', script: 'k6-load.json' } as const;

export const hasSecret = ({ plan }: KubernetesLoad): boolean => plan.identity.kind === 'users-file';

export const shardsJob = (engine: Engine): string => `${NAME}-${engine}`;
export const mergeJob = (engine: Engine): string => `${NAME}-${engine}-merge`;

/** Where a shard leaves its run folder; the whole is beside the shards. */
export const resultOf = (engine: Engine, shard: number | string): string => `${PATHS.results}/${engine}/${shard}`;

export const labelsOf = (component: string) => ({
  'app.kubernetes.io/name': NAME,
  'app.kubernetes.io/component': component,
});
