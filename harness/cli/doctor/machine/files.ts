/** The folders that muster writes to: for temporary files, for locks of ports, and for the results of runs. */
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckupFinding, Hindrance } from '../../../model/checkup.ts';
import { reasonOf } from '../../../model/reason-of.ts';
import { closeClaim, openClaim } from '../../../ports/lock-file.ts';
import { defaultLockFolder, prepareLockFolder } from '../../../ports/lock-folder.ts';
import { note, ok, problem } from '../findings.ts';
import type { MachineExamination } from './machine.ts';

/** A run of the standard suite leaves some ten MB; loads leave more. */
const FREE_MB_MIN = 500;
const MB = 1024 * 1024;

export const files: MachineExamination = {
  area: 'files',
  title: 'Folders',
  looks_at: 'whether temporary files, locks of ports and results can be written, and the room there is',
  examine: async () => folderFindings({ temp: tmpdir(), locks: defaultLockFolder(), results: process.cwd() }),
};

export interface Folders {
  readonly temp: string;
  readonly locks: string;
  readonly results: string;
}

export async function folderFindings({ temp, locks, results }: Folders): Promise<readonly CheckupFinding[]> {
  return [
    await writable('files/temp', 'folder for temporary files', {
      folder: temp,
      advice: 'Make it writable, or set TMPDIR to another folder.',
      hinders: 'all',
    }),
    lockable(locks),
    await writable('files/results', 'folder for results', {
      folder: results,
      advice: 'Start muster in a folder that you may write to, or give runs another one with --out.',
      hinders: 'part',
    }),
  ];
}

interface Folder {
  readonly folder: string;
  readonly advice: string;
  readonly hinders: Hindrance;
}

async function writable(id: string, what: string, { folder, advice, hinders }: Folder): Promise<CheckupFinding> {
  try {
    const made = await mkdtemp(join(folder, '.muster-doctor-'));
    try {
      await writeFile(join(made, 'probe'), 'x');
    } finally {
      await rm(made, { recursive: true, force: true });
    }
    const { bavail, bsize } = await statfs(folder);
    const free_mb = Math.floor((bavail * bsize) / MB);
    const seen = `${folder}, ${free_mb} MB free`;
    if (free_mb >= FREE_MB_MIN) return ok(id, what, seen);
    return note(id, what, seen, `Make room: less than ${FREE_MB_MIN} MB are soon full of histories and logs.`);
  } catch (error) {
    return problem(id, what, { seen: `cannot be written to (${reasonOf(error)})`, advice, hinders });
  }
}

function lockable(folder: string): CheckupFinding {
  const what = 'folder for locks of ports';
  try {
    prepareLockFolder(folder);
    closeClaim(openClaim(folder, 'muster doctor'));
    return ok('files/locks', what, folder);
  } catch (error) {
    const advice = 'Remove it, or set TMPDIR to another place: without locks no port can be leased.';
    return problem('files/locks', what, { seen: reasonOf(error), advice, hinders: 'all' });
  }
}
