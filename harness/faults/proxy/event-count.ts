/**
 * Counts server-sent events in bytes as they pass, without keeping them, and says where in a chunk each event ends.
 * Lines end in LF or CRLF; a lone CR, which the standard allows, is sent by no agent we know and is not understood here.
 */

const LF = 10;
const CR = 13;
const DATA = 'data';
const COLON = 58;
const NOTHING = Buffer.alloc(0);

/** What lies between two blank lines: an event, or something that clients never see, such as a comment that keeps the connection alive. */
export interface Block {
  /** Offset just behind it, in the chunk in which it ends. */
  readonly end: number;
  readonly isEvent: boolean;
  /** Which of several streams that share the connection it is of; left out where there is one. */
  readonly of?: number;
}

export interface EventCounter {
  /** The blocks that end in this chunk. */
  blocks(chunk: Buffer): readonly Block[];
}

export interface ForkableCounter extends EventCounter {
  /** Some of a block has passed, and its blank line has not. */
  isInside(): boolean;
  /** One that goes on from here. */
  fork(): ForkableCounter;
}

/** How events lie in what an agent sends. */
export interface EventFraming extends EventCounter {
  /** What goes on in place of an event that is dropped. */
  blank(event: Buffer): Buffer;
}

/** Lines of text: of an event that is dropped nothing is left. */
export function followEvents(counter: EventCounter = countEvents()): EventFraming {
  return { blocks: counter.blocks, blank: () => NOTHING };
}

const NO_BLOCKS: readonly Block[] = [];

/**
 * A block without a data line is no event. `lineStart` are the first characters of the line under way, at most five: enough to
 * know `data`, `data:` and an empty line.
 */
export function countEvents(lineStart = '', blockHasData = false, isInside = false): ForkableCounter {
  return {
    blocks(chunk) {
      let blocks: Block[] | undefined;
      let from = 0;
      while (from < chunk.length) {
        const found = chunk.indexOf(LF, from);
        const to = found === -1 ? chunk.length : found;
        // Nothing is copied of a line that lies in one chunk, as nearly all do.
        if (found === -1 || lineStart !== '') {
          lineStart += chunk.toString('latin1', from, Math.min(to, from + DATA.length + 1 - lineStart.length));
        }
        if (found === -1) break;
        const isBlank = lineStart === '' ? isBlankAt(chunk, from, to) : lineStart === '\r';
        if (isBlank) {
          blocks ??= [];
          blocks.push({ end: found + 1, isEvent: blockHasData });
          blockHasData = false;
          isInside = false;
        } else {
          isInside = true;
          blockHasData ||= lineStart === '' ? isDataAt(chunk, from, to) : isData(lineStart);
        }
        lineStart = '';
        from = found + 1;
      }
      return blocks ?? NO_BLOCKS;
    },
    isInside: () => isInside || lineStart !== '',
    fork: () => countEvents(lineStart, blockHasData, isInside),
  };
}

function isBlankAt(chunk: Buffer, from: number, to: number): boolean {
  return to === from || (to === from + 1 && chunk[from] === CR);
}

function isDataAt(chunk: Buffer, from: number, to: number): boolean {
  if (chunk[from] !== 100 || chunk[from + 1] !== 97 || chunk[from + 2] !== 116 || chunk[from + 3] !== 97) return false;
  const next = from + DATA.length;
  return to <= next ? to === next : chunk[next] === COLON || chunk[next] === CR;
}

function isData(start: string): boolean {
  return start === DATA || start === `${DATA}:` || start === `${DATA}\r`;
}
