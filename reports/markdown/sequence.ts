/** A finding's timeline as a Mermaid diagram, which GitHub, GitLab and others draw where it is pasted. */
import type { FindingRecord } from '../../harness/model/record.ts';
import { count, whole } from '../measure.ts';
import { type Row, timeline } from '../timeline.ts';
import { clip } from '../visible.ts';
import { drawn } from './escape.ts';

const LABEL_MAX = 120;
/** Seen on a light page and on a dark one. */
const RED = 'rgba(214, 57, 57, 0.3)';

/** Nothing where no event shows it. */
export function sequence(finding: FindingRecord): string | null {
  const { lanes, rows, left_out } = timeline(finding);
  const last = lanes.length - 1;
  if (rows.length === 0 || last < 0) return null;
  const everybody = last === 0 ? 'p0' : `p0,p${last}`;
  const step = (row: Row): string => {
    const told = `${whole(Math.round(row.since_ms))} ms · ${drawn(clip(row.label, LABEL_MAX))}`;
    if (row.from === undefined || row.to === undefined) return `Note over ${everybody}: ${told}`;
    if (row.from === row.to) return `Note over p${row.from}: ${told}`;
    const arrow = lanes[row.from]?.kind === 'user' ? '->>' : '-->>';
    return `p${row.from}${arrow}p${row.to}: ${told}`;
  };
  return [
    'sequenceDiagram',
    ...lanes.map(({ name }, lane) => `participant p${lane} as ${drawn(clip(name, 40))}`),
    ...(left_out > 0 ? [`Note over ${everybody}: ${count(left_out, 'earlier event')} left out`] : []),
    ...rows.flatMap((row) =>
      row.impossible ? [`rect ${RED}`, step(row), `Note over ${everybody}: must not be`, 'end'] : [step(row)],
    ),
  ].join('\n');
}
