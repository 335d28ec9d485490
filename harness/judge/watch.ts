/**
 * Says as soon as a history convicts, before it is over: what is seen in a part of a history is seen in the whole, so whoever only
 * waits for one finding need not wait for the end.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import { judge } from './judge.ts';

/** More are not judged before their end: what has been seen is kept and judged again and again. */
const EVENTS_MAX = 20_000;
const EVENTS_MIN = 8;
/** Then all judging together costs ten times that of the whole. */
const GROWTH = 0.1;

/** Gives true from the moment on in which one of the fingerprints is there. */
export function startWatch(
  plan: Plan,
  checks: readonly Check[],
  fingerprints: ReadonlySet<string>,
): (event: HistoryEvent) => boolean {
  const events: HistoryEvent[] = [];
  let next = EVENTS_MIN;
  let seen = false;
  return (event) => {
    if (seen || next > EVENTS_MAX) return seen;
    events.push(event);
    if (events.length < next) return false;
    seen = judge(plan, events, checks).scenarios.some(({ findings }) =>
      findings.some((finding) => finding.fingerprints.some((one) => fingerprints.has(one))),
    );
    next = Math.ceil(events.length * (1 + GROWTH));
    if (seen || next > EVENTS_MAX) events.length = 0;
    return seen;
  };
}
