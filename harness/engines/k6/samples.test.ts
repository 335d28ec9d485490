/** Files of samples as k6 leaves them, whole or broken off anywhere: what stands before the break is read, and the break is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readExit } from './exits.ts';
import { openK6Log } from './log.ts';
import { type K6Sample, openK6Samples } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-samples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const METRIC = {
  type: 'Metric',
  data: { name: 'a2a_event_gap', type: 'trend', contains: 'time', thresholds: ['p(95)<1'], submetrics: null },
  metric: 'a2a_event_gap',
};
const lineOf = ({ metric, value, at_ms, tags }: K6Sample): string =>
  JSON.stringify({ metric, type: 'Point', data: { time: new Date(at_ms).toISOString(), value, tags } });

async function read(bytes: Uint8Array, name: string) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const samples = openK6Samples(path);
  const seen: K6Sample[] = [];
  for await (const sample of samples) seen.push(sample);
  return { seen, counts: samples.counts() };
}

const sample = fc.record({
  metric: fc.constantFrom('a2a_event_gap', 'http_reqs'),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  at_ms: fc.integer({ min: 0, max: 4e12 }),
  tags: fc.dictionary(fc.constantFrom('user', 'outcome'), fc.string({ unit: 'binary' })),
});

test('what was written is read again, and of a file cut anywhere what stands before the cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { maxLength: 8 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (all, where) => {
        const bytes = Buffer.from(`${[JSON.stringify(METRIC), ...all.map(lineOf)].join('\n')}\n`);
        const whole = await read(bytes, 'a.json');
        expect(whole.seen).toEqual(all);
        expect(whole.counts).toMatchObject({ lines: all.length + 1, samples: all.length, unreadable: 0 });
        expect(whole.counts.truncated).toBeUndefined();
        const at = Math.floor(where * bytes.length);
        const cut = await read(bytes.subarray(0, at), 'b.json');
        expect(cut.seen).toEqual(all.slice(0, cut.seen.length));
        expect(cut.counts.unreadable).toBe(0);
        expect(cut.counts.truncated !== undefined).toBe(at > 0 && bytes[at - 1] !== 10);
      },
    ),
    { numRuns: 60 },
  );
});

test('a compressed file that breaks off is told, and what can be unpacked of it is kept', async () => {
  const all = Array.from({ length: 20_000 }, (_, n) => ({
    metric: 'http_reqs',
    value: n,
    at_ms: n,
    tags: { user: `u${n % 97}` },
  }));
  const packed = gzipSync(all.map((one) => `${lineOf(one)}\n`).join(''));
  expect((await read(packed, 'a.json.gz')).seen).toEqual(all);
  const { seen, counts } = await read(packed.subarray(0, packed.length / 2), 'b.json.gz');
  expect(seen.length).toBeGreaterThan(1_000);
  expect(seen).toEqual(all.slice(0, seen.length));
  expect(counts.truncated).toContain(`break off after ${counts.lines} lines`);
  expect((await read(Buffer.from('no gzip'), 'c.json.gz')).counts.truncated).toContain('incorrect header');
  const missing = openK6Samples(join(folder, 'missing.json.gz'));
  for await (const _sample of missing) expect.unreachable();
  expect(missing.counts().truncated).toContain('ENOENT');
});

test('lines that are no samples are counted, and times keep what lies below a millisecond', async () => {
  const point = {
    metric: 'm',
    type: 'Point',
    data: { time: '2026-01-02T03:04:05.123456789+02:00', value: 1, tags: null },
  };
  const noValue = { ...point, data: { ...point.data, value: '1' } };
  const noTime = { ...point, data: { ...point.data, time: 'soon' } };
  const lines = [METRIC, point, noValue, noTime, { metric: 'm', type: 'Other', data: {} }, 7, null].map((line) =>
    JSON.stringify(line),
  );
  const { seen, counts } = await read(Buffer.from(`${[...lines, '{"half', ''].join('\n')}`), 'd.json');
  expect(seen).toEqual([{ metric: 'm', value: 1, at_ms: Date.parse('2026-01-02T01:04:05.123Z') + 0.456789, tags: {} }]);
  expect(counts).toMatchObject({ lines: 8, samples: 1, unreadable: 5 });
  expect(counts.metrics).toEqual(
    new Map([['a2a_event_gap', { type: 'trend', contains: 'time', thresholds: ['p(95)<1'] }]]),
  );
});

test('a line without an end is not waited for', async () => {
  const { seen, counts } = await read(Buffer.alloc(3 << 20, 'x'), 'e.json');
  expect([seen, counts.truncated]).toEqual([[], expect.stringContaining('a line is longer than')]);
});

test('every exit of k6 has its sentence, and zero is no more than the end', () => {
  expect([0, 99, 104, 105, 107, 108, 110, 42].map((code) => readExit(code, null).ended)).toEqual([
    'finished',
    'finished',
    'broken',
    'stopped',
    'broken',
    'broken',
    'finished',
    'broken',
  ]);
  expect(readExit(42, null).sentence).toBe('k6 ended in a way that muster does not know (exit code 42)');
  expect(readExit(null, 'SIGKILL')).toMatchObject({
    ended: 'stopped',
    sentence: expect.stringContaining('killed by SIGKILL'),
  });
});

test('of the log of k6 errors are counted and the first are kept, wherever a chunk ends', () => {
  const line = (level: string, msg: string, more = {}) => `${JSON.stringify({ level, msg, ...more })}\n`;
  const text = Buffer.from(
    `${line('warning', 'slow')}${line('error', 'é thrown', { error: 'why' })}${line('info', 'x')}${line('error', 'again').repeat(20)}panic: out`,
  );
  for (const at of [0, 1, 30, 41, 42, 43, text.length - 3]) {
    const log = openK6Log();
    log.take(text.subarray(0, at));
    log.take(text.subarray(at));
    const told = log.told();
    expect([told.errors, told.warnings, told.error_lines.length, told.error_lines[1]]).toEqual([22, 1, 10, 'again']);
  }
});
