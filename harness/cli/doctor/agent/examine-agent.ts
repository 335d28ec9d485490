/** Examines an agent that is up: its card first, then its interfaces, and the rest over the first of them that answers. */
import { isLoopback } from '../../../agents/listeners.ts';
import type { CheckupChapter, CheckupFinding } from '../../../model/checkup.ts';
import { recordOf } from '../../../model/record-of.ts';
import { couldNot } from '../findings.ts';
import { cardFindings } from './card.ts';
import { agentExaminations } from './examinations.ts';
import { meetInterfaces } from './interfaces.ts';
import type { Patient, Talking } from './patient.ts';

export async function examineAgent(patient: Patient): Promise<readonly CheckupChapter[]> {
  const { agent, signal } = patient;
  const card = cardChapter(cardFindings(recordOf(agent.card), { isLoopback }));
  await using open = new AsyncDisposableStack();
  const { met, findings } = await meetInterfaces(patient, open);
  const chapters = [card, chapterOf('interfaces', 'Interfaces', findings)];
  const main = met.find(({ state }) => state === 'answers');
  const caller = main?.tried.at(-1)?.caller;
  if (main === undefined || caller === undefined) return chapters;
  let talking: Talking = { ...patient, met, main, caller };
  for (const { area, title, examine } of agentExaminations) {
    if (signal.aborted) break;
    const done = await examine(talking).catch((error: unknown) => ({ findings: [couldNot(area, title, error)] }));
    if ('taskId' in done && done.taskId !== undefined) talking = { ...talking, taskId: done.taskId };
    chapters.push(chapterOf(area, title, done.findings));
  }
  return chapters;
}

export const cardChapter = (findings: readonly CheckupFinding[]): CheckupChapter => chapterOf('card', 'Card', findings);

const chapterOf = (area: string, title: string, findings: readonly CheckupFinding[]): CheckupChapter => ({
  area,
  title,
  about: 'agent',
  findings,
});
