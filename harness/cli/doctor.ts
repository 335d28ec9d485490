/**
 * `muster doctor`: looks at an agent and at the machine, and says what stands in the way of testing, each with what to do about it.
 * It asks nobody but the agent, and asks little; what was sent is told.
 */
import { writeFile } from 'node:fs/promises';
import { renderCheckupPage } from '../../reports/checkup/page.ts';
import { renderCheckup } from '../../reports/checkup/text.ts';
import type { Checkup } from '../model/checkup.ts';
import { reasonOf } from '../model/reason-of.ts';
import { checkUp } from './doctor/check-up.ts';
import { type DoctorArguments, doctorSettings } from './doctor/settings.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';

const WIDTH_IN_FILES = 100;

export async function doctor(args: DoctorArguments): Promise<number> {
  const settings = await doctorSettings(args);
  using interrupted = untilInterrupted();
  const { signal } = interrupted;
  const checkup = await checkUp({ ...settings, signal }).catch((error: unknown) => {
    // Whatever was under way then ends by being torn off.
    if (signal.aborted) return undefined;
    throw error;
  });
  if (signal.aborted || checkup === undefined) return EXIT.interrupted;
  if (args.html !== undefined) await writePage(args.html, checkup);
  const { isTTY, columns } = process.stdout;
  const color = isTTY === true && process.env['NO_COLOR'] === undefined;
  const text = args.json
    ? JSON.stringify(checkup, null, 2)
    : renderCheckup(checkup, { width: isTTY ? columns : WIDTH_IN_FILES, color });
  process.stdout.write(`${text}\n`);
  return checkup.exit_code;
}

async function writePage(file: string, checkup: Checkup): Promise<void> {
  await writeFile(file, renderCheckupPage(checkup)).catch((error: unknown) => {
    throw new UsageError(
      `Failed to write the page to "${file}": ${reasonOf(error)}. Name a file in a folder that is there, and that you may write to.`,
    );
  });
}
