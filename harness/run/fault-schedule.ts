/**
 * Applies the faults of a plan when their time has come and heals each after its time, at the latest when the users have
 * left. Every fault is told as asked, as applied with its proof, and as healed; one whose time never came, as failed. Two
 * that need the same process have it one after the other: what is being started again cannot be frozen.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { applyFault } from '../faults/apply.ts';
import type { AppliedFault, FaultSubject } from '../faults/fault.ts';
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import type { FaultEvent, Unstamped } from '../model/history.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { FaultPlan } from '../model/scenario.ts';

export interface FaultSchedule {
  /** The first user is about to arrive. */
  begin(): void;
  /** Something was written to the history. */
  count(event: Unstamped): void;
  /** Heals whatever is still broken and waits until it is. */
  end(): Promise<void>;
}

type Healed = Extract<FaultEvent, { phase: 'healed' }>;

export function scheduleFaults(options: {
  readonly faults: readonly FaultPlan[];
  readonly subjectOf: (fault: FaultPlan, fault_id: number) => FaultSubject | Promise<FaultSubject>;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
}): FaultSchedule {
  const { faults, emit, signal } = options;
  const usersLeft = new AbortController();
  const over = AbortSignal.any([usersLeft.signal, signal]);
  const under_way: Promise<void>[] = [];
  const begun = new Set<number>();
  /** Those whose moment has come, though they may begin later. */
  const triggered = new Set<number>();
  /** By `type` and by `type/phase`; as many entries as there are kinds of events. */
  const counts = new Map<string, number>();
  /** When the process of a target is in nobody's hands any more. */
  const hands = new Map<FaultPlan['target'], Promise<void>>();
  let hasBegun = false;

  const start = (fault_id: number, fault: FaultPlan): void => {
    begun.add(fault_id);
    const before = PROCESS_FAULTS.has(fault.fault) ? hands.get(fault.target) : undefined;
    const work = before === undefined ? carryOut(fault_id, fault) : before.then(() => carryOutLate(fault_id, fault));
    if (PROCESS_FAULTS.has(fault.fault)) hands.set(fault.target, work);
    under_way.push(work);
  };

  const carryOutLate = async (fault_id: number, fault: FaultPlan): Promise<void> => {
    if (!over.aborted) return carryOut(fault_id, fault);
    const message = `its time came while the process of the ${fault.target} was in the hands of another fault, until the users left`;
    emit({ type: 'fault', fault_id, fault, phase: 'failed', message });
  };

  const trigger = (fault_id: number, fault: FaultPlan, wait_ms: number): void => {
    triggered.add(fault_id);
    if (wait_ms === 0) start(fault_id, fault);
    else void wait(wait_ms, over).then(() => !over.aborted && start(fault_id, fault));
  };

  const carryOut = async (fault_id: number, fault: FaultPlan): Promise<void> => {
    const tell = (
      event:
        | { phase: 'asked' }
        | { phase: 'applied'; proof: string }
        | Pick<Healed, 'phase' | 'proof' | 'hits' | 'attempts' | 'turned_away'>,
    ): void => {
      emit({ type: 'fault', fault_id, fault, ...event });
    };
    let applied: AppliedFault | undefined;
    try {
      tell({ phase: 'asked' });
      const subject = await options.subjectOf(fault, fault_id);
      applied = await applyFault(fault, subject, signal);
      const before = attemptsAt(subject);
      tell({ phase: 'applied', proof: applied.proof });
      await wait(fault.for_ms, over);
      const after = attemptsAt(subject);
      const attempts = before === undefined || after === undefined ? {} : { attempts: after - before };
      const proof = await applied.heal();
      const turned_away = applied.turnedAway?.();
      const counted = {
        ...(applied.hits && { hits: applied.hits() }),
        ...attempts,
        ...(turned_away && { turned_away }),
      };
      tell({ phase: 'healed', proof, ...counted });
    } catch (error) {
      emit({ type: 'fault', fault_id, fault, phase: 'failed', message: reasonOf(error) });
    } finally {
      await applied?.[Symbol.asyncDispose]();
    }
  };

  return {
    begin: () => {
      hasBegun = true;
      for (const [fault_id, fault] of faults.entries()) {
        const { begins } = fault;
        // Also one that begins at once does so when the first user has had his turn to arrive.
        if ('at_ms' in begins) trigger(fault_id, fault, Math.max(begins.at_ms + (begins.later_ms ?? 0), 1));
      }
    },
    count: (event) => {
      // Each event of a load comes by, and few loads have faults.
      if (faults.length === 0 || !hasBegun || over.aborted) return;
      const kinds = 'phase' in event ? [event.type, `${event.type}/${event.phase}`] : [event.type];
      for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      for (const [fault_id, fault] of faults.entries()) {
        if (triggered.has(fault_id) || 'at_ms' in fault.begins) continue;
        const { kind, needed } = awaitedBy(fault.begins);
        if ((counts.get(kind) ?? 0) >= needed) trigger(fault_id, fault, fault.begins.later_ms ?? 0);
      }
    },
    end: async () => {
      usersLeft.abort();
      await Promise.all(under_way);
      for (const [fault_id, fault] of faults.entries()) {
        if (begun.has(fault_id)) continue;
        const message = `its time never came: ${JSON.stringify(fault.begins)}, but ${soFar(fault, counts)} before the users left`;
        emit({ type: 'fault', fault_id, fault, phase: 'failed', message });
      }
    },
  };
}

/** A connection that is reset brings no request, and a client that was reset comes again with another connection. */
function attemptsAt({ proxy }: FaultSubject): number | undefined {
  const counters = proxy?.counters();
  return counters === undefined ? undefined : counters.requests + (counters.effects['down']?.hits ?? 0);
}

type Awaited = Exclude<FaultPlan['begins'], { readonly at_ms: number }>;

function awaitedBy(begins: Awaited): { readonly kind: string; readonly needed: number } {
  return 'of' in begins
    ? { kind: begins.of, needed: begins.after_events }
    : { kind: 'event', needed: begins.after_stream_events };
}

function soFar({ begins }: FaultPlan, counts: ReadonlyMap<string, number>): string {
  if ('at_ms' in begins) return 'it was not that late';
  const { kind, needed } = awaitedBy(begins);
  const seen = counts.get(kind) ?? 0;
  if (seen >= needed) return 'it was not that late';
  return `only ${seen} ${kind === 'event' ? 'stream events came in' : `events "${kind}" were seen`}`;
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
