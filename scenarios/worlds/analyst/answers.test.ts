/** What holds an analyst to its word has to see each way in which a table, a chart or a sum can be wrong. */
import { expect, test } from 'vitest';
import type { StreamResponse, Task } from '../../../harness/model/a2a.ts';
import type { ExpectOp } from '../../../harness/model/op.ts';
import type { Act } from '../../../harness/model/scenario.ts';
import { expectChart, expectProgress, expectWhole, flawOfSvg } from './answers.ts';

const HEAD = '# Sales for me\nrow,day,region,product,customer,units,price,amount\n';
const line = (row: number, amount: number): string =>
  `${row},2026-01-01,north,honey,customer 1,1,${amount},${amount}\n`;
const TABLE = [line(1, 10), line(2, 20), line(3, 30)];
const svg = (...bars: string[]): string =>
  `<svg viewBox="0 0 1 1">\n${bars.map((bar) => `<rect x="1"><title>${bar}</title></rect>\n`).join('')}</svg>\n`;

function told(artifact: string, texts: readonly string[], said = 'The sum is 60.'): Task {
  const message = { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: said }] } as const;
  const parts = texts.map((text) => ({ text }));
  return {
    id: 't',
    status: { state: 'TASK_STATE_COMPLETED', message },
    artifacts: [{ artifactId: 'a', name: artifact, parts }],
  };
}

/** What does not hold, and what was seen instead. */
function missed(act: Act<void>): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  const done = { step: 0, outcome: { type: 'ok', value: {} }, events: [] } as const;
  for (let next = act.next(); !next.done; next = act.next(done)) {
    const { that, seen, holds } = next.value as ExpectOp;
    if (!holds) found.push([that, seen]);
  }
  return found;
}

test('a table with all its rows and their sum is as it should be, in however many pieces', () => {
  expect(missed(expectWhole(told('table', [HEAD + TABLE[0], ...TABLE.slice(1)]), 3))).toEqual([]);
  expect(missed(expectWhole(told('table', [HEAD + TABLE.join('')]), 3))).toEqual([]);
});

test.each([
  ['a row is missing', [line(1, 10), line(3, 30)], '2 rows, with row 3 after row 1'],
  ['a row came twice', [line(1, 10), line(1, 10), line(2, 20)], '3 rows, with row 1 after row 1'],
  ['the end is missing', [line(1, 10), line(2, 20)], '2 rows'],
  ['there is no table', [], '0 rows'],
  ['something else is in it', [...TABLE, '<rect/>\n'], '4 rows, with something that is no row after row 3'],
])('it is seen that %s', (_, rows, seen) => {
  expect(missed(expectWhole(told('table', [HEAD, ...rows]), 3))).toEqual([['rows-in-order', seen]]);
});

test('a sum that is not that of the rows is seen, and one that only begins like it', () => {
  expect(missed(expectWhole(told('table', [HEAD, ...TABLE], 'The sum is 50.'), 3))).toEqual([
    ['sum-is-of-rows', 'The sum is 50.'],
  ]);
  expect(missed(expectWhole(told('table', [HEAD, ...TABLE], 'The sum is 601.'), 3))).toHaveLength(1);
});

test('a chart is well-formed and leaves no row out', () => {
  expect(missed(expectChart(told('chart', [svg('1 to 2', '3 to 3')]), 3))).toEqual([]);
  expect(missed(expectChart(told('chart', [svg('1 to 2')]), 3))).toEqual([
    ['chart-can-be-drawn', 'bars to row 2 only'],
  ]);
  expect(missed(expectChart(told('chart', [svg('1 to 1', '3 to 3')]), 3))).toEqual([
    ['chart-can-be-drawn', 'a bar from row 3 after one to row 1'],
  ]);
});

test.each([
  ['', 'something that does not begin as an SVG, but with ""'],
  ['<svg viewBox="0"><rect x="1"/>', 'an SVG in which svg is never closed'],
  ['<svg viewBox="0"><rect><title>1</rect></title></svg>', '</rect> where something else was open'],
  ['<svg viewBox="0"></svg><svg viewBox="0"></svg>', '<svg> after the SVG'],
  ['<svg viewBox="0"></svg>\n1,2026', '"1,2026" after the SVG'],
  ['<svg viewBox="0"><rect x="1"/></svg>\n', undefined],
])('of the chart %j it is said: %s', (text, flaw) => {
  expect(flawOfSvg(text)).toBe(flaw);
});

test('progress that goes back or beyond the end is seen, and that two pieces are at the same percentage is none of it', () => {
  const percents = (...told: number[]): StreamResponse[] =>
    told.map((percent) => {
      const message = { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: `${percent} %: on the way` }] } as const;
      return { statusUpdate: { taskId: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING', message } } };
    });
  expect(missed(expectProgress(percents(10, 10, 100), 't'))).toEqual([]);
  expect(missed(expectProgress(percents(10, 50, 40), 't'))).toEqual([['progress-goes-on', '10, 50, 40']]);
  expect(missed(expectProgress(percents(90, 110), 't'))).toHaveLength(1);
});
