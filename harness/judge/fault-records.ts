/**
 * The story of each fault: asked, applied, healed, and how long after the heal the agent served a user again. An op
 * counts for the recovery when it was sent after the heal, so `seq` decides and not the clock. The final reading back
 * does not count: it begins when muster likes, and would measure muster's patience.
 */
import type { FailEvent, FaultEvent, InvokeEvent, OkEvent } from '../model/history.ts';
import type { FaultRecord } from '../model/record.ts';
import { isAnswer } from './tally.ts';

export interface FaultStory {
  readonly record: FaultRecord;
  readonly healed_seq: number | null;
  /** Ops sent after the heal that got no answer, before the first success. */
  readonly tried_in_vain: number;
}

/** By `fault_id`: one entry per fault of the plan. */
export type FaultStories = Map<number, FaultStory>;

export function addFaultEvent(stories: FaultStories, event: FaultEvent): void {
  const story = stories.get(event.fault_id) ?? begin(event);
  stories.set(event.fault_id, tell(story, event));
}

export function addOutcomeAfterFaults(stories: FaultStories, event: OkEvent | FailEvent, invoke: InvokeEvent): void {
  for (const [id, story] of stories) {
    const { record, healed_seq } = story;
    if (healed_seq === null || record.healed_ms === null || record.recovery_ms !== null) continue;
    if (invoke.seq < healed_seq) continue;
    if (isSuccess(event)) {
      const recovery_ms = Math.round((event.time_ms - record.healed_ms) * 1000) / 1000;
      stories.set(id, { ...story, record: { ...record, recovery_ms } });
    } else if (event.type !== 'ok' && !isAnswer(event.error.code)) {
      stories.set(id, { ...story, tried_in_vain: story.tried_in_vain + 1 });
    }
  }
}

/** Two parts of one scenario, each of which saw its faults: the earliest times, and the first success of any user. */
export function mergeFaultStories(a: FaultStories, b: FaultStories): FaultStories {
  const merged: FaultStories = new Map(a);
  for (const [id, other] of b) {
    const story = merged.get(id);
    merged.set(id, story === undefined ? other : mergeStory(story, other));
  }
  return merged;
}

export function toFaultRecords(stories: FaultStories): FaultRecord[] {
  return [...stories.values()].map(({ record }) => record).sort((a, b) => a.fault_id - b.fault_id);
}

function begin(event: FaultEvent): FaultStory {
  return {
    record: {
      fault_id: event.fault_id,
      fault: event.fault,
      asked_ms: event.time_ms,
      applied_ms: null,
      healed_ms: null,
      proof: '',
      recovery_ms: null,
    },
    healed_seq: null,
    tried_in_vain: 0,
  };
}

function tell(story: FaultStory, event: FaultEvent): FaultStory {
  const { record } = story;
  switch (event.phase) {
    case 'asked':
      return story;
    case 'applied':
      return { ...story, record: { ...record, applied_ms: event.time_ms, proof: joinProof(record, event.proof) } };
    case 'healed':
      return {
        ...story,
        record: {
          ...record,
          healed_ms: event.time_ms,
          proof: joinProof(record, event.proof),
          ...(event.hits === undefined ? {} : { hits: event.hits }),
        },
        healed_seq: event.seq,
      };
    case 'failed':
      return { ...story, record: { ...record, proof: joinProof(record, `failed: ${event.message}`) } };
  }
}

function joinProof(record: FaultRecord, more: string): string {
  return record.proof === '' ? more : `${record.proof}; ${more}`;
}

function isSuccess(event: OkEvent | FailEvent): boolean {
  if (event.type !== 'ok') return false;
  return event.value.ended !== 'by-reader' || (event.value.events ?? 0) > 0;
}

function mergeStory(a: FaultStory, b: FaultStory): FaultStory {
  return {
    record: {
      ...a.record,
      asked_ms: Math.min(a.record.asked_ms, b.record.asked_ms),
      applied_ms: earlier(a.record.applied_ms, b.record.applied_ms),
      healed_ms: earlier(a.record.healed_ms, b.record.healed_ms),
      proof: a.record.proof === '' ? b.record.proof : a.record.proof,
      recovery_ms: earlier(a.record.recovery_ms, b.record.recovery_ms),
    },
    healed_seq: earlier(a.healed_seq, b.healed_seq),
    tried_in_vain: a.tried_in_vain + b.tried_in_vain,
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
