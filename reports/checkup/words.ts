/** A checkup in words, which its text and its page share: the verdict, what a problem stands in the way of, and what went to the agent. */
import type { Checkup, CheckupFinding, CheckupStatus, Fitness } from '../../harness/model/checkup.ts';
import { count, duration } from '../measure.ts';

export type Problem = Extract<CheckupFinding, { readonly status: 'problem' }>;
export type Note = Extract<CheckupFinding, { readonly status: 'note' }>;

/** A finding with the chapter that it is of. */
export interface Placed<T extends CheckupFinding = CheckupFinding> {
  readonly chapter: string;
  readonly finding: T;
}

export const TONES: Readonly<Record<Fitness, 'good' | 'warn' | 'bad'>> = { fit: 'good', partly: 'warn', unfit: 'bad' };

const RANK = { all: 0, part: 1 } as const;
const LAST = 2;

/** What stands in the way of everything comes first. */
export const problemsOf = (checkup: Checkup): readonly Placed<Problem>[] =>
  placed(checkup, isProblem).sort((a, b) => rankOf(a.finding) - rankOf(b.finding));
export const notesOf = (checkup: Checkup): readonly Placed<Note>[] => placed(checkup, isNote);

const rankOf = ({ hinders }: Problem): number => (hinders === undefined ? LAST : RANK[hinders]);
const isProblem = (finding: CheckupFinding): finding is Problem => finding.status === 'problem';
const isNote = (finding: CheckupFinding): finding is Note => finding.status === 'note';

function placed<T extends CheckupFinding>({ chapters }: Checkup, is: (finding: CheckupFinding) => finding is T) {
  return chapters.flatMap(({ title, findings }) =>
    findings.filter(is).map((finding): Placed<T> => ({ chapter: title, finding })),
  );
}

export const countOf = ({ chapters }: Checkup, status: CheckupStatus): number =>
  chapters.flatMap(({ findings }) => findings).filter((finding) => finding.status === status).length;

export function headlineOf(checkup: Checkup): string {
  const { target, fitness } = checkup;
  const who = target === null ? 'This machine' : (target.name ?? target.value);
  const hindering = problemsOf(checkup).filter(({ finding }) => finding.hinders !== undefined).length;
  const others = countOf(checkup, 'problem') - hindering;
  if (fitness === 'unfit') return `${who} ${target === null ? 'cannot run tests' : 'cannot be tested'} as it is`;
  if (fitness === 'partly') {
    const way = `${count(hindering, 'problem')} ${hindering === 1 ? 'stands' : 'stand'} in the way`;
    return `${who} ${target === null ? 'can run tests' : 'can be tested'} in part: ${way}`;
  }
  const wrong = others === 0 ? '' : `, and has ${count(others, 'mistake')}`;
  return `${who} is fit ${target === null ? 'to run tests' : 'to be tested'}${wrong}`;
}

export function factsOf({ target, sent, took_ms }: Checkup): readonly string[] {
  if (target === null) return ['no agent was named, so only the machine was looked at', duration(took_ms)];
  const of = [
    ...(sent.messages === 0 ? [] : [count(sent.messages, 'message')]),
    ...(sent.cancels === 0 ? [] : [count(sent.cancels, 'cancel')]),
  ];
  return [
    `${target.kind} ${target.value}`,
    ...(target.protocol === undefined ? [] : [`A2A ${target.protocol}`]),
    `${count(sent.requests, 'request')} to it${of.length === 0 ? '' : `, ${of.join(' and ')} among them`}`,
    duration(took_ms),
  ];
}

export const consequenceOf = ({ hinders }: Problem): string =>
  hinders === 'all'
    ? 'nothing can be tested'
    : hinders === 'part'
      ? 'it cannot all be tested'
      : 'it stands in the way of no test';
