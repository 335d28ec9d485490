/** The file is the seam between running and judging: what is read must be what was appended, whatever happened to the writer. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HISTORY_SCHEMA, type HistoryEvent, type RunStarted, type Unstamped } from '../model/history.ts';
import { HistoryError } from './error.ts';
import { readHistory } from './read.ts';
import { openHistory } from './write.ts';

const STARTED: Unstamped<RunStarted> = {
  type: 'run',
  phase: 'started',
  schema: HISTORY_SCHEMA,
  started_at: '2026-11-21T00:00:00Z',
  nonce: 'abcd',
  environment: { node: 'v24', platform: 'linux', cpus: 2, memory_mb: 4096 },
};

const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('\ud83d\n\u2028'));
const unstamped: fc.Arbitrary<Unstamped> = fc.oneof(
  fc.record({
    type: fc.constant('event' as const),
    op_id: fc.nat(),
    index: fc.nat(),
    payload: fc.record({
      artifactUpdate: fc.record({
        taskId: texts,
        artifact: fc.record({
          artifactId: texts,
          parts: fc.array(fc.record({ text: texts, data: fc.anything({ withSparseArray: false }) })),
        }),
      }),
    }),
  }),
  fc.record({
    type: fc.constant('fail' as const),
    op_id: fc.nat(),
    error: fc.record({ code: texts, message: texts, status: fc.double() }),
  }),
);

function tempFolder(): Disposable & { readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-history-'));
  return {
    file: join(folder, 'history.jsonl'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function writeAll(path: string, events: readonly Unstamped[]): Promise<HistoryEvent[]> {
  let time_ms = 0;
  await using history = openHistory(path, { clock: () => (time_ms += 1 / 3) });
  return [STARTED, ...events].map((event) => history.append(event, 'scenario'));
}

function errorOf(path: string): unknown {
  try {
    for (const _ of readHistory(path));
  } catch (error) {
    return error;
  }
  return undefined;
}

test('of a history that is asked for some places what has them is read, also where lines tell them late', async () => {
  using folder = tempFolder();
  const appended = await writeAll(
    folder.file,
    Array.from({ length: 30 }, (_, index) => ({ type: 'ok', op_id: index, value: { value: '"seq":7,' } })),
  );
  const only = new Set([2, 7, 12, 30]);
  const wanted = appended.filter(({ seq }) => only.has(seq));
  expect(wanted.length).toBe(4);
  expect([...readHistory(folder.file, { only })]).toEqual(wanted);
  const late = appended.map(({ seq, ...event }) => JSON.stringify({ ...event, seq }));
  writeFileSync(folder.file, `${late.join('\n')}\n`);
  expect([...readHistory(folder.file, { only })].filter(({ seq }) => only.has(seq))).toEqual(wanted);
});

test('what is read is what append returned, in order, to the last byte, however small the chunks are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(unstamped), fc.integer({ min: 1, max: 300 }), async (events, chunk_bytes) => {
      using folder = tempFolder();
      const appended = await writeAll(folder.file, events);
      const read = [...readHistory(folder.file, { chunk_bytes })];
      expect(read).toEqual(appended);
      expect(read.map((event) => JSON.stringify(event))).toEqual(appended.map((event) => JSON.stringify(event)));
      expect(read.map(({ seq }) => seq)).toEqual(appended.map((_, position) => position));
    }),
  );
});

test('a file cut at any byte keeps every whole line before the cut, and tells of the torn one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(unstamped, { maxLength: 5 }), fc.nat(), async (events, anywhere) => {
      using folder = tempFolder();
      const appended = await writeAll(folder.file, events);
      const bytes = readFileSync(folder.file);
      const startOfSecond = bytes.indexOf(0x0a) + 1;
      const cut = startOfSecond + (anywhere % (bytes.length - startOfSecond + 1));
      writeFileSync(folder.file, bytes.subarray(0, cut));
      const torn: number[] = [];
      const read = [...readHistory(folder.file, { torn: ({ bytes }) => torn.push(bytes) })];
      const kept = bytes.subarray(0, cut);
      const rest = cut - (kept.lastIndexOf(0x0a) + 1);
      // A line that lacks its newline alone is whole.
      const isWhole = rest > 0 && bytes[cut] === 0x0a;
      const lines = kept.filter((byte) => byte === 0x0a).length + (isWhole ? 1 : 0);
      expect(read).toEqual(appended.slice(0, lines));
      expect(torn).toEqual(rest === 0 || isWhole ? [] : [rest]);
    }),
  );
});

test('times are rounded to microseconds and each iteration reads the file anew', async () => {
  using folder = tempFolder();
  await writeAll(folder.file, []);
  const events = readHistory(folder.file);
  for (const _ of [1, 2]) expect([...events].map(({ time_ms }) => time_ms)).toEqual([0.333]);
});

test('an event of many chunks comes back whole, with characters of several bytes across every border', async () => {
  using folder = tempFolder();
  const message = 'héllo 🍕 '.repeat(50_000);
  const big = { type: 'info', op_id: 1, error: { code: 'timeout', message } } as const;
  const appended = await writeAll(folder.file, [big, big]);
  expect([...readHistory(folder.file, { chunk_bytes: 1021 })]).toEqual(appended);
});

test('what is appended reaches the file soon without anybody asking, and a full buffer at once', async () => {
  using folder = tempFolder();
  await using history = openHistory(folder.file, { clock: () => 0 });
  history.append(STARTED, '');
  await expect.poll(() => statSync(folder.file).size, { timeout: 20_000 }).toBeGreaterThan(0);
  const before = statSync(folder.file).size;
  history.append({ type: 'run', phase: 'ended', reason: 'crashed', message: 'x'.repeat(300_000) }, '');
  expect(statSync(folder.file).size).toBeGreaterThan(before + 300_000);
});

test('a writer that is killed with -9 leaves everything that it had flushed', () => {
  using folder = tempFolder();
  const program = `
    import { openHistory } from ${JSON.stringify(new URL('./write.ts', import.meta.url).href)};
    const history = openHistory(${JSON.stringify(folder.file)}, { clock: () => 1 });
    history.append(${JSON.stringify(STARTED)}, '');
    history.append({ type: 'scenario', phase: 'started' }, 'short');
    history.flush();
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect([child.signal, child.stderr]).toEqual(['SIGKILL', '']);
  expect([...readHistory(folder.file)].map(({ type }) => type)).toEqual(['run', 'scenario']);
});

test('a broken line in the middle is an error that names it', async () => {
  using folder = tempFolder();
  await writeAll(folder.file, []);
  appendFileSync(folder.file, '{"seq":1,"time_\n{"seq":2}\n');
  expect(errorOf(folder.file)).toBeInstanceOf(HistoryError);
  expect(String(errorOf(folder.file))).toContain('Line 2 of the history');
});

test('a line that is JSON but no event is refused, and so is one that is not UTF-8', async () => {
  using folder = tempFolder();
  await writeAll(folder.file, []);
  const good = readFileSync(folder.file);
  appendFileSync(folder.file, '[1]\n');
  expect(String(errorOf(folder.file))).toContain('it has no seq, time_ms, scenario and type');
  writeFileSync(folder.file, Buffer.concat([good, Buffer.from([0x22, 0xff, 0x22, 0x0a])]));
  expect(String(errorOf(folder.file))).toContain('it is not JSON in UTF-8');
});

test('a history of another version is refused by the name of its version', async () => {
  using folder = tempFolder();
  await writeAll(folder.file, []);
  writeFileSync(folder.file, readFileSync(folder.file, 'utf8').replace(HISTORY_SCHEMA, 'muster.history/7'));
  expect(String(errorOf(folder.file))).toContain('is of version muster.history/7, and this muster reads');
});

test.each([
  ['an empty file', '', 'is empty'],
  ['a torn first line', '{"seq":0,', 'holds no whole line'],
  ['another kind of file', '{"seq":0,"time_ms":0,"scenario":"","type":"x"}\n', 'is not a history of muster'],
])('%s is refused with a sentence', (_, content, sentence) => {
  using folder = tempFolder();
  writeFileSync(folder.file, content);
  expect(errorOf(folder.file)).toBeInstanceOf(HistoryError);
  expect(String(errorOf(folder.file))).toContain(sentence);
});

test('a file or folder that is not there is refused with a sentence, for reading and for writing', () => {
  using folder = tempFolder();
  expect(errorOf(folder.file)).toBeInstanceOf(HistoryError);
  expect(() => openHistory(join(folder.file, 'x'), { clock: () => 0 })).toThrow(/must exist and be writable/);
});

test('a file that already holds a run is not written to', async () => {
  using folder = tempFolder();
  await writeAll(folder.file, []);
  expect(() => openHistory(folder.file, { clock: () => 0 })).toThrow(/already holds a run/);
});

test('nothing can be appended to a closed history, and closing twice is harmless', async () => {
  using folder = tempFolder();
  const history = openHistory(folder.file, { clock: () => 0 });
  await history[Symbol.asyncDispose]();
  await history[Symbol.asyncDispose]();
  expect(() => history.append(STARTED, '')).toThrow(/is closed/);
});

test.skipIf(process.platform !== 'linux')(
  'a full disk is told at the next flush and at every append after it',
  async () => {
    const history = openHistory('/dev/full', { clock: () => 0 });
    history.append(STARTED, '');
    expect(() => history.flush()).toThrow(/Failed to write the history \/dev\/full: ENOSPC/);
    expect(() => history.append(STARTED, '')).toThrow(HistoryError);
    await history[Symbol.asyncDispose]();
  },
);

test.skipIf(process.platform !== 'linux')('a full disk that nobody was told of is told on closing', async () => {
  const history = openHistory('/dev/full', { clock: () => 0 });
  history.append(STARTED, '');
  await expect(history[Symbol.asyncDispose]()).rejects.toThrow(HistoryError);
});
