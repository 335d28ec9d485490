/** What `muster init` says at its end: what it found, what it did not, and what to do next. */
import { oneLine } from './card-hints.ts';
import type { Discovery } from './findings.ts';

export function reportOf(found: Discovery, path: string, next: string): readonly string[] {
  const { transports, phrasebook, missing, hints, listProblem } = found;
  const yes = (claimed: boolean): string => (claimed ? 'claimed by the card' : 'not claimed by the card');
  const echoes = phrasebook.short?.echoes ? 'says back what it is to repeat' : 'did not say back what it was to repeat';
  const rows: readonly (readonly [string, string])[] = [
    ['agent', `${oneLine(found.name)}, A2A ${found.protocol}, answers with a ${found.answersWith}, ${echoes}`],
    ...transports.map(
      ({ transport, problem }) =>
        [transport, problem === undefined ? 'answers' : `does not answer (${oneLine(problem)})`] as const,
    ),
    ['streaming', yes(found.streaming)],
    ['push', yes(found.push)],
    ['ListTasks', listProblem === undefined ? 'answers' : `does not answer (${listProblem})`],
    ['users', `${found.identity}: ${oneLine(found.identityReason)}`],
    ...(hints.schemes.length === 0 ? [] : [['schemes', hints.schemes.join('; ')] as const]),
    ['behaviours', Object.keys(phrasebook).join(', ')],
    ...(missing.length === 0
      ? []
      : [['not found', `${missing.join(', ')}: tell in ${path} how your agent is made to do them`] as const]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), '', `wrote ${path}`, `next  ${next}`];
}
