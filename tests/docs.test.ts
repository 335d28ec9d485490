/**
 * The documentation, held against the code. Tables are rendered from the tables of the code (UPDATE_DOCS=1 writes them
 * anew), code is looked for in the file it names, links and paths must lead somewhere, and examples are run.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { LIES } from '../fixtures/peers/lies.ts';
import { fixtures, listed } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import { canMatch } from '../harness/faults/apply.ts';
import { type Attribute, MATCH, rangeOf } from '../harness/faults/attributes.ts';
import { FAULTS } from '../harness/faults/table.ts';
import { parseGate } from '../harness/judge/gates.ts';
import type { FaultPlan } from '../harness/model/scenario.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { errorTable } from '../harness/wire/errors.ts';
import { scenarios } from '../scenarios/table.ts';
import { importTable } from './import-table.ts';
import { openBench, ROOT } from './muster.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const decisions = readdirSync(join(ROOT, 'docs/decisions')).map((file) => `docs/decisions/${file}`);
const guides = readdirSync(join(ROOT, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`);
const findings = readdirSync(join(ROOT, 'docs/findings')).map((file) => `docs/findings/${file}`);
const pages = ['README.md', 'CHANGELOG.md', ...guides, ...decisions, ...findings].filter((path) =>
  existsSync(join(ROOT, path)),
);

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ') || '–';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** Aligned as the formatter aligns it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const blocksOf = (blocks: number | string): string =>
  typeof blocks === 'number' ? `${blocks} port blocks` : 'one port block fewer than users';
const nameOf = (fault: FaultPlan): string => (fault.fault === 'lie' ? `\`lie\` ${fault.which}` : `\`${fault.fault}\``);
const attributeCells = (attributes: Readonly<Record<string, Attribute>>): string =>
  Object.entries(attributes)
    .map(([name, attribute]) => `\`${name}\`${attribute.optional ? ' (optional)' : ''}: ${rangeOf(attribute)}`)
    .join('; ') || '–';

const tables: Readonly<Record<string, () => string>> = {
  checks: () =>
    table(
      ['check', 'what must hold', 'from', 'judges', 'remembers'],
      checks.map(({ name, title, section, judges, memory }) => [code([name]), cell(title), section, judges, memory]),
    ),
  scenarios: () =>
    table(
      ['scenario', 'what it is about', 'family', 'needs', 'faults and neighbours', 'must exercise'],
      scenarios.map((each) => [
        code([each.name]),
        cell(each.title),
        each.family,
        [
          code([...each.needs, ...(each.capabilities ?? [])]),
          ...(each.identities ? ['users with identities'] : []),
          ...(each.process === 'own' ? ['a process of its own'] : []),
          ...(each.onlyNamed ? ['to be named'] : []),
          ...(each.servers === undefined ? [] : [`${each.servers} agents that are told of each other`]),
          ...(each.descriptors === undefined ? [] : [`at most ${each.descriptors} descriptors`]),
          ...(each.socket === undefined ? [] : [each.socket === 'handed-over' ? 'takes its socket' : 'binds its port']),
          ...(each.blocks === undefined ? [] : [`an agent that muster starts, ${blocksOf(each.blocks)}`]),
        ].join('; '),
        [
          ...(each.faults ?? []).map((fault) => `${nameOf(fault)} on the ${fault.target}`),
          ...(each.neighbours ?? []).map(({ neighbour }) => `\`${neighbour}\` as neighbour`),
        ].join(', ') || '–',
        code(each.mustExercise),
      ]),
    ),
  faults: () =>
    table(
      ['fault', 'what it does', 'needs', 'attributes', 'over gRPC', 'may match'],
      Object.entries(FAULTS).map(([name, fault]) => [
        code([name]),
        fault.title,
        fault.needs,
        attributeCells(fault.attributes),
        fault.needs === 'process' || (fault.needs === 'proxy' && !/calls|events/.test(fault.about)) ? 'yes' : 'no',
        canMatch(fault) ? 'yes' : 'no',
      ]),
    ),
  lies: () =>
    table(
      ['lie', 'a peer that tells it'],
      Object.entries(LIES).map(([name, { title }]) => [code([name]), cell(title)]),
    ),
  match: () =>
    table(
      ['member', 'what it may be'],
      Object.entries(MATCH).map(([name, attribute]) => [code([name]), cell(rangeOf(attribute))]),
    ),
  fixtures: () =>
    table(
      ['fixture', 'what it does', 'behaviours', 'peer'],
      listed
        .filter(({ caughtBy }) => caughtBy === undefined)
        .map(({ name, title, phrasebook, peer, peers, crew }) => [
          code([name]),
          title,
          code(Object.keys(phrasebook)),
          peers === undefined ? code(Object.values({ ...(peer && { peer }), ...crew })) : 'its like',
        ]),
    ),
  mutants: () =>
    table(
      ['mutant', 'its mistake', 'caught by', 'provoked by'],
      fixtures.flatMap(({ name, title, caughtBy, provokedBy }) =>
        caughtBy === undefined ? [] : [[code([name]), title, code([caughtBy]), code(provokedBy ? [provokedBy] : [])]],
      ),
    ),
  outcomes: () =>
    table(
      ['code', 'outcome', 'what it means', 'JSON-RPC', 'HTTP+JSON', 'gRPC'],
      errorTable.map(({ code: name, definite, meaning, recognised: { jsonrpc, rest, grpc } }) => [
        code([name]),
        code([definite ? 'fail' : 'info']),
        ...[meaning, jsonrpc, rest === jsonrpc ? 'the same' : rest, grpc === rest ? 'the same' : grpc].map(cell),
      ]),
    ),
  imports: () =>
    table(
      ['folder', 'may import', 'packages'],
      importTable.map(({ folder, imports, packages }) => [code([folder]), code(imports), code(packages)]),
    ),
};

const BLOCK = /(<!-- table: (\w+) -->\n)(.*?)(<!-- \/table -->)/gs;

test('every table in the docs is what the code says', () => {
  const shown = new Set<string>();
  for (const page of pages) {
    const text = read(page);
    const now = text.replace(BLOCK, (_, begin: string, name: string, _old: string, end: string) => {
      shown.add(name);
      return `${begin}${tables[name]?.() ?? `There is no table "${name}" in tests/docs.test.ts`}\n${end}`;
    });
    if (process.env['UPDATE_DOCS'] === '1' && now !== text) writeFileSync(join(ROOT, page), now);
    expect(read(page), `${page} is out of date; UPDATE_DOCS=1 writes its tables anew`).toBe(now);
  }
  expect([...shown].sort()).toEqual(Object.keys(tables).sort());
});

test('every piece of code in a guide is in the file that it names', () => {
  for (const guide of guides.filter((path) => path.startsWith('docs/ADDING-'))) {
    const pieces = [...read(guide).matchAll(/```\w+\n\/\/ (\S+\.\w+)\n(.*?)```/gs)];
    expect(pieces.length, guide).toBeGreaterThanOrEqual(3);
    for (const [, path = '', piece = ''] of pieces) {
      const source = read(path);
      for (const part of piece.split(/^ *\/\/ …\n/m)) expect(source, `${guide}, ${path}`).toContain(part);
    }
  }
});

test.each([
  ['SIMULATED', 'travel-app'],
  ['LYING-PEERS', 'lying-peer'],
])('the example of docs/%s.md is the one that is tested', (guide, example) => {
  const [, shown] = /```ts\n(.*?)```/s.exec(read(`docs/${guide}.md`)) ?? [];
  expect(shown).toBe(read(`fixtures/examples/${example}.test.ts`));
});

test('every link and every path in the docs leads somewhere', () => {
  const nowhere = pages.flatMap((page) => {
    const text = read(page);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) =>
      normalize(join(dirname(page), target)),
    );
    const paths = [
      ...text.matchAll(/`((?:harness|scenarios|fixtures|reports|tests|docs)\/(?!runs\b)[\w./-]*\w\/?)`/g),
    ].map(([, path = '']) => path);
    return [...links, ...paths].filter((path) => !existsSync(join(ROOT, path))).map((path) => `${page}: ${path}`);
  });
  expect(nowhere).toEqual([]);
});

test('docs/CONFIG.md tells every flag of `muster run`, and no other', async () => {
  using bench = openBench();
  const { stdout } = await bench.muster('run', '--help');
  const flagsOf = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, flag]) => flag))];
  const known = flagsOf(stdout, /(--[a-z][a-z-]*)/g).filter((flag) => flag !== '--help' && flag !== '--version');
  expect(flagsOf(read('docs/CONFIG.md'), /^\| `(--[a-z-]+)/gm).sort()).toEqual(known.sort());
});

test('the files of docs/CONFIG.md are accepted as they stand', async () => {
  using bench = openBench();
  const files = [...read('docs/CONFIG.md').matchAll(/^`([\w.-]+)`:\n\n```\w+\n(.*?)```/gms)];
  expect(files.map(([, name]) => name)).toEqual([
    'muster.config.ts',
    'muster.baseline.json',
    'phrasebook.json',
    'users.json',
  ]);
  for (const [, name = '', text = ''] of files) writeFileSync(join(bench.folder, name), text);
  const configured = await bench.muster('plan', '--config', 'muster.config.ts');
  expect(configured).toMatchObject({ code: 0, stderr: '' });
  const plan = JSON.parse(configured.stdout);
  expect(plan).toMatchObject({ config: 'muster.config.ts', identity: { kind: 'bearer' }, gates: expect.any(Array) });
  const given = ['--users-file', 'users.json', '--phrasebook', 'phrasebook.json', '--baseline', 'muster.baseline.json'];
  const flagged = await bench.muster('plan', ...given);
  expect(flagged).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(flagged.stdout)).toMatchObject({
    phrasebook: { slow: { echoes: true } },
    baseline: { path: 'muster.baseline.json', findings: [{ until: '2026-12-31' }] },
  });
});

test('docs/CONFIG.md tells every default', () => {
  const text = read('docs/CONFIG.md').replaceAll(/ +/g, ' ');
  const { exclude: _, ...ports } = DEFAULT_PORTS;
  for (const [name, value] of Object.entries({ ...DEFAULT_POLICY, ...DEFAULT_LIMITS, ...ports })) {
    expect(text).toContain(`| \`${name}\` | ${value} |`);
  }
});

test('docs/RESULTS.md tells every kind of event, and its lines of history are JSON', () => {
  const text = read('docs/RESULTS.md');
  const words = [...read('harness/model/history.ts').matchAll(/(?:type|phase|reason): ((?:\s*\|?\s*'[\w-]+')+)/g)];
  expect(words.length).toBeGreaterThan(20);
  for (const [, union = ''] of words)
    for (const word of union.match(/[\w-]+/g) ?? []) expect(text).toContain(`\`${word}\``);
  for (const [, lines = ''] of text.matchAll(/```jsonl\n(.*?)```/gs)) {
    const seqs = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  }
});

test('docs/RESULTS.md shows gates that can be read, one for every metric', () => {
  const shown = [...read('docs/RESULTS.md').matchAll(/^\| `([^`]+[<>=][^`]+)` +\|/gm)].map(
    ([, gate = '']) => parseGate(gate).metric,
  );
  let allowed = '';
  try {
    parseGate('?');
  } catch (error) {
    allowed = String(error);
  }
  const metrics = /A gate is a metric \(([^)]+)\)/.exec(allowed)?.[1]?.split(', ') ?? [];
  expect([...new Set(shown)].sort()).toEqual(metrics.sort());
});

test('docs/DEPENDENCIES.md has a line for each dependency, and for nothing else', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const told = [...read('docs/DEPENDENCIES.md').matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name);
  expect(told).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
});

test('every decision is one page with a problem, a choice and what it costs, and they are numbered', () => {
  for (const [index, path] of decisions.toSorted().entries()) {
    const number = String(index + 1).padStart(3, '0');
    expect(path).toMatch(new RegExp(`/${number}-[a-z0-9-]+\\.md$`));
    const text = read(path);
    expect(text).toMatch(
      new RegExp(`^# ${number} \\S.*\\n\\n## Problem\\n.*\\n## Choice\\n.*\\n## What it costs\\n`, 's'),
    );
    expect(text.split('\n').length).toBeLessThan(60);
  }
});
