/** Proxy faults are one rule each: this ties a rule to the life of a fault, so that each fault's file says only what is its own. */
import type { FaultPlan } from '../model/scenario.ts';
import type { AppliedFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { describeMatch } from './matching.ts';
import type { FaultProxy, ProxyRule, ProxyRuleHandle, RuleEffect } from './proxy/proxy.ts';

export interface Ruling {
  readonly rule: Omit<ProxyRule, 'name' | 'match' | 'draw'>;
  /** What is in force from now on. */
  readonly applied: (effect: RuleEffect) => string | Promise<string>;
  /** What came of it; asked only where something did. */
  readonly healed: (effect: RuleEffect) => string;
}

export function applyRule(
  plan: FaultPlan,
  proxy: FaultProxy,
  { rule, applied, healed }: Ruling,
  signal: AbortSignal,
): Promise<AppliedFault> {
  let handle: ProxyRuleHandle | undefined;
  const bite = async (): Promise<string> => {
    handle = proxy.add({ ...rule, name: plan.fault });
    await proxy.settled();
    return (await applied(handle.effect())) + describeMatch('match' in plan ? plan.match : undefined);
  };
  const heal = async (): Promise<string> => {
    if (handle === undefined) return 'it was never in force';
    handle[Symbol.dispose]();
    await proxy.settled();
    return handle.effect().hits === 0 ? 'no traffic met it' : healed(handle.effect());
  };
  const hits = (): number => handle?.effect().hits ?? 0;
  const turnedAway = () => handle?.effect().turned_away;
  return inflict(`add the rule "${plan.fault}" to the proxy ${proxy.url}`, { bite, heal, hits, turnedAway }, signal);
}
