/** Narrows what a fault does to a proxy to the calls that its plan matches, so that no fault needs to know of matches. */
import type { FaultMatch, FaultPlan } from '../model/scenario.ts';
import { FaultFailed, type FaultSubject } from './fault.ts';
import type { CallMatch } from './proxy/match.ts';
import type { FaultProxy } from './proxy/proxy.ts';

/** The same proxy; rules that are added through it hit what the plan matches, and draw from the seed. */
export function matching(plan: FaultPlan, proxy: FaultProxy, subject: FaultSubject): FaultProxy {
  const match = 'match' in plan ? plan.match : undefined;
  const draw = subject.draw && ((count: number) => subject.draw?.('rule', count) ?? 0);
  const narrowed = match === undefined ? {} : { match: callMatch(plan, match, subject) };
  return { ...proxy, add: (rule) => proxy.add({ ...rule, ...narrowed, ...(draw && { draw }) }) };
}

function callMatch(plan: FaultPlan, match: FaultMatch, { headersOf, draw }: FaultSubject): CallMatch {
  const { user, probability, ...rest } = match;
  const failed = (why: string): FaultFailed =>
    new FaultFailed(`Failed to apply "${plan.fault}" to the ${plan.target}: ${why}.`);
  const headers = user === undefined ? undefined : headersOf?.(user);
  if (user !== undefined && Object.keys(headers ?? {}).length === 0) {
    throw failed(
      `${user} has no headers of his own, so his calls are not to be told from others; give users an identity`,
    );
  }
  if (probability !== undefined && draw === undefined) {
    throw failed('its probability needs draws from a seed; give it a draw');
  }
  return {
    ...rest,
    ...(headers && { headers }),
    ...(probability === undefined ? {} : { probability }),
    ...(draw && { draw: (count) => draw('match', count) }),
  };
}

/** For a proof: which calls are meant, or nothing for all. */
export function describeMatch(match: FaultMatch | undefined): string {
  if (match === undefined) return '';
  const { user, operation, task, nth, probability } = match;
  const told = [
    ...(operation === undefined ? [] : [operation]),
    ...(user === undefined ? [] : [`of ${user}`]),
    ...(task === undefined ? [] : [`to the ${ordinal(task)} task`]),
    ...(nth === undefined ? [] : [`the ${ordinal(nth)} only`]),
    ...(probability === undefined ? [] : [`with probability ${probability}`]),
  ];
  return `; hits calls ${told.join(', ')}`;
}

function ordinal(count: number): string {
  const ending = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${ending}`;
}
