/** However HTTP/2 is sliced, its messages are where they are, and what is dropped still counts against the windows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onNth } from './event-acts.ts';
import { openEventStage } from './event-stage.ts';
import { followFrames, paddingFor } from './frames.ts';
import { openRuleBook } from './rules.ts';

function frame(type: number, stream: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function message(text: string): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
}

const data = (stream: number, text: string): Buffer => frame(0, stream, message(text));
const headers = (stream: number, flags = 0): Buffer => frame(1, stream, Buffer.from('packed'), flags);

function sliced(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = 1 + (sizes[turn % sizes.length] ?? 0);
    chunks.push(bytes.subarray(from, from + size));
    from += size;
  }
  return chunks;
}

test('a frame that is one message is an event, and nothing else is', () => {
  const half = message('a message in two frames');
  const frames: readonly (readonly [Buffer, boolean])[] = [
    [frame(4, 0, Buffer.alloc(0)), false],
    [headers(1), false],
    [data(1, 'one'), true],
    [data(1, ''), true],
    [frame(0, 1, half.subarray(0, 9)), false],
    [frame(0, 1, half.subarray(9)), false],
    [data(1, 'after it'), true],
    [frame(0, 3, Buffer.concat([message('two'), message('at once')])), false],
    [data(3, 'nobody knows where this begins'), false],
    [frame(0, 5, Buffer.from('ab')), false],
    [headers(1, 1), false],
    [frame(0, 7, message('the last'), 1), false],
  ];
  const ends = new Map<number, boolean>();
  let end = 0;
  for (const [bytes, isEvent] of frames) {
    end += bytes.length;
    ends.set(end, isEvent);
  }
  fc.assert(
    fc.property(fc.array(fc.nat(12), { minLength: 1, maxLength: 9 }), (sizes) => {
      const framing = followFrames();
      const seen = new Map<number, boolean>();
      let before = 0;
      for (const chunk of sliced(Buffer.concat(frames.map(([bytes]) => bytes)), sizes)) {
        for (const block of framing.blocks(chunk)) seen.set(before + block.end, block.isEvent);
        before += chunk.length;
      }
      expect([...seen]).toEqual([...ends]);
    }),
  );
});

test('messages are counted in each stream, and a dropped one leaves padding of its length', () => {
  const rules = openRuleBook();
  const call = rules.call();
  const active = rules.add({ name: 'drop', onEvent: onNth(2, () => ({ out: [] })) });
  const sent = [headers(1), data(1, 'a'), data(3, 'b'), data(1, 'c'), data(3, 'd'), data(1, 'e'), headers(1, 1)];
  const padded = (stream: number): Buffer => paddingFor(data(stream, 'x'));
  const expected = [...sent.slice(0, 3), padded(1), padded(3), ...sent.slice(5)];
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (sizes) => {
      const out: Buffer[] = [];
      const stage = openEventStage(rules, call, (bytes) => void out.push(bytes), followFrames());
      for (const chunk of sliced(Buffer.concat(sent), sizes)) stage.feed(chunk);
      stage.end();
      expect(Buffer.concat(out).equals(Buffer.concat(expected))).toBe(true);
    }),
  );
  expect(active.effect.hits).toBe(200);
});

test('padding is as long as what it stands for, in frames that are allowed', () => {
  for (const length of [0, 1, 255, 256, 257, 3_000]) {
    const padding = paddingFor(data(9, 'x'.repeat(length)));
    let payload = 0;
    for (let from = 0; from < padding.length; ) {
      const [own, type, flags] = [padding.readUIntBE(from, 3), padding[from + 3], padding[from + 4]];
      expect([type, flags, padding.readUInt32BE(from + 5), padding[from + 9]]).toEqual([0, 8, 9, own - 1]);
      payload += own;
      from += 9 + own;
    }
    expect(payload).toBe(length + 5);
  }
});
