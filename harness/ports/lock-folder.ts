/** Where locks lie: one folder per user and machine, which no other user may write to. */
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Processes with another TMPDIR or of another user lock elsewhere: against those only the bind before a lease helps. */
export const defaultLockFolder = (): string => {
  const { uid, username } = userInfo();
  return join(tmpdir(), `muster-ports-${uid < 0 ? username : uid}`);
};

/** A folder in a shared place may have been put there by somebody else beforehand: such a one is refused. */
export const prepareLockFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const { uid } = userInfo();
  if (!found.isDirectory() || (uid >= 0 && found.uid !== uid))
    throw new Error(
      `Failed to use "${folder}" for port locks: it must be a real folder that belongs to the user who runs muster. Remove it, or set TMPDIR to another place.`,
    );
};
