/** Folders that users name, on file systems that will not have them. */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

test('a folder is made with all above it, also when several make it at once', async () => {
  await using temp = await mkdtempDisposable(join(tmpdir(), 'muster-folder-test-'));
  const path = join(temp.path, 'a', 'b', 'c');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(temp.path, 'a', 'd'))]);
  await makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test('a folder below a file is refused by the name of the file', async () => {
  await using temp = await mkdtempDisposable(join(tmpdir(), 'muster-folder-test-'));
  const file = join(temp.path, 'file');
  writeFileSync(file, '');
  await expect(makeFolder(join(file, 'below'))).rejects.toThrow(`"${file}" is no folder`);
  await expect(makeFolder(file)).rejects.toThrow(`"${file}" is no folder`);
});

test.runIf(process.platform === 'linux')(
  'a folder that the system will never make is refused, and not tried for ever',
  async () => {
    await expect(makeFolder('/proc/no-such-folder/below')).rejects.toThrow('ENOENT');
  },
);
