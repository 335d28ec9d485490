/** The guard of a load as one run has it: what it counts comes from the run's own world, and being stopped breaks the scenario off. */
import type { World } from '../engines/node/world.ts';
import { startMeasuring } from '../judge/feed.ts';
import { startWindow } from '../judge/gate-window.ts';
import { loadRulesOf } from '../judge/load-metrics.ts';
import { startPairing } from '../judge/pairing.ts';
import type { Measurement, Measures } from '../model/measurement.ts';
import { guardMeasures, guardWorld } from './guard-world.ts';
import type { PlanOfLoad } from './load.ts';
import { openLoadGuard } from './load-guard.ts';

export interface GuardedLoad extends Disposable {
  readonly world: World;
  readonly measures: Measures;
}

/** `broken` is told the reason when the load is stopped. */
export function openGuardedLoad(
  plan: PlanOfLoad,
  bare: { readonly world: World; readonly measures: Measures },
  broken: (reason: string) => void,
): GuardedLoad {
  const { load } = plan;
  const rules = loadRulesOf(plan);
  if (rules === undefined) throw new Error('Failed to guard a load: its plan has none');
  const guard = openLoadGuard<Measurement>({
    load,
    clock: bare.world.clock,
    watch: (rule) => startWindow(rule, rules),
    bytesIn: () => bare.world.wireOf('agent')?.traffic?.().bytes_in,
  });
  guard.signal.addEventListener('abort', () => broken(guard.reason() ?? 'it was stopped'), { once: true });
  const pair = startPairing();
  const measure = startMeasuring();
  return {
    world: guardWorld(bare.world, {
      guard,
      // Nobody asks for what nobody looks at.
      measuring: load.abort.length === 0 ? () => undefined : (event) => measure(event, pair(event)),
    }),
    measures: guardMeasures(bare.measures, guard),
    [Symbol.dispose]: () => guard[Symbol.dispose](),
  };
}
