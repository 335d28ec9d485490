/** The guide shows code of this folder; a guide that shows what is no longer there misleads exactly those who need it. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAULTS } from './table.ts';

const root = new URL('../../', import.meta.url);

test('every piece of code in docs/ADDING-A-FAULT.md is in the file that it names', async () => {
  const guide = await readFile(new URL('docs/ADDING-A-FAULT.md', root), 'utf8');
  const pieces = [...guide.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)];
  expect(pieces.length).toBeGreaterThanOrEqual(4);
  for (const [, path = '', code = ''] of pieces) {
    const source = await readFile(new URL(path, root), 'utf8');
    for (const part of code.split(/^ *\/\/ …\n/m)) expect(source).toContain(part);
  }
});

test('each row of the table is a file of its own, with a title that says how it heals', async () => {
  for (const [name, { title }] of Object.entries(FAULTS)) {
    expect(await readFile(new URL(`harness/faults/${name}.ts`, root), 'utf8')).toContain(
      `export const ${exported(name)}:`,
    );
    expect(title).toMatch(/healing/);
  }
});

const exported = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
