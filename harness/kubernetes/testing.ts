/** A small load for tests: its plan has what the manifests look at, and is otherwise left out of the goldens. */
import type { Plan } from '../model/plan.ts';
import type { KubernetesLoad } from './kubernetes-load.ts';

export function someLoad({ identity = { kind: 'anonymous' }, workers = 1 }: Partial<SomeLoad> = {}): KubernetesLoad {
  const load = { profile: 'smoke', engine: 'node', workers };
  const plan = {
    schema: 'muster.plan/1',
    muster: '0.1.0',
    seed: 7,
    target: { kind: 'url', url: 'http://agent.shop.svc:8080' },
    identity,
    limits: { scenario_ms_max: 90_500 },
    load,
    scenarios: [{ name: 'load', users: 6 }],
  };
  return {
    // Whole plans are held against the cluster; what is not looked at here is not there.
    plan: plan as unknown as KubernetesLoad['plan'],
    shards: 3,
    image: 'registry.example.com/muster:0.1.0',
    k6: { file: { schema: 'muster.k6-load/1', seed: 7 } },
  };
}

interface SomeLoad {
  readonly identity: Plan['identity'];
  readonly workers: number;
}
