/** Isolation strategies in the terminal: as many columns as there is room for. All of them are in report.html. */
import type { RunRecord } from '../../harness/model/record.ts';
import { type Column, comparison, SHORT_COLUMNS } from '../isolation.ts';

const GAP = '  ';

/** Lines of equal columns, the head first; none where nothing was compared. */
export function isolationLines(record: RunRecord, width: number): readonly string[] {
  const { strategies } = comparison(record);
  if (strategies.length === 0) return [];
  const columns = SHORT_COLUMNS.map(({ head, told }: Column) => [head, ...strategies.map(told)]);
  const lines: string[] = columns[0]?.map(() => '') ?? [];
  for (const [place, cells] of columns.entries()) {
    const broadest = Math.max(...cells.map((cell) => [...cell].length));
    if ((lines[0]?.length ?? 0) + GAP.length + broadest > width) break;
    for (const [row, cell] of cells.entries()) {
      const gap = ' '.repeat(broadest - [...cell].length);
      lines[row] = place === 0 ? `${cell}${gap}` : `${lines[row]}${GAP}${gap}${cell}`;
    }
  }
  return lines;
}
