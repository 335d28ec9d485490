/**
 * Follows the frames of HTTP/2 (RFC 9113 §4.1) that an agent sends, without looking into them: a DATA frame that is exactly one
 * gRPC message is to rules what an event is on a stream. Whatever else there is passes as it is.
 */
import type { Block, EventFraming } from './event-count.ts';

const HEADER_BYTES = 9;
/** Whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const DATA = 0x0;
const HEADERS = 0x1;
const RST_STREAM = 0x3;
const END_STREAM = 0x1;
const PADDED = 0x8;
const FRAME_PADDING_MAX = 255;

interface Stream {
  /** Bytes of a message that are still to come in frames of their own. */
  rest: number;
  /** Its messages do not begin with frames, so nobody knows where they are. */
  isLost: boolean;
}

export function followFrames(): EventFraming {
  const streams = new Map<number, Stream>();
  /** The frame's header, and the first bytes of what is in it. */
  let head = Buffer.alloc(0);
  let missing = 0;
  const HEAD_BYTES = HEADER_BYTES + PREFIX_BYTES;

  const blockOf = (): Omit<Block, 'end'> => {
    const length = head.readUIntBE(0, 3);
    const [type, flags, id] = [head[3], head[4] ?? 0, head.readUInt32BE(5) & 0x7fffffff];
    const stream = streams.get(id) ?? { rest: 0, isLost: false };
    const isOver = type === RST_STREAM || ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0);
    if (isOver) streams.delete(id);
    else if (type === DATA) streams.set(id, stream);
    if (type !== DATA || length === 0) return { isEvent: false };
    if (stream.rest > 0) {
      stream.isLost ||= length > stream.rest;
      stream.rest = Math.max(0, stream.rest - length);
      return { isEvent: false };
    }
    if (length < PREFIX_BYTES || (flags & PADDED) !== 0) stream.isLost = true;
    if (stream.isLost) return { isEvent: false };
    const message = PREFIX_BYTES + head.readUInt32BE(HEADER_BYTES + 1);
    stream.rest = Math.max(0, message - length);
    stream.isLost = message < length;
    return { isEvent: message === length && (flags & END_STREAM) === 0, of: id };
  };

  return {
    blocks(chunk) {
      const blocks: Block[] = [];
      let from = 0;
      while (from < chunk.length) {
        if (head.length < HEADER_BYTES) {
          const taken = chunk.subarray(from, from + HEADER_BYTES - head.length);
          head = Buffer.concat([head, taken]);
          from += taken.length;
          if (head.length < HEADER_BYTES) break;
          missing = head.readUIntBE(0, 3);
        }
        const body = chunk.subarray(from, from + missing);
        const wanted = Math.max(0, HEAD_BYTES - head.length);
        if (wanted > 0) head = Buffer.concat([head, body.subarray(0, wanted)]);
        from += body.length;
        missing -= body.length;
        if (missing > 0) break;
        blocks.push({ end: from, ...blockOf() });
        head = Buffer.alloc(0);
      }
      return blocks;
    },
    blank: paddingFor,
  };
}

/**
 * Frames of nothing but padding, as long as what was in the dropped one: both sides count it against their windows, and a
 * window that only one of them had counted would be too small for ever.
 */
export function paddingFor(frame: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let left = frame.length - HEADER_BYTES; left > 0; ) {
    const length = Math.min(left, 1 + FRAME_PADDING_MAX);
    const padding = Buffer.alloc(HEADER_BYTES + length);
    padding.writeUIntBE(length, 0, 3);
    padding[3] = DATA;
    padding[4] = PADDED;
    frame.copy(padding, 5, 5, HEADER_BYTES);
    padding[HEADER_BYTES] = length - 1;
    frames.push(padding);
    left -= length;
  }
  return Buffer.concat(frames);
}
