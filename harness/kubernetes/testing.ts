/** A small load for tests: its plan has what the manifests look at, and is otherwise left out of the goldens. */
import type { Plan } from '../model/plan.ts';
import type { Engine, KubernetesLoad } from './kubernetes-load.ts';

export function someLoad({ identity = { kind: 'anonymous' }, workers = 1 }: Partial<SomeLoad> = {}): KubernetesLoad {
  // Whole plans are held against the cluster; what is not looked at here is not there.
  const planOf = (engine: Engine) =>
    ({
      schema: 'muster.plan/1',
      muster: '0.1.0',
      seed: 7,
      target: { kind: 'url', url: 'http://agent.shop.svc:8080' },
      identity,
      limits: { scenario_ms_max: 90_500 },
      load: { profile: 'smoke', engine, workers },
      scenarios: [{ name: 'load', users: 6 }],
    }) as unknown as KubernetesLoad['plan'];
  return {
    plan: planOf('node'),
    shards: 3,
    image: 'registry.example.com/muster:0.1.0',
    k6: { plan: planOf('k6'), file: { schema: 'muster.k6-load/1', seed: 7 } },
  };
}

interface SomeLoad {
  readonly identity: Plan['identity'];
  readonly workers: number;
}
