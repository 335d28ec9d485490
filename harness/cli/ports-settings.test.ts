/** Ranges as users mistype them: each mistake is a sentence, all of them at once, and what is only unwise is a warning. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import { ephemeralRange } from '../ports/ephemeral-range.ts';
import { ephemeralWarning, type PortArguments, portsOf } from './ports-settings.ts';

const problemsOf = (args: PortArguments, ports: Partial<typeof DEFAULT_PORTS> = {}): readonly string[] => {
  const problems: string[] = [];
  portsOf(args, { ports: { ...ports, exclude: [...(ports.exclude ?? DEFAULT_PORTS.exclude)] } }, problems);
  return problems;
};

test.each([
  ['', /^--ports: "" is neither a range such as 5000-9000 nor "os"$/],
  ['5000', /neither a range/],
  ['5000-', /neither a range/],
  ['-5000-6000', /neither a range/],
  ['5000-6000-7000', /neither a range/],
  ['9000-5000', /^ports: 9000-5000 ends before it begins; did you mean 5000-9000\?$/],
  ['80-2000', /^ports: 80-2000 is not within 1024-65535, below which only root may listen$/],
  ['60000-70000', /^ports: 60000-70000 is not within 1024-65535$/],
  ['5010-5013', /^ports: 5010-5013 is smaller than one block of 5$/],
  ['5000-5005', /^ports: every block of 5 in 5000-5005 holds an excluded port \(5000\); give a wider range/],
])('--ports %j is refused with a sentence', (ports, sentence) => {
  expect(problemsOf({ ports })).toEqual([expect.stringMatching(sentence)]);
});

test('several mistakes are told at once', () => {
  expect(problemsOf({ ports: '90-10', excludePorts: '80,x,99999' }, { block: 5, spacing: 2 })).toEqual([
    expect.stringMatching(/^--exclude-ports: "x", "99999" is no port/),
    expect.stringMatching(/not within/),
    expect.stringMatching(/ends before it begins/),
    expect.stringMatching(/blocks of 5 every 2 ports overlap/),
  ]);
});

test('a flag excludes ports besides those of the config, and no port twice', () => {
  const problems: string[] = [];
  const ports = portsOf({ excludePorts: ' 5010, 5432,5010 ' }, { ports: { exclude: [5432, 6000] } }, problems);
  expect(problems).toEqual([]);
  expect(ports.exclude).toEqual([5432, 6000, 5010]);
});

test('ports that developers’ programs like to have are excluded from the start', () => {
  for (const port of [5000, 5173, 5432, 6379, 8080]) expect(DEFAULT_PORTS.exclude).toContain(port);
});

test('a range among the ports of outgoing connections is accepted with a warning, and no other is', () => {
  const ephemeral = { first: 32_768, last: 60_999 };
  const at = (first: number, last: number) => ephemeralWarning({ ...DEFAULT_PORTS, first, last }, ephemeral);
  for (const [first, last] of [
    [30_000, 32_768],
    [40_000, 41_000],
    [60_999, 65_000],
    [1024, 65_535],
  ] as const) {
    expect(at(first, last)).toMatch(new RegExp(`^ports ${first}-${last} overlap 32768-60999`));
  }
  expect(at(5000, 9000)).toBeUndefined();
  expect(at(61_000, 65_000)).toBeUndefined();
  expect(ephemeralWarning({ ...DEFAULT_PORTS, from: 'os' }, { first: 1, last: 65_535 })).toBeUndefined();
  expect(ephemeralWarning({ ...DEFAULT_PORTS, first: 40_000, last: 41_000 }, undefined)).toBeUndefined();
});

test('what the machine says of its ephemeral ports is read, and rubbish or nothing is no answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-ephemeral-'));
  try {
    const path = join(folder, 'range');
    expect(ephemeralRange(path)).toBeUndefined();
    writeFileSync(path, '15000\t64000\n');
    expect(ephemeralRange(path)).toEqual({ first: 15_000, last: 64_000 });
    writeFileSync(path, 'all of them\n');
    expect(ephemeralRange(path)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
