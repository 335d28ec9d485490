/** The table of scenarios and fixtures tells the same verdict once, and different ones with their counts. */
import { expect, test } from 'vitest';
import { type Cells, renderSuite } from './suite-table.ts';

test('a cell tells the verdict, each with its count where seeds differ, and nothing where it was not asked for', () => {
  const cells: Cells = new Map<string, Map<string, ('pass' | 'fail' | 'inconclusive' | 'not-applicable')[]>>([
    [
      'many-users',
      new Map([
        ['echo', ['pass', 'pass']],
        ['pizza', ['pass', 'fail']],
      ]),
    ],
    ['pizza-rush', new Map([['pizza', ['inconclusive', 'not-applicable']]])],
  ]);
  expect(renderSuite(cells, ['echo', 'pizza']).split('\n')).toEqual([
    '            echo  pizza',
    'many-users  ●     1● 1✗',
    'pizza-rush        1? 1–',
  ]);
});
