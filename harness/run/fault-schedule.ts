/**
 * Applies the faults of a plan when their time has come and heals each after its time, at the latest when the users have
 * left. Every fault is told as asked, as applied with its proof, and as healed; one whose time never came, as failed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { applyFault } from '../faults/apply.ts';
import type { AppliedFault, FaultSubject } from '../faults/fault.ts';
import type { Unstamped } from '../model/history.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { reasonOf } from './reason-of.ts';

export interface FaultSchedule {
  /** The first user is about to arrive. */
  begin(): void;
  /** A stream event has come in. */
  countStreamEvent(): void;
  /** Heals whatever is still broken and waits until it is. */
  end(): Promise<void>;
}

export function scheduleFaults(options: {
  readonly faults: readonly FaultPlan[];
  readonly subjectOf: (fault: FaultPlan, fault_id: number) => FaultSubject;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
}): FaultSchedule {
  const { faults, emit, signal } = options;
  const usersLeft = new AbortController();
  const over = AbortSignal.any([usersLeft.signal, signal]);
  const under_way: Promise<void>[] = [];
  const begun = new Set<number>();
  let events = 0;

  const start = (fault_id: number, fault: FaultPlan): void => {
    if (begun.has(fault_id)) return;
    begun.add(fault_id);
    under_way.push(carryOut(fault_id, fault));
  };

  const carryOut = async (fault_id: number, fault: FaultPlan): Promise<void> => {
    const tell = (
      event:
        | { phase: 'asked' }
        | { phase: 'applied'; proof: string }
        | { phase: 'healed'; proof: string; hits?: number },
    ): void => {
      emit({ type: 'fault', fault_id, fault, ...event });
    };
    let applied: AppliedFault | undefined;
    try {
      tell({ phase: 'asked' });
      applied = await applyFault(fault, options.subjectOf(fault, fault_id), signal);
      tell({ phase: 'applied', proof: applied.proof });
      await wait(fault.for_ms, over);
      const proof = await applied.heal();
      tell({ phase: 'healed', proof, ...(applied.hits && { hits: applied.hits() }) });
    } catch (error) {
      emit({ type: 'fault', fault_id, fault, phase: 'failed', message: reasonOf(error) });
    } finally {
      await applied?.[Symbol.asyncDispose]();
    }
  };

  return {
    begin: () => {
      for (const [fault_id, fault] of faults.entries()) {
        if ('at_ms' in fault.begins) {
          void wait(fault.begins.at_ms, over).then(() => {
            if (!over.aborted) start(fault_id, fault);
          });
        }
      }
    },
    countStreamEvent: () => {
      events += 1;
      for (const [fault_id, fault] of faults.entries()) {
        if ('after_stream_events' in fault.begins && events >= fault.begins.after_stream_events) start(fault_id, fault);
      }
    },
    end: async () => {
      usersLeft.abort();
      await Promise.all(under_way);
      for (const [fault_id, fault] of faults.entries()) {
        if (begun.has(fault_id)) continue;
        const message = `its time never came: ${JSON.stringify(fault.begins)}, but only ${events} stream events came in before the users left`;
        emit({ type: 'fault', fault_id, fault, phase: 'failed', message });
      }
    },
  };
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
