/** The house rules, made executable: who imports whom, what is banned and what to use instead, how long a file may be. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { importTable, NODE } from './import-table.ts';

const LINES_MAX = { product: 300, tests: 500 };

const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));
const code = sources.filter((path) => /\.(ts|js|mjs)$/.test(path) && !path.startsWith('k6/'));
const isTest = (path: string): boolean =>
  /\.test\.ts$/.test(path) || /\/testing(\/|\.ts)/.test(path) || path.startsWith('tests/') || path.startsWith('bench/');
const product = code.filter((path) => !isTest(path) && /^(harness|scenarios|fixtures|reports)\//.test(path));
const textOf = (path: string): string => readFileSync(path, 'utf8');

/** The row of the deepest folder that holds the file. */
const rowOf = (path: string) =>
  importTable
    .filter(({ folder }) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0];

function importsOf(path: string): readonly string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;
  return [...textOf(path).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

test('every folder imports only what the import table grants it', () => {
  const offences = product.flatMap((path) => {
    const row = rowOf(path);
    if (row === undefined) return [`${path}: its folder has no row in tests/import-table.ts`];
    return importsOf(path).flatMap((specifier) => {
      if (specifier.startsWith('.')) {
        const target = rowOf(normalize(join(dirname(path), specifier)))?.folder ?? specifier;
        return target === row.folder || row.imports.includes(target) ? [] : [`${path} imports ${specifier}`];
      }
      const name = specifier.startsWith('node:')
        ? NODE
        : specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
      return row.packages.includes(name) ? [] : [`${path} imports ${specifier}`];
    });
  });
  expect(offences).toEqual([]);
});

test('the import table grants nothing that nobody uses', () => {
  const stale = importTable.flatMap((row) => {
    const files = product.filter((path) => rowOf(path) === row);
    const used = new Set(
      files.flatMap((path) =>
        importsOf(path).map((specifier) => {
          if (specifier.startsWith('.')) return rowOf(normalize(join(dirname(path), specifier)))?.folder ?? specifier;
          if (specifier.startsWith('node:')) return NODE;
          return specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
        }),
      ),
    );
    // The command line finds its own version by the package's name, which is no import.
    return [...row.imports, ...row.packages]
      .filter((name) => !used.has(name) && name !== 'a2a-muster')
      .map((name) => `${row.folder}: ${name}`);
  });
  expect(stale).toEqual([]);
});

const bans: readonly { readonly pattern: RegExp; readonly instead: string; readonly where: readonly string[] }[] = [
  { pattern: /Math\.random\(/, instead: 'forkRandom(seed, …names) of harness/plan/random.ts', where: product },
  { pattern: /@ts-(ignore|nocheck)/, instead: 'a type that is true', where: code },
  { pattern: /\.(only|todo)\(/, instead: 'a whole test', where: code },
  { pattern: /\.skip\((?!['"`\w])/, instead: "context.skip('why')", where: code },
  { pattern: /catch\s*(\(\w+\))?\s*\{\s*\}/, instead: 'handling it, or a comment that says why not', where: product },
  {
    pattern: /Date\.now\(|new Date\(\)|performance\.now\(/,
    instead: 'a clock that is an argument',
    where: product.filter((path) => /^(harness\/(model|plan|script|checks|judge)|reports)\//.test(path)),
  },
];

for (const { pattern, instead, where } of bans) {
  test(`nobody writes ${pattern.source}; there is ${instead}`, () => {
    const self = 'tests/tidy.test.ts';
    expect(where.filter((path) => path !== self && pattern.test(textOf(path)))).toEqual([]);
  });
}

test(`no file is longer than ${LINES_MAX.product} lines, no test than ${LINES_MAX.tests}`, () => {
  const lines = (path: string): number => textOf(path).split('\n').length - 1;
  expect(code.filter((path) => lines(path) > (isTest(path) ? LINES_MAX.tests : LINES_MAX.product))).toEqual([]);
});

test('every source file opens with why it exists', () => {
  expect(product.filter((path) => !/^(#!.*\n)?\s*(\/\*\*|\/\/)/.test(textOf(path)))).toEqual([]);
});

test('no file carries the path of a machine', () => {
  const texts = sources.filter((path) => /\.(ts|js|mjs|json|md|html|yml|txt|xml)$/.test(path));
  expect(
    texts.filter((path) => path !== 'tests/tidy.test.ts' && /\/(work|home|Users)\/\w+\//.test(textOf(path))),
  ).toEqual([]);
});
