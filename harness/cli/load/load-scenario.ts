/** The one scenario of a load as a plan has it. Its script is chosen visit by visit from the mix, by whatever engine makes the load. */
import type { MixPart } from '../../model/load.ts';
import type { Scenario } from '../../model/scenario.ts';
import { LOAD_SCRIPTS } from '../../plan/load-scripts.ts';

export const LOAD = 'load';

export function loadScenario(title: string | undefined, mix: readonly MixPart[], users: number): Scenario {
  const scripts = mix.flatMap(({ script }) => LOAD_SCRIPTS[script] ?? []);
  return {
    name: LOAD,
    title: title ?? `Users come and ${mix.map(({ script }) => script).join(', ')}`,
    family: 'load',
    needs: [...new Set(scripts.flatMap(({ needs }) => needs))],
    capabilities: [...new Set(scripts.flatMap(({ capabilities }) => capabilities))],
    onlyNamed: true,
    users,
    load: { shape: 'closed' },
    mustExercise: [],
    *script() {},
  };
}
