/** Folders that cannot be used for locks, each with a sentence; and clocks, which no lock depends on. */
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeClaim, openClaim, takeLock } from './lock-file.ts';
import { LockFolderError, prepareLockFolder } from './lock-folder.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-folder-'));
const isRoot = userInfo().uid === 0;

const refusal = (use: () => unknown): string => {
  try {
    use();
  } catch (error) {
    expect(error).toBeInstanceOf(LockFolderError);
    return (error as Error).message;
  }
  throw new Error('It was not refused.');
};

test('a folder that is not there is made, for its owner alone', async () => {
  await using temp = await folder();
  const path = join(temp.path, 'locks');
  prepareLockFolder(path);
  prepareLockFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a file, a link, and a place below a file are no folder', async () => {
  await using temp = await folder();
  const file = join(temp.path, 'file');
  writeFileSync(file, '');
  expect(refusal(() => prepareLockFolder(file))).toMatch(/it is no folder.*set TMPDIR/);
  expect(refusal(() => prepareLockFolder(join(file, 'below')))).toMatch(/it lies below a file/);
  const link = join(temp.path, 'link');
  mkdirSync(join(temp.path, 'real'));
  symlinkSync(join(temp.path, 'real'), link);
  expect(refusal(() => prepareLockFolder(link))).toMatch(/it is a link/);
});

test('a folder of another user is refused, and so is one that others may write to', async () => {
  await using temp = await folder();
  const theirs = isRoot ? join(temp.path, 'theirs') : '/';
  if (isRoot) {
    mkdirSync(theirs);
    chownSync(theirs, 12_345, 12_345);
  }
  expect(refusal(() => prepareLockFolder(theirs))).toMatch(/it belongs to the user with the number \d+/);
  const open = join(temp.path, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(refusal(() => prepareLockFolder(open))).toMatch(/other users may write to it/);
});

test.skipIf(process.platform !== 'linux')('a folder that cannot be written to, or made, is told in words', async () => {
  await using temp = await folder();
  // Root may write wherever there is a file system that lets itself be written to; /proc does not.
  const readOnly = isRoot ? '/proc/self/fdinfo' : join(temp.path, 'read-only');
  if (!isRoot) mkdirSync(readOnly, { mode: 0o500 });
  prepareLockFolder(readOnly);
  expect(refusal(() => openClaim(readOnly))).toMatch(/muster cannot write there \(E\w+\)/);
  expect(refusal(() => prepareLockFolder('/proc/self/nowhere'))).toMatch(/it cannot be made \(E\w+\)/);
  expect(refusal(() => prepareLockFolder(join(temp.path, 'nowhere', 'locks')))).toMatch(/it cannot be made \(ENOENT\)/);
});

test('no clock is asked whose a lock is: one from the future and one from 1970 are held, as long as their owners live', async () => {
  await using temp = await folder();
  const [mine, other] = [openClaim(temp.path), openClaim(temp.path)];
  for (const [port, year] of [
    [5010, 2100],
    [5020, 1970],
  ] as const) {
    const path = join(temp.path, `${port}.lock`);
    takeLock(path, mine);
    const then = new Date(Date.UTC(year, 0, 2));
    utimesSync(path, then, then);
    expect(takeLock(path, other)).toBe(false);
  }
  closeClaim(mine);
  closeClaim(other);
});
