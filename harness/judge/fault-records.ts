/** The story of each fault: asked, applied with its proof, healed; how the agent came back is measured apart, and joined here. */
import type { FaultEvent } from '../model/history.ts';
import type { FaultRecord, RecoveryRecord } from '../model/record.ts';

/** By `fault_id`: one entry per fault of the plan, as yet without its recovery. */
export type FaultStories = Map<number, FaultRecord>;

export function addFaultEvent(stories: FaultStories, event: FaultEvent): void {
  stories.set(event.fault_id, tell(stories.get(event.fault_id) ?? begin(event), event));
}

/** Two parts of one scenario, each of which saw its faults: the earliest times. */
export function mergeFaultStories(a: FaultStories, b: FaultStories): FaultStories {
  const merged: FaultStories = new Map(a);
  for (const [id, other] of b) {
    const story = merged.get(id);
    merged.set(id, story === undefined ? other : mergeStory(story, other));
  }
  return merged;
}

export function toFaultRecords(
  stories: FaultStories,
  recoveries: ReadonlyMap<number, RecoveryRecord> = new Map(),
): FaultRecord[] {
  return [...stories.values()]
    .sort((a, b) => a.fault_id - b.fault_id)
    .map((story) => {
      const recovery = recoveries.get(story.fault_id);
      return recovery === undefined ? story : { ...story, recovery_ms: recovery.first_success_ms, recovery };
    });
}

function begin({ fault_id, fault, time_ms }: FaultEvent): FaultRecord {
  return { fault_id, fault, asked_ms: time_ms, applied_ms: null, healed_ms: null, proof: '', recovery_ms: null };
}

function tell(record: FaultRecord, event: FaultEvent): FaultRecord {
  switch (event.phase) {
    case 'asked':
      return record;
    case 'applied':
      return { ...record, applied_ms: event.time_ms, proof: joinProof(record, event.proof) };
    case 'healed': {
      const { hits } = event;
      const proof = joinProof(record, event.proof);
      return { ...record, healed_ms: event.time_ms, proof, ...(hits === undefined ? {} : { hits }) };
    }
    case 'failed':
      return { ...record, proof: joinProof(record, `failed: ${event.message}`) };
  }
}

function joinProof(record: FaultRecord, more: string): string {
  return record.proof === '' ? more : `${record.proof}; ${more}`;
}

function mergeStory(a: FaultRecord, b: FaultRecord): FaultRecord {
  return {
    ...a,
    asked_ms: Math.min(a.asked_ms, b.asked_ms),
    applied_ms: earlier(a.applied_ms, b.applied_ms),
    healed_ms: earlier(a.healed_ms, b.healed_ms),
    proof: a.proof === '' ? b.proof : a.proof,
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
