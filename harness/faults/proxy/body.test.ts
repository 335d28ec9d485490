/** However the bytes of a connection are cut, the same of them are a body's, and it ends at the same one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BodyReader, type Framing, followBody } from './body.ts';

interface Followed {
  readonly payload: string;
  readonly ends: number | undefined;
}

function follow(bytes: Buffer, sizes: readonly number[], framing: Framing): Followed {
  const reader: BodyReader = followBody(framing);
  const payload: Buffer[] = [];
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    const chunk = bytes.subarray(from, from + size);
    const part = reader.read(chunk, 0);
    payload.push(...part.payload);
    if (part.isOver) return { payload: Buffer.concat(payload).toString('latin1'), ends: from + part.end };
    from += chunk.length;
  }
  return { payload: Buffer.concat(payload).toString('latin1'), ends: undefined };
}

const sizes = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', '0', '\r', '\n', ';', ' '), maxLength: 20 });

test('chunks give their payload and nothing of what follows, wherever they are cut', () => {
  const chunk = fc.record({ payload: text, extension: fc.constantFrom('', ';x=1', ' ; a="b"'), upper: fc.boolean() });
  const trailer = fc.constantFrom('', 'X-Late: 1\r\n', 'A: b\r\nC: d\r\n');
  fc.assert(
    fc.property(fc.array(chunk), trailer, sizes, text, (chunks, trailers, cuts, after) => {
      const full = chunks.filter(({ payload }) => payload !== '');
      const written = full.map(({ payload, extension, upper }) => {
        const size = payload.length.toString(16);
        return `${upper ? size.toUpperCase() : size}${extension}\r\n${payload}\r\n`;
      });
      const body = `${written.join('')}0\r\n${trailers}\r\n`;
      expect(follow(Buffer.from(body + after, 'latin1'), cuts, { kind: 'chunked' })).toEqual({
        payload: full.map(({ payload }) => payload).join(''),
        ends: body.length,
      });
    }),
  );
});

test('a counted body ends with its last byte, and one till the close never', () => {
  fc.assert(
    fc.property(text, text, sizes, (body, after, cuts) => {
      const bytes = Buffer.from(body + after, 'latin1');
      const counted = follow(bytes, cuts, { kind: 'counted', bytes: body.length });
      expect(counted).toEqual({ payload: body, ends: body.length });
      expect(follow(bytes, cuts, { kind: 'close' })).toEqual({ payload: body + after, ends: undefined });
      expect(follow(bytes, cuts, { kind: 'none' })).toEqual({ payload: '', ends: 0 });
    }),
  );
});

test('what ends between two chunks says so, and what ends within one does not', () => {
  const reader = followBody({ kind: 'chunked' });
  const whole = (bytes: string): boolean => reader.read(Buffer.from(bytes), 0).isWhole;
  expect(['3\r\nabc\r\n', '3\r', '\nabc\r\n', '3\r\nabc', '\r\n', '0\r\n\r\n'].map(whole)).toEqual([
    ...[true, false, false, false, false, true],
  ]);
  expect(reader.trailers()).toEqual([]);
});

test('what is framed as nobody may frame it is refused', () => {
  for (const bytes of ['x\r\n', '-1\r\n', '\r\n', '1\r\nabc\r\n', '3;'.repeat(40_000), 'fffffffffffff\r\n']) {
    expect(() => followBody({ kind: 'chunked' }).read(Buffer.from(bytes), 0)).toThrow();
  }
});
