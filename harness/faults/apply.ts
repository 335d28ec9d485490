/** From a planned fault to one at work: looks it up, checks that there is something to hurt and that it makes sense, and hurts it. */

import { linksOf } from '../model/links.ts';
import { isPeer } from '../model/peers.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { attributeProblems } from './attributes.ts';
import { type AppliedFault, type Fault, FaultFailed, type FaultSubject, type ProxyFault } from './fault.ts';
import { matching } from './matching.ts';
import type { FaultProxy } from './proxy/proxy.ts';
import { FAULTS } from './table.ts';
import { applyToxics } from './toxiproxy/apply.ts';
import { toxicsFor } from './toxiproxy/toxics.ts';

/**
 * Resolves when the fault's effect is there. Aborting `signal` before that heals and rejects with its reason; afterwards
 * the owner heals, by disposing. Throws `FaultFailed` when the plan makes no sense or the subject lacks what the fault needs.
 */
export async function applyFault(plan: FaultPlan, subject: FaultSubject, signal: AbortSignal): Promise<AppliedFault> {
  signal.throwIfAborted();
  const fault: Fault = FAULTS[plan.fault];
  const problems = attributeProblems({ ...plan }, fault.attributes, canMatch(fault));
  if (problems.length > 0) {
    const told = problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new FaultFailed(`Failed to apply "${plan.fault}" to the ${plan.target}: ${told.join('; ')}.`);
  }
  if (fault.needs === 'process') {
    if (subject.agent === undefined) {
      throw new FaultFailed(
        `Failed to apply "${plan.fault}" to the ${plan.target}: it needs a process that muster started, and there is none. ` +
          'Test the agent with --command or a fixture in a process of its own; a URL can only be hurt by faults that need a proxy.',
      );
    }
    return await fault.apply(plan, subject.agent, signal);
  }
  if (fault.needs === 'liar') {
    if (subject.lie === undefined) {
      throw new FaultFailed(
        `Failed to apply "${plan.fault}" to the ${plan.target}: it is no peer that muster started and that can be told to lie. ` +
          'Aim at the target "peer", and leave the peer to muster.',
      );
    }
    return await fault.apply(plan, subject.lie, signal);
  }
  const proxy = proxyFor(plan, fault, subject);
  const work = toxicsFor(plan);
  if (subject.toxics !== undefined && work.kind !== 'cannot') {
    return await applyToxics(plan, work, subject.toxics, signal);
  }
  return await fault.apply(plan, matching(plan, proxy, subject), signal);
}

const BYTES_ONLY =
  "between servers muster sees bytes, and nobody's calls; use a fault about ports, connections or bytes, without a match";

const isAboutBytes = (about: ProxyFault['about']): boolean =>
  about === 'ports' || about === 'connections' || about === 'bytes';

/** Why the fault cannot be on this target, whatever runs; nothing where it can. */
export function targetProblem(fault: Fault, target: string, hasMatch: boolean): string | undefined {
  if (fault.needs === 'liar')
    return isPeer(target) ? undefined : 'only a peer that muster starts can lie; aim at "peer", or at one of a crew';
  if (linksOf(target) === undefined) return undefined;
  return fault.needs === 'proxy' && isAboutBytes(fault.about) && !hasMatch ? undefined : BYTES_ONLY;
}

export function canMatch(fault: Fault): boolean {
  return fault.needs === 'proxy' && fault.about !== 'ports';
}

function proxyFor(plan: FaultPlan, { about }: ProxyFault, { proxy, isGrpc, isLinks }: FaultSubject): FaultProxy {
  if (proxy === undefined) {
    throw new FaultFailed(
      `Failed to apply "${plan.fault}" to the ${plan.target}: it needs a proxy in front of it, and there is none. ` +
        'Open one with openProxy({ upstream, signal }) and give its url to the clients; gRPC over TLS cannot be led through one.',
    );
  }
  const hasMatch = 'match' in plan && plan.match !== undefined;
  if (isLinks === true && (hasMatch || !isAboutBytes(about)))
    throw new FaultFailed(`Failed to apply "${plan.fault}" to the ${plan.target}: ${BYTES_ONLY}.`);
  const isAboutCalls = about === 'calls' || about === 'events' || hasMatch;
  if (isGrpc === true && isAboutCalls) {
    throw new FaultFailed(
      `Failed to apply "${plan.fault}" to the ${plan.target}: over gRPC the proxy sees bytes and messages, and no calls. ` +
        'Use --transport jsonrpc or rest, or a fault about connections, bytes or whole messages without a match.',
    );
  }
  return proxy;
}
