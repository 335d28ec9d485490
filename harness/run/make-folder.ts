/**
 * Makes a folder that a user named, with all above it. Not by `recursive`: where a file system answers ENOENT for what cannot
 * be made, as /proc does, Node would try for ever.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Harmless when it is there already. Throws when it cannot be made, or is no folder. */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let there = resolve(path);
  for (; !(await isThere(there)); there = dirname(there)) missing.unshift(there);
  if (!(await stat(there)).isDirectory()) throw new Error(`"${there}" is no folder`);
  for (const folder of missing) await makeOne(folder);
}

/** Another process may want the same one at the same time. */
async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(await isThere(folder))) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
