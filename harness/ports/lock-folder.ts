/** Where locks lie: one folder per user and machine, which no other user may write to. */
import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The folder cannot be used, whatever port is asked for; the message says what to do. */
export class LockFolderError extends Error {
  override readonly name = 'LockFolderError';

  constructor(folder: string, why: string, cause?: unknown) {
    super(
      `Failed to use "${folder}" for port locks: ${why}. It must be a real folder that belongs to the user who runs muster, and that nobody else may write to. Remove it, or set TMPDIR to another place.`,
      { cause },
    );
  }
}

/** Windows knows none. A user of a container often has a number and no name, so a name is asked for only where there is no number. */
const numberOfUser = (): number | undefined => process.geteuid?.();

/** Processes with another TMPDIR or of another user lock elsewhere: against those only the bind before a lease helps. */
export const defaultLockFolder = (): string => join(tmpdir(), `muster-ports-${numberOfUser() ?? userInfo().username}`);

const WRITABLE_BY_OTHERS = 0o022;

const whatIsWrong = (found: Stats): string | undefined => {
  const uid = numberOfUser();
  if (!found.isDirectory()) return found.isSymbolicLink() ? 'it is a link' : 'it is no folder';
  if (uid === undefined) return undefined;
  if (found.uid !== uid) return `it belongs to the user with the number ${found.uid}`;
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) return 'other users may write to it, and could take locks away';
  return undefined;
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

const make = (folder: string): void => {
  try {
    // Not `recursive`: where a file system answers ENOENT for what cannot be made, Node would try for ever.
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const why = codeOf(error) === 'ENOTDIR' ? 'it lies below a file' : `it cannot be made (${codeOf(error)})`;
    throw new LockFolderError(folder, why, error);
  }
};

/** A folder in a shared place may have been put there by somebody else beforehand: such a one is refused. */
export const prepareLockFolder = (folder: string): void => {
  make(folder);
  const wrong = whatIsWrong(lstatSync(folder));
  if (wrong !== undefined) throw new LockFolderError(folder, wrong);
};
