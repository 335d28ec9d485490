/**
 * Follows the body of an HTTP/1.1 message through the bytes of its connection (RFC 9112 §6), however they are cut: which of
 * them are its payload, where it ends, and whether what came may go on as it is without leaving its reader inside a chunk.
 */

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'counted'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

export interface BodyPart {
  /** Offset just behind what is of this body. */
  readonly end: number;
  readonly payload: readonly Buffer[];
  readonly isOver: boolean;
  /** It began and ends where no chunk is under way: something else may follow it as well as what does. */
  readonly isWhole: boolean;
}

export interface BodyReader {
  /** Throws where the bytes are not framed as they should be. */
  read(bytes: Buffer, from: number): BodyPart;
  /** Lines after the last chunk, each as `name: value`. */
  trailers(): readonly string[];
}

/** Of the size of a chunk with whatever is written behind it, and of a line of a trailer. */
const LINE_BYTES_MAX = 65_536;
const SIZE_DIGITS_MAX = 12;
const LF = 10;
const CR = 13;
const NOTHING: readonly Buffer[] = [];
const NO_TRAILERS: readonly string[] = [];

export function followBody(framing: Framing): BodyReader {
  if (framing.kind === 'chunked') return followChunks();
  let left = framing.kind === 'counted' ? framing.bytes : framing.kind === 'close' ? Number.POSITIVE_INFINITY : 0;
  return {
    read(bytes, from) {
      const end = Math.min(bytes.length, from + left);
      left -= end - from;
      const payload = end === from ? NOTHING : [from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end)];
      return { end, payload, isOver: left === 0, isWhole: true };
    },
    trailers: () => NO_TRAILERS,
  };
}

type Place = 'size' | 'payload' | 'behind' | 'trailer' | 'over';

function followChunks(): BodyReader {
  const trailers: string[] = [];
  let place: Place = 'size';
  let left = 0;
  /** Of the line under way. */
  let text = '';

  const takeLine = (line: string): void => {
    if (place === 'size') {
      left = sizeIn(line);
      place = left === 0 ? 'trailer' : 'payload';
    } else if (place === 'behind') {
      if (line !== '') throw new Error(`a chunk is longer than it says, "${line.slice(0, 20)}" follows it`);
      place = 'size';
    } else if (line === '') {
      place = 'over';
    } else {
      trailers.push(line);
    }
  };
  /** Nearly every line is a size in digits or empty, and is whole: then no text is made of it. Returns where it ends. */
  const takeShortLine = (bytes: Buffer, from: number): number => {
    let size = 0;
    let at = from;
    for (let digit = hexIn(bytes, at); digit >= 0; digit = hexIn(bytes, at)) {
      size = size * 16 + digit;
      at += 1;
    }
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return from;
    if (place === 'size' && at > from && at - from <= SIZE_DIGITS_MAX) {
      left = size;
      place = size === 0 ? 'trailer' : 'payload';
    } else if (place !== 'size' && at === from) {
      takeLine('');
    } else {
      return from;
    }
    return at + 2;
  };
  const isBetween = (): boolean => place === 'over' || (place === 'size' && text === '');

  return {
    read(bytes, from) {
      const beganBetween = isBetween();
      const payload: Buffer[] = [];
      let at = from;
      while (at < bytes.length && place !== 'over') {
        if (place === 'payload') {
          const to = Math.min(bytes.length, at + left);
          payload.push(bytes.subarray(at, to));
          left -= to - at;
          at = to;
          if (left === 0) place = 'behind';
          continue;
        }
        const behind = text === '' ? takeShortLine(bytes, at) : at;
        if (behind > at) {
          at = behind;
          continue;
        }
        const found = bytes.indexOf(LF, at);
        const to = found === -1 ? bytes.length : found + 1;
        text += bytes.toString('latin1', at, to);
        at = to;
        if (text.length > LINE_BYTES_MAX) throw new Error('the line before a chunk does not end');
        if (found === -1) break;
        const line = text.endsWith('\r\n') ? text.slice(0, -2) : text.slice(0, -1);
        text = '';
        takeLine(line);
      }
      return { end: at, payload, isOver: place === 'over', isWhole: beganBetween && isBetween() };
    },
    trailers: () => trailers,
  };
}

/** Less than nothing where there is no such digit. */
function hexIn(bytes: Buffer, at: number): number {
  const code = bytes[at] ?? 0;
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function sizeIn(line: string): number {
  const [, digits] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (digits === undefined) throw new Error(`"${line.slice(0, 20)}" is no size of a chunk`);
  return Number.parseInt(digits, 16);
}
