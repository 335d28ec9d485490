/**
 * Gathers what a check found: one finding per kind, with a count, the example that takes the fewest events to show, and the
 * shapes of all, since which example is kept is a matter of luck. Memory: one example and at most 21 shapes per kind.
 */
import type { Finding } from '../../model/check.ts';
import type { Evidence } from '../../model/kept.ts';
import { shapeOf } from './shapes.ts';

const EVIDENCE_MAX = 12;
const TASKS_MAX = 5;
const SHAPES_MAX = 20;
const OTHER_SHAPES = 'any other shape';

export type Example = Omit<Finding, 'occurrences' | 'evidence' | 'shapes'> & {
  /** Only where the last event does not say it, as when it is a matter of luck which comes last. */
  readonly shape?: string;
  /** In any order, gaps allowed; the last one is the one that cannot be. */
  readonly evidence: readonly (Evidence | undefined)[];
};

export interface Findings {
  report(example: Example): void;
  list(): readonly Finding[];
}

export function startFindings(): Findings {
  const byKind = new Map<string, Finding>();
  return {
    report({ shape, ...example }) {
      const evidence = inOrder(example.evidence);
      const users = [...new Set(example.users)];
      const tasks = [...new Set(example.tasks)].slice(0, TASKS_MAX);
      const known = byKind.get(example.kind);
      const occurrences = (known?.occurrences ?? 0) + 1;
      const told = shape ?? shapeOf(example.evidence.filter((event) => event !== undefined));
      const shapes = withShape(known?.shapes ?? [], told);
      const isClearer = known === undefined || evidence.length < known.evidence.length;
      byKind.set(
        example.kind,
        isClearer ? { ...example, shapes, users, tasks, evidence, occurrences } : { ...known, shapes, occurrences },
      );
    },
    list: () => [...byKind.values()],
  };
}

/** In order, none twice. What does not fit any more is still told, so that nobody accepts it unseen. */
function withShape(shapes: readonly string[], shape: string): readonly string[] {
  const one = shapes.length < SHAPES_MAX || shapes.includes(shape) ? shape : OTHER_SHAPES;
  return shapes.includes(one) ? shapes : [...shapes, one].sort();
}

/** By `seq`, none twice; when there are too many, those before the last ones are left out, but for the first two. */
function inOrder(events: readonly (Evidence | undefined)[]): readonly Evidence[] {
  const given = events.filter((event) => event !== undefined);
  const impossible = given.at(-1);
  const bySeq = new Map(given.map((event) => [event.seq, event]));
  if (impossible !== undefined) bySeq.delete(impossible.seq);
  const others = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const kept = others.length < EVIDENCE_MAX ? others : [...others.slice(0, 2), ...others.slice(3 - EVIDENCE_MAX)];
  return impossible === undefined ? kept : [...kept, impossible];
}
