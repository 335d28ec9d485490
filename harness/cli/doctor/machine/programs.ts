/** Programs that some of muster's work needs: none of them stands in the way of the rest. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { findK6, K6_REMEDY } from '../../../engines/k6/find.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { note, ok } from '../findings.ts';
import type { MachineExamination } from './machine.ts';

const ANSWER_MS_MAX = 5_000;

/** Where Chromium lies on the systems that have it; CHROMIUM_PATH comes before these. */
export const CHROMIUM_PLACES: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

export const programs: MachineExamination = {
  area: 'programs',
  title: 'Programs',
  looks_at: 'k6 with our extension, Go, prlimit, Chromium',
  examine: async () => [
    await k6(),
    await program(
      'programs/go',
      'Go',
      ['go', 'env', 'GOVERSION'],
      'It is needed to build k6 once, and for nothing else.',
    ),
    await program(
      'programs/prlimit',
      'prlimit',
      ['prlimit', '--version'],
      'Install util-linux for faults that make descriptors, memory or file sizes scarce.',
    ),
    chromium(process.env),
  ],
};

async function k6(): Promise<CheckupFinding> {
  const found = await findK6();
  const id = 'programs/k6';
  const what = 'k6 with k6/x/a2a';
  if (found.found) return ok(id, what, `${found.version}, at ${found.path}`);
  return note(id, what, found.message.replace(K6_REMEDY, '').trim(), K6_REMEDY);
}

async function program(id: string, what: string, [file = '', ...words]: readonly string[], advice: string) {
  try {
    const { stdout } = await promisify(execFile)(file, words, { timeout: ANSWER_MS_MAX });
    return ok(id, what, stdout.trim().split('\n')[0] ?? '');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return note(id, what, isMissing ? 'not on the PATH' : `\`${[file, ...words].join(' ')}\` failed`, advice);
  }
}

export function chromium(env: Readonly<Record<string, string | undefined>>): CheckupFinding {
  const id = 'programs/chromium';
  const places = [env['CHROMIUM_PATH'] ?? '', ...CHROMIUM_PLACES].filter(Boolean);
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return ok(id, 'Chromium', found);
  const advice = "Set CHROMIUM_PATH to a browser if you work on muster's own reports; runs and reports need none.";
  return note(id, 'Chromium', 'none was found', advice);
}
