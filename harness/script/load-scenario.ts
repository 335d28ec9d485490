/**
 * The scenario `load`, made from a mix: each visit draws one script by weight from its own random stream, before the script draws
 * anything, so that both engines and every shard choose the same.
 */
import type { LoadPlan, MixPart } from '../model/load.ts';
import type { Random, Scenario } from '../model/scenario.ts';

export const LOAD_SCENARIO = 'load';

/** Weights are told apart down to a thousandth of a millionth of their sum. */
const DRAWS = 2 ** 30;

/** Throws for a script that is not among the scenarios, and for a mix of nothing. */
export function loadScenario(
  { mix }: Pick<LoadPlan, 'mix'>,
  scenarios: ReadonlyMap<string, Scenario>,
  users: number,
): Scenario {
  const parts = mix.map(({ script, weight }) => ({ weight, scenario: scenarioOf(script, scenarios) }));
  const [only] = parts;
  if (only === undefined) throw new Error('Failed to make a load: its mix names no script; give at least one');
  return {
    name: LOAD_SCENARIO,
    title: `Users come and ${mix.map(({ script }) => script).join(', ')}`,
    family: 'load',
    needs: [...new Set(parts.flatMap(({ scenario }) => scenario.needs))],
    capabilities: [...new Set(parts.flatMap(({ scenario }) => scenario.capabilities ?? []))],
    onlyNamed: true,
    users,
    load: { shape: 'closed' },
    mustExercise: [],
    script: (context) => drawByWeight(parts, context.random).scenario.script(context),
  };
}

/** `random` is that of the visit, before anything else was drawn from it. */
export function drawByWeight<P extends Pick<MixPart, 'weight'>>(parts: readonly P[], random: Random): P {
  const sum = parts.reduce((all, { weight }) => all + weight, 0);
  let left = (random.between(0, DRAWS - 1) / DRAWS) * sum;
  for (const part of parts) {
    if (left < part.weight) return part;
    left -= part.weight;
  }
  const last = parts.findLast(({ weight }) => weight > 0) ?? parts[0];
  if (last === undefined) throw new Error('Failed to draw a script: the mix is empty');
  return last;
}

function scenarioOf(name: string, scenarios: ReadonlyMap<string, Scenario>): Scenario {
  const found = scenarios.get(name);
  if (found !== undefined) return found;
  const known = [...scenarios.values()].filter(({ family }) => family === 'load').map((each) => each.name);
  throw new Error(
    `Failed to make a load: its mix names "${name}", and there is no such script; there are ${known.join(', ')}`,
  );
}
