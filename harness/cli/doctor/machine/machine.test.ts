/** Machines that are short of something, and what is said of them; and that this one is examined without a failure. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { DEFAULT_PORTS } from '../../../plan/defaults.ts';
import type { SurveyedBlock } from '../../../ports/survey.ts';
import { fitnessOf } from '../findings.ts';
import { examineMachine } from './examine-machine.ts';
import { folderFindings } from './files.ts';
import { ephemeralFindings, rangeFindings } from './ports.ts';
import { chromium } from './programs.ts';
import { type Runtime, runtimeFindings } from './runtime.ts';

const GOOD: Runtime = {
  node: '24.1.0',
  platform: 'linux x64',
  cores: 4,
  load: 1,
  memory_mb: { free: 8_000, all: 16_000 },
  descriptors: { open: 30, limit: 20_000 },
  clock: { late_ms_max: 2, waits: 20, drift_ms: 0.1, year: 2026 },
};

/** What is not well, as `id status`, with what it hinders. */
const ill = (findings: readonly CheckupFinding[]): readonly string[] =>
  findings
    .filter(({ status }) => status !== 'ok')
    .map((finding) => [finding.id, finding.status, ...('hinders' in finding ? [finding.hinders] : [])].join(' '));

test.each<[string, Partial<Runtime>, readonly string[]]>([
  ['a good machine', {}, []],
  ['an old Node', { node: '20.11.1' }, ['runtime/node problem all']],
  ['another system', { platform: 'darwin arm64' }, ['runtime/node note']],
  ['one core', { cores: 1 }, ['runtime/processors note']],
  ['a load above its cores', { load: 4.2 }, ['runtime/processors note']],
  ['little memory', { memory_mb: { free: 600, all: 16_000 } }, ['runtime/memory note']],
  ['hardly any memory', { memory_mb: { free: 100, all: 512 } }, ['runtime/memory problem part']],
  ['few descriptors', { descriptors: { open: 30, limit: 1_024 } }, ['runtime/descriptors note']],
  ['hardly any left', { descriptors: { open: 800, limit: 1_024 } }, ['runtime/descriptors problem part']],
  ['late timers', { clock: { ...GOOD.clock, late_ms_max: 300 } }, ['runtime/timers note']],
  ['a clock that was set meanwhile', { clock: { ...GOOD.clock, drift_ms: -3_600_000 } }, ['runtime/clock note']],
  ['a clock that stands', { clock: { ...GOOD.clock, year: 1970 } }, ['runtime/clock note']],
])('of %s is said what it is short of', (_, more, expected) => {
  expect(ill(runtimeFindings({ ...GOOD, ...more }))).toEqual(expected);
});

const blocks = (count: number, state: SurveyedBlock['state'], run?: string): readonly SurveyedBlock[] =>
  Array.from({ length: count }, (_, index) => ({
    first: 5000 + 10 * index,
    last: 5004 + 10 * index,
    state,
    holders: run === undefined ? [] : [{ alive: true, pid: 42, run }],
    spent: [],
  }));

test('ports that are gone stand in the way as far as muster is to start something', () => {
  const range = (all: readonly SurveyedBlock[]) => rangeFindings(DEFAULT_PORTS, { blocks: all, elsewhere: [] }, 'all');
  expect(ill(range(blocks(20, 'free')))).toEqual([]);
  expect(ill(range([...blocks(3, 'free'), ...blocks(2, 'spent')]))).toEqual(['ports/range note']);
  const taken = range(blocks(9, 'held', 'my-run'));
  expect(ill(taken)).toEqual(['ports/range problem all', 'ports/others note']);
  expect(taken.at(-1)?.seen).toBe('1 hold ports: 42 (my-run)');
});

test('ports for outgoing connections are told of where they are few, or in the way of agents', () => {
  const range = (first: number, last: number) => ill(ephemeralFindings(DEFAULT_PORTS, { first, last }));
  expect(range(32_768, 60_999)).toEqual([]);
  expect(range(1_024, 60_999)).toEqual(['ports/ephemeral note']);
  expect(range(50_000, 51_000)).toEqual(['ports/ephemeral note']);
  expect(ephemeralFindings(DEFAULT_PORTS, undefined)).toEqual([]);
});

test('folders that cannot be used are told of, and good ones are left as they were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-folders-'));
  try {
    const open = join(folder, 'locks');
    expect(ill(await folderFindings({ temp: folder, locks: open, results: folder }))).toEqual([]);
    chmodSync(open, 0o777);
    const gone = join(folder, 'gone');
    const findings = await folderFindings({ temp: gone, locks: open, results: gone });
    expect(ill(findings)).toEqual(['files/temp problem all', 'files/locks problem all', 'files/results problem part']);
    expect(fitnessOf(findings)).toBe('unfit');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a browser that is named and not there is not taken for one', () => {
  expect(chromium({ CHROMIUM_PATH: process.execPath })).toMatchObject({ status: 'ok', seen: process.execPath });
  expect(chromium({ CHROMIUM_PATH: '/nowhere/chromium' }).seen).not.toBe('/nowhere/chromium');
});

test('this machine is examined to the end', async () => {
  const { signal } = new AbortController();
  const chapters = await examineMachine({ ports: DEFAULT_PORTS, without_ports: 'part', signal });
  expect(chapters.map(({ area }) => area)).toEqual(['runtime', 'files', 'ports', 'programs', 'isolation']);
  const findings = chapters.flatMap((chapter) => chapter.findings);
  expect(findings.filter(({ id }) => id.endsWith('/examined'))).toEqual([]);
  expect(findings.length).toBeGreaterThan(15);
}, 30_000);
