/**
 * When a fault has been healed, the agent soon serves its users again. It is measured from the heal to the first sign of
 * success of an op that was sent after it; that nobody asked for a while says nothing, so an agent is accused only of what
 * failed. After a fault on its peer, an agent has recovered when it delegates again and the task
 * neither fails nor is answered by a stand-in.
 */

import type { Check } from '../model/check.ts';
import type { FaultEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { isPeer } from '../model/peers.ts';
import { type Signs, signFor, startSigns } from '../model/signs.ts';
import { startFindings } from './parts/findings.ts';
import { ANSWERS } from './parts/reading.ts';

interface Recovery {
  readonly healed: FaultEvent;
  /** The first and the last op that failed after the heal, with their ends. */
  firstFailure: readonly [InvokeEvent, KeptEvent] | undefined;
  lastFailure: readonly [InvokeEvent, KeptEvent] | undefined;
  failures: number;
  success: KeptEvent | undefined;
  /** Another fault was there, or came before there was an answer. */
  isOverlaid: boolean;
}

export const recovers: Check = {
  name: 'recovers',
  title: 'Soon after a fault is healed the agent serves its users again',
  section: 'policy',
  memory: 'A few events per fault, and a word or two per open stream that delegates.',
  judges: 'agent',
  reads: ['fault', 'scenario', ...ANSWERS],
  concerns: ({ faults }) => faults.length > 0,
  start: ({ plan }) => {
    const { recovery_ms_max } = plan.policy;
    const findings = startFindings();
    const recoveries = new Map<number, Recovery>();
    const read = startSigns();
    const open = new Set<number>();
    const failedFaults: string[] = [];
    let hasEnded = false;
    let isBroken = false;

    const onFault = (event: FaultEvent): void => {
      if (event.phase === 'failed') failedFaults.push(event.fault.fault);
      if (event.phase === 'asked') {
        open.add(event.fault_id);
        for (const recovery of recoveries.values()) recovery.isOverlaid ||= recovery.success === undefined;
        return;
      }
      if (event.phase !== 'applied') open.delete(event.fault_id);
      if (event.phase !== 'healed') return;
      recoveries.set(event.fault_id, {
        healed: event,
        firstFailure: undefined,
        lastFailure: undefined,
        failures: 0,
        success: undefined,
        isOverlaid: open.size > 0,
      });
    };

    const note = (recovery: Recovery, event: HistoryEvent, invoke: InvokeEvent, signs: Signs): void => {
      if (recovery.success !== undefined || recovery.isOverlaid || invoke.seq < recovery.healed.seq) return;
      const sign = signFor(signs, recovery.healed.fault.target);
      if (sign === 'success') recovery.success = keep(event);
      if (sign !== 'failure') return;
      recovery.firstFailure ??= [invoke, keep(event)];
      recovery.lastFailure = [invoke, keep(event)];
      recovery.failures += 1;
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault') onFault(event);
        if (event.type === 'scenario') {
          hasEnded ||= event.phase === 'ended';
          isBroken ||= event.phase === 'broken';
        }
        if (invoke === undefined) return;
        const signs = read(event, invoke);
        for (const recovery of recoveries.values()) note(recovery, event, invoke, signs);
      },
      close() {
        let evidence = 0;
        let unjudged = 0;
        for (const recovery of recoveries.values()) {
          const verdict = judge(recovery, recovery_ms_max, hasEnded && !isBroken);
          if (verdict === 'unknown') unjudged += 1;
          else evidence += 1;
          if (verdict !== 'unknown' && verdict !== 'recovered')
            findings.report(exampleOf(recovery, verdict, recovery_ms_max));
        }
        const notes = [
          unjudged > 0 ? `${unjudged} heals were not judged: too little was asked of the agent after them.` : '',
          failedFaults.length > 0
            ? `${failedFaults.length} faults failed: ${failedFaults.slice(0, 5).join(', ')}.`
            : '',
        ].filter((text) => text !== '');
        return { evidence, findings: findings.list(), ...(notes.length > 0 && { note: notes.join(' ') }) };
      },
    };
  },
};

type Verdict = 'recovered' | 'unknown' | 'recovers-late' | 'does-not-recover';

/** Failures in the first moments after a heal are those of connections that broke before it. */
const MOMENTS_OF_GRACE = 0.1;

/** Of an agent whose users were stopped, or of whom the rest is not known, nobody knows whether it was about to recover in time. */
function judge(
  { healed, success, lastFailure, isOverlaid }: Recovery,
  recovery_ms_max: number,
  isWhole: boolean,
): Verdict {
  const failed_ms = lastFailure === undefined ? 0 : lastFailure[1].time_ms - healed.time_ms;
  if (success === undefined) {
    if (isOverlaid) return 'unknown';
    return failed_ms > recovery_ms_max * (isWhole ? MOMENTS_OF_GRACE : 1) ? 'does-not-recover' : 'unknown';
  }
  if (success.time_ms - healed.time_ms <= recovery_ms_max) return 'recovered';
  return failed_ms > recovery_ms_max ? 'recovers-late' : 'unknown';
}

function exampleOf(recovery: Recovery, kind: 'recovers-late' | 'does-not-recover', recovery_ms_max: number) {
  const { healed, success, firstFailure, lastFailure, failures } = recovery;
  const { fault, target } = healed.fault;
  const after_ms = Math.round((success ?? lastFailure?.[1] ?? healed).time_ms - healed.time_ms);
  const users = [firstFailure?.[0].user, lastFailure?.[0].user].filter((user) => user !== undefined);
  return {
    kind,
    message:
      success === undefined
        ? `The agent did not recover from "${fault}"`
        : `The agent took too long to recover from "${fault}"`,
    expected: `Within ${recovery_ms_max} ms after "${fault}" on the ${target} is healed, ${isPeer(target) ? `a task that needs the ${target} works` : 'an op works'} again.`,
    seen:
      success === undefined
        ? `${failures} ops that were sent after the heal all failed; the last one ${after_ms} ms after it.`
        : `${failures} ops that were sent after the heal failed; the first success came ${after_ms} ms after it.`,
    users,
    tasks: [],
    // What the last op happened to be says nothing.
    shape: `${fault} on ${target}`,
    evidence: [healed, ...(firstFailure ?? []), ...(lastFailure ?? []), success],
  };
}
