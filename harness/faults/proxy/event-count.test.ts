/** However a stream is sliced, its events end where they end. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countEvents } from './event-count.ts';

function endsOf(chunks: readonly Buffer[]): number[] {
  const counter = countEvents();
  let before = 0;
  return chunks.flatMap((chunk) => {
    const events = counter.blocks(chunk).filter(({ isEvent }) => isEvent);
    const ends = events.map(({ end }) => before + end);
    before += chunk.length;
    return ends;
  });
}

function sliced(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(from, from + size));
    from += size;
  }
  return [...chunks, bytes.subarray(from)];
}

test('an event ends behind its blank line, with LF and with CRLF', () => {
  expect(endsOf([Buffer.from('id: 1\ndata: a\n\ndata: b\ndata: c\n\n')])).toEqual([15, 32]);
  expect(endsOf([Buffer.from('data: a\r\n\r\ndata\r\n\r\n')])).toEqual([11, 19]);
});

test('comments, retry hints, blank lines and look-alikes are no events', () => {
  expect(endsOf([Buffer.from(': ping\n\n\n\r\nretry: 1\n\ndatabase: x\n\n data: x\n\ndat\n\nid: 7\n\n')])).toEqual([]);
});

test('any slicing gives the same ends', () => {
  const block = fc.record({
    lines: fc.array(fc.constantFrom(': ping', 'id: 7', 'event: x', 'data: {"a":1}', 'data', 'data: \u00e9\u20ac'), {
      maxLength: 4,
    }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
  });
  fc.assert(
    fc.property(fc.array(block), fc.array(fc.integer({ min: 0, max: 9 })), (blocks, sizes) => {
      let text = '';
      const expected: number[] = [];
      for (const { lines, lineEnd } of blocks) {
        for (const line of lines) text += line + lineEnd;
        text += lineEnd;
        if (lines.some((line) => line.startsWith('data'))) expected.push(Buffer.byteLength(text));
      }
      expect(endsOf(sliced(Buffer.from(text), sizes))).toEqual(expected);
    }),
  );
});

test('of the corpus of event streams as many events are counted as clients see, wherever a chunk ends', () => {
  const path = new URL('../../../fixtures/sse-corpus.json', import.meta.url);
  const { streams } = JSON.parse(readFileSync(path, 'utf8')) as {
    streams: {
      name: string;
      input: [string, number][];
      events: unknown[];
      events_times?: number;
      counted?: number;
    }[];
  };
  for (const { name, input, events, events_times = 1, counted } of streams) {
    const bytes = Buffer.from(input.map(([text, times]) => text.repeat(times)).join(''));
    const expected = counted ?? events.length * events_times;
    const stride = Math.max(1, Math.floor(bytes.length / 100));
    for (let at = 0; at <= bytes.length; at += stride) {
      expect([name, at, endsOf([bytes.subarray(0, at), bytes.subarray(at)]).length]).toEqual([name, at, expected]);
    }
  }
});
