/**
 * What users of the analyst may expect of a table, a chart and a sum, however these were told. It knows of an answer only what every user
 * can see: rows are numbered, bars say which rows they stand for, and a sum can be added up again.
 */
import type { StreamResponse, Task } from '../../../harness/model/a2a.ts';
import type { Act } from '../../../harness/model/scenario.ts';
import { expect } from '../../../harness/script/vocabulary.ts';
import { textOf, toldIn } from '../said.ts';

export const artifactOf = (task: Task | undefined, name: string): string =>
  textOf((task?.artifacts ?? []).filter((artifact) => artifact.name === name).flatMap(({ parts }) => parts));

interface Row {
  readonly row: number;
  readonly amount: number;
}

/** Of all that begins with a number, which the heading does not; what is no row is `NaN`. */
export const rowsOf = (table: string): readonly Row[] =>
  table
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('row,'))
    .map((line) => {
      const cells = line.split(',');
      return { row: Number(cells[0]), amount: cells.length === 8 ? Number(cells[7]) : Number.NaN };
    });

/** The place where rows are not 1, 2, 3 and so on, or nothing. */
export function disorderOf(rows: readonly Row[]): string | undefined {
  const at = rows.findIndex(({ row, amount }, index) => row !== index + 1 || Number.isNaN(amount));
  if (at === -1) return undefined;
  const { row } = rows[at] ?? {};
  return `${Number.isNaN(row) ? 'something that is no row' : `row ${row}`} after ${at === 0 ? 'the heading' : `row ${rows[at - 1]?.row}`}`;
}

/** Of an answer that was told to be complete. */
export function* expectWhole(task: Task | undefined, wanted: number): Act<void> {
  if (task?.status.state !== 'TASK_STATE_COMPLETED') return;
  const tasks = [task.id];
  const rows = rowsOf(artifactOf(task, 'table'));
  const disorder = disorderOf(rows);
  const isWhole = disorder === undefined && rows.length === wanted;
  yield* expect({
    that: 'rows-in-order',
    title: 'All rows of a table are there, once and in order',
    expected: `${wanted} rows, from 1 to ${wanted}`,
    seen: `${rows.length} rows${disorder === undefined ? '' : `, with ${disorder}`}`,
    holds: isWhole,
    tasks,
  });
  if (isWhole) yield* expectSum(task, rows);
}

function* expectSum(task: Task, rows: readonly Row[]): Act<void> {
  const said = toldIn(task);
  const sum = rows.reduce((all, { amount }) => all + amount, 0);
  yield* expect({
    that: 'sum-is-of-rows',
    title: 'The sum that is told is that of the rows of the table',
    expected: `${sum}`,
    seen: said === '' ? 'no sum' : said,
    holds: new RegExp(`\\b${sum}\\b`).test(said),
    tasks: [task.id],
  });
}

/** Of an answer that was told to be complete, and in which a chart was asked for. */
export function* expectChart(task: Task | undefined, wanted: number): Act<void> {
  if (task?.status.state !== 'TASK_STATE_COMPLETED') return;
  const chart = artifactOf(task, 'chart');
  const flaw = flawOfSvg(chart) ?? gapOf(chart, wanted);
  yield* expect({
    that: 'chart-can-be-drawn',
    title: 'A chart is a well-formed SVG with a bar over each row',
    expected: `an SVG with bars from row 1 to row ${wanted}`,
    seen: flaw ?? 'such an SVG',
    holds: flaw === undefined,
    tasks: [task.id],
  });
}

/** As far as one can tell by the tags alone: each is closed, in the right order, and `svg` is around all. */
export function flawOfSvg(text: string): string | undefined {
  if (!/^<svg\s/.test(text)) return `something that does not begin as an SVG, but with "${text.slice(0, 30)}"`;
  const open: string[] = [];
  let end = 0;
  for (const { index, 0: tag, 1: closes, 2: name = '', 3: isEmpty } of text.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (end > 0 && open.length === 0) return `<${name}> after the SVG`;
    end = index + tag.length;
    if (closes !== '/' && isEmpty !== '/') open.push(name);
    if (closes === '/' && open.pop() !== name) return `</${name}> where something else was open`;
  }
  if (open.length > 0) return `an SVG in which ${open.join(' and ')} ${open.length > 1 ? 'are' : 'is'} never closed`;
  return text.slice(end).trim() === '' ? undefined : `"${text.slice(end).trim().slice(0, 30)}" after the SVG`;
}

function gapOf(chart: string, wanted: number): string | undefined {
  let last = 0;
  for (const [, from, to] of chart.matchAll(/<title>(\d+) to (\d+)<\/title>/g)) {
    if (Number(from) !== last + 1) return `a bar from row ${from} after one to row ${last}`;
    last = Number(to);
  }
  return last === wanted ? undefined : `bars to row ${last} only`;
}

/** Of one stream, as it came. */
export function* expectProgress(events: readonly StreamResponse[], task: string | undefined): Act<void> {
  const told = events.flatMap(({ statusUpdate }) => {
    const said = statusUpdate?.status.message?.parts[0]?.text ?? '';
    return /^(\d+) %/.exec(said)?.slice(1).map(Number) ?? [];
  });
  if (told.length === 0) return;
  yield* expect({
    that: 'progress-goes-on',
    title: 'Progress never goes back, nor beyond 100 percent',
    expected: 'percentages that never fall, to 100 at most',
    seen: told.join(', '),
    holds: told.every((percent, at) => percent <= 100 && percent >= (told[at - 1] ?? 0)),
    tasks: [task],
  });
}
