/** Finds the heads of messages in what comes over a connection, however it is cut. */

export interface FoundHead {
  /** Without the empty line at its end. */
  readonly text: string;
  /** Offset just behind that line. */
  readonly end: number;
  /** Some of it came before. */
  readonly isSplit: boolean;
}

export interface HeadReader {
  /** Nothing where more of it has to come; it then has all bytes. Throws where it is too large. */
  read(bytes: Buffer, from: number): FoundHead | undefined;
}

/** Ours must not be the limit that a test of oversized headers meets. */
const HEAD_BYTES_MAX = 1_048_576;
const END = Buffer.from('\r\n\r\n');
const NOTHING: Buffer = Buffer.alloc(0);

export function openHeadReader(): HeadReader {
  let before: Buffer = NOTHING;
  return {
    read(bytes, from) {
      let start = from;
      // Clients of old leave an empty line behind a body (RFC 9112 §2.2).
      if (before.length === 0) while (bytes[start] === 13 || bytes[start] === 10) start += 1;
      const isSplit = before.length > 0;
      const all = isSplit ? Buffer.concat([before, bytes.subarray(start)]) : bytes;
      const found = all.indexOf(END, isSplit ? Math.max(0, before.length - END.length) : start);
      if (found === -1) {
        before = isSplit ? all : Buffer.from(bytes.subarray(start));
        if (before.length > HEAD_BYTES_MAX) throw new Error(`a head is larger than ${HEAD_BYTES_MAX} bytes`);
        return undefined;
      }
      const text = all.toString('latin1', isSplit ? 0 : start, found);
      const end = found + END.length + (isSplit ? start - before.length : 0);
      before = NOTHING;
      return { text, end, isSplit };
    },
  };
}
