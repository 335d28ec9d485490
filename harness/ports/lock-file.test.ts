/** Locks against everything that may lie in their place. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeClaim, openClaim, releaseLock, takeLock } from './lock-file.ts';
import { thisProcess } from './owner.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-lock-'));

/** A pid that is in use, but not by a process that started then. */
const reusedPid = () => ({ pid: process.pid, started: '1' });
const mark = '00000000-0000-4000-8000-000000000000';

test('a lock is had by one claim at a time, and says whose it is', async () => {
  await using temp = await folder();
  const [first, second] = [openClaim(temp.path), openClaim(temp.path)];
  const path = join(temp.path, '5000.lock');
  expect(takeLock(path, first)).toBe(true);
  expect(takeLock(path, second)).toBe(false);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ ...thisProcess(), mark: first.mark });
  releaseLock(path, first);
  expect(takeLock(path, second)).toBe(true);
});

test('releasing a lock that somebody else has by now leaves it alone', async () => {
  await using temp = await folder();
  const [first, second] = [openClaim(temp.path), openClaim(temp.path)];
  const path = join(temp.path, '5000.lock');
  takeLock(path, first);
  releaseLock(path, first);
  takeLock(path, second);
  releaseLock(path, first);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ['of a process whose pid was given to another one', JSON.stringify({ ...reusedPid(), mark })],
  ['that is empty', ''],
  ['that was torn', '{"pid":12'],
  ['that holds other JSON', '[1,2]'],
  ['whose mark would lead out of the folder', JSON.stringify({ ...reusedPid(), mark: '../../x' })],
])('a lock %s is taken over, and nothing is left of it', async (_, content) => {
  await using temp = await folder();
  const path = join(temp.path, '5000.lock');
  writeFileSync(path, content);
  const claim = openClaim(temp.path);
  expect(takeLock(path, claim)).toBe(true);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ mark: claim.mark });
  expect(readdirSync(temp.path).filter((name) => name.startsWith('5000'))).toEqual(['5000.lock']);
});

test('a link that leads nowhere is taken over like other rubbish', async () => {
  await using temp = await folder();
  const path = join(temp.path, '5000.lock');
  symlinkSync(join(temp.path, 'nowhere'), path);
  const claim = openClaim(temp.path);
  expect(takeLock(path, claim)).toBe(true);
  expect(readdirSync(temp.path).filter((name) => name.startsWith('5000'))).toEqual(['5000.lock']);
});

test('a stale lock is let be while another process is taking it over', async () => {
  await using temp = await folder();
  const path = join(temp.path, '5000.lock');
  writeFileSync(path, JSON.stringify({ ...reusedPid(), mark }));
  const [quick, slow] = [openClaim(temp.path), openClaim(temp.path)];
  expect(takeLock(`${path}.${mark}`, quick)).toBe(true);
  expect(takeLock(path, slow)).toBe(false);
  releaseLock(`${path}.${mark}`, quick);
  expect(takeLock(path, slow)).toBe(true);
});

test('a process that died while it took a lock over does not block the next one', async () => {
  await using temp = await folder();
  const path = join(temp.path, '5000.lock');
  const second = '00000000-0000-4000-8000-000000000001';
  writeFileSync(path, JSON.stringify({ ...reusedPid(), mark }));
  writeFileSync(`${path}.${mark}`, JSON.stringify({ ...reusedPid(), mark: second }));
  expect(takeLock(path, openClaim(temp.path))).toBe(true);
  expect(readdirSync(temp.path).filter((name) => name.startsWith('5000'))).toEqual(['5000.lock']);
});

test('what cannot be read as a file is held by somebody else', async () => {
  await using temp = await folder();
  const path = join(temp.path, '5000.lock');
  mkdirSync(path);
  expect(takeLock(path, openClaim(temp.path))).toBe(false);
});

test('claims of dead processes are swept, living ones stay', async () => {
  await using temp = await folder();
  writeFileSync(join(temp.path, `claim-${process.pid}-1-${mark}`), '');
  const [first, second] = [openClaim(temp.path), openClaim(temp.path)];
  expect(
    readdirSync(temp.path)
      .map((name) => join(temp.path, name))
      .sort(),
  ).toEqual([first.path, second.path].sort());
  closeClaim(first);
  closeClaim(second);
  expect(readdirSync(temp.path)).toEqual([]);
});
