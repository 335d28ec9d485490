/** Examines the machine that muster runs on. An examination that fails says so, and keeps none of the others from being made. */
import type { CheckupChapter } from '../../../model/checkup.ts';
import { couldNot } from '../findings.ts';
import { machineExaminations } from './examinations.ts';
import type { Surroundings } from './machine.ts';

/** One after the other: what one does is not to be seen by another, as load or as a port. */
export async function examineMachine(surroundings: Surroundings): Promise<readonly CheckupChapter[]> {
  const chapters: CheckupChapter[] = [];
  for (const { area, title, examine } of machineExaminations) {
    if (surroundings.signal.aborted) break;
    const findings = await examine(surroundings).catch((error: unknown) => [couldNot(area, title, error)]);
    chapters.push({ area, title, about: 'machine', findings });
  }
  return chapters;
}
