/** Counts what k6 says of itself while it runs, in bounded memory: a script that throws does so at every visit. */
import { recordOf } from '../../model/record-of.ts';

const LINES_KEPT = 10;
const LINE_CHARACTERS_MAX = 500;

export interface K6Told {
  readonly errors: number;
  readonly error_lines: readonly string[];
  readonly warnings: number;
}

export interface K6Log {
  take(chunk: Buffer): void;
  /** An error that is not k6's own. */
  note(error: string): void;
  told(): K6Told;
}

export function openK6Log(): K6Log {
  let [errors, warnings, rest] = [0, 0, ''];
  const error_lines: string[] = [];
  const note = (error: string): void => {
    errors += 1;
    if (error_lines.length < LINES_KEPT) error_lines.push(error.slice(0, LINE_CHARACTERS_MAX));
  };
  const takeLine = (line: string): void => {
    if (line.trim() === '') return;
    const { level, msg } = read(line);
    if (level === 'warning') warnings += 1;
    if (level === 'error' || level === 'fatal' || level === 'panic') note(msg);
  };
  return {
    note,
    take(chunk) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = (lines.pop() ?? '').slice(-64_000);
      for (const line of lines) takeLine(line);
    },
    told() {
      takeLine(rest);
      rest = '';
      return { errors, error_lines, warnings };
    },
  };
}

/** What is no JSON comes from below its logger: a crash of Go. */
function read(line: string): { readonly level: string; readonly msg: string } {
  try {
    const { level, msg, error } = recordOf(JSON.parse(line));
    return { level: String(level), msg: error === undefined ? String(msg) : `${String(msg)}: ${String(error)}` };
  } catch {
    return { level: 'error', msg: line };
  }
}
