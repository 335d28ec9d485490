/**
 * Counts server-sent events in bytes as they pass, without keeping them, and says where in a chunk each event ends.
 * Lines end in LF or CRLF; a lone CR, which the standard allows, is sent by no agent we know and is not understood here.
 */

const LF = 10;
const CR = 13;
const DATA = Buffer.from('data');
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
  blocks(chunk: Buffer): Block[];
}

/** How events lie in what an agent sends. */
export interface EventFraming extends EventCounter {
  /** What goes on in place of an event that is dropped. */
  blank(event: Buffer): Buffer;
}

/** Lines of text: of an event that is dropped nothing is left. */
export function followEvents(): EventFraming {
  return { ...countEvents(), blank: () => NOTHING };
}

/** A block without a data line is no event. */
export function countEvents(): EventCounter {
  // The first five bytes of the line under way: enough to know `data`, `data:` and an empty line.
  let lineStart = Buffer.alloc(0);
  let blockHasData = false;
  return {
    blocks(chunk) {
      const blocks: Block[] = [];
      let from = 0;
      while (from < chunk.length) {
        const found = chunk.indexOf(LF, from);
        const to = found === -1 ? chunk.length : found;
        const missing = DATA.length + 1 - lineStart.length;
        if (missing > 0) lineStart = Buffer.concat([lineStart, chunk.subarray(from, Math.min(to, from + missing))]);
        if (found === -1) break;
        from = found + 1;
        if (isBlank(lineStart)) {
          blocks.push({ end: from, isEvent: blockHasData });
          blockHasData = false;
        } else if (isData(lineStart)) {
          blockHasData = true;
        }
        lineStart = Buffer.alloc(0);
      }
      return blocks;
    },
  };
}

function isBlank(start: Buffer): boolean {
  return start.length === 0 || (start.length === 1 && start[0] === CR);
}

function isData(start: Buffer): boolean {
  const next = start[DATA.length];
  return DATA.equals(start.subarray(0, DATA.length)) && (next === undefined || next === COLON || next === CR);
}
