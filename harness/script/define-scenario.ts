/** Names the type of a scenario, so that its author gets completion and its mistakes are found by the compiler. */
import type { Scenario } from '../model/scenario.ts';

export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}
