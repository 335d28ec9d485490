/** The last lines of an agent's log. The agent writes its log itself, so that it never waits for muster to read. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const LINES_MAX = 40;
const LINE_LENGTH_MAX = 500;
const BYTES_MAX = 32 * 1024;

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What was written at `from` or later; nothing when the file is gone. */
export const readLogTail = (path: string, from: number): string[] => {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const start = Math.max(from, size - BYTES_MAX, 0);
      const bytes = Buffer.alloc(Math.max(0, size - start));
      readSync(file, bytes, 0, bytes.length, start);
      const lines = bytes.toString('utf8').split(/\r?\n/);
      if (lines.at(-1) === '') lines.pop();
      return lines.slice(-LINES_MAX).map((line) => line.slice(0, LINE_LENGTH_MAX));
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
};
