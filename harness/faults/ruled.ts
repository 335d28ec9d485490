/** Proxy faults are one rule each: this ties a rule to the life of a fault, so that each fault's file says only what is its own. */
import type { AppliedFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { proofOf } from './proof.ts';
import type { FaultProxy, ProxyRule, ProxyRuleHandle } from './proxy/proxy.ts';

/** `applied` says what is in force from now on; the proof at heal time says what came of it. */
export function applyRule(
  proxy: FaultProxy,
  rule: ProxyRule,
  applied: (handle: ProxyRuleHandle) => string,
  signal: AbortSignal,
): Promise<AppliedFault> {
  let handle: ProxyRuleHandle | undefined;
  const bite = async (): Promise<string> => {
    handle = proxy.add(rule);
    return applied(handle);
  };
  const heal = async (): Promise<string> => {
    if (handle === undefined) return 'it was never in force';
    handle[Symbol.dispose]();
    return proofOf(rule, handle.effect());
  };
  return inflict(`add the rule "${rule.kind}" to the proxy ${proxy.url}`, { bite, heal }, signal);
}
