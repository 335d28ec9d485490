/**
 * Gathers what a check found: one finding per kind, with a count and the example that takes the fewest events to show.
 * Memory: one example per kind.
 */
import type { Finding } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';

const EVIDENCE_MAX = 12;
const TASKS_MAX = 5;

export type Example = Omit<Finding, 'occurrences' | 'evidence'> & {
  /** In any order, gaps allowed; the last one is the one that cannot be. */
  readonly evidence: readonly (HistoryEvent | undefined)[];
};

export interface Findings {
  report(example: Example): void;
  list(): readonly Finding[];
}

export function startFindings(): Findings {
  const byKind = new Map<string, Finding>();
  return {
    report(example) {
      const evidence = inOrder(example.evidence);
      const users = [...new Set(example.users)];
      const tasks = [...new Set(example.tasks)].slice(0, TASKS_MAX);
      const known = byKind.get(example.kind);
      const occurrences = (known?.occurrences ?? 0) + 1;
      const isClearer = known === undefined || evidence.length < known.evidence.length;
      byKind.set(
        example.kind,
        isClearer ? { ...example, users, tasks, evidence, occurrences } : { ...known, occurrences },
      );
    },
    list: () => [...byKind.values()],
  };
}

/** By `seq`, none twice; when there are too many, those before the last ones are left out, but for the first two. */
function inOrder(events: readonly (HistoryEvent | undefined)[]): readonly HistoryEvent[] {
  const given = events.filter((event) => event !== undefined);
  const impossible = given.at(-1);
  const bySeq = new Map(given.map((event) => [event.seq, event]));
  if (impossible !== undefined) bySeq.delete(impossible.seq);
  const others = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const kept = others.length < EVIDENCE_MAX ? others : [...others.slice(0, 2), ...others.slice(3 - EVIDENCE_MAX)];
  return impossible === undefined ? kept : [...kept, impossible];
}
