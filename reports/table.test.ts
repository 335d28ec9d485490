import { expect, test } from 'vitest';
import { samples } from './samples/all.ts';
import { reports } from './table.ts';

test('every format has a name and a file of its own and renders every sample', () => {
  expect(new Set(reports.map(({ name }) => name)).size).toBe(reports.length);
  expect(reports.map(({ file }) => file)).toEqual(['report.json', 'report.html', 'junit.xml', 'issues.md']);
  for (const { render } of reports) {
    for (const record of Object.values(samples)) {
      const text = render(record);
      if (text === null) continue;
      expect(text.endsWith('\n')).toBe(true);
      expect(text.isWellFormed()).toBe(true);
    }
  }
});
