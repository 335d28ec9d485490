/**
 * Gives findings their evidence back whole: checks keep of an answer only its place, so that what they remember does not grow with what
 * agents say, and few events of a history are ever evidence.
 */
import type { Finding } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import { isLeftOut } from '../model/kept.ts';

/** The history once more, or at least those of its events that have one of these places. Asked only where there are any. */
export type Recall = (seqs: ReadonlySet<number>) => Iterable<HistoryEvent>;

/** What the history does not tell any more, as that of a full disk may not, is left out. */
export function wholeEvidence(
  findings: readonly Finding[],
  recall: Recall,
): (evidence: Finding['evidence']) => readonly HistoryEvent[] {
  const wanted = new Set(findings.flatMap(({ evidence }) => evidence.filter(isLeftOut).map(({ seq }) => seq)));
  const found = new Map<number, HistoryEvent>();
  if (wanted.size > 0) {
    for (const event of recall(wanted)) {
      if (wanted.has(event.seq)) found.set(event.seq, event);
      if (found.size === wanted.size) break;
    }
  }
  return (evidence) => evidence.flatMap((event) => (isLeftOut(event) ? (found.get(event.seq) ?? []) : event));
}
