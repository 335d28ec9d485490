/** A checkup on the terminal: what stands in the way first, then what is worth knowing, and what is well on a line for each chapter. */
import type { Checkup } from '../../harness/model/checkup.ts';
import { type Paint, painter, type Style, wrapped } from '../summary/terminal.ts';
import { clip } from '../visible.ts';
import {
  consequenceOf,
  factsOf,
  headlineOf,
  type Note,
  notesOf,
  type Placed,
  type Problem,
  problemsOf,
  TONES,
} from './words.ts';

export interface CheckupTextOptions {
  readonly width: number;
  readonly color: boolean;
}

const WIDTH_MIN = 40;
const WIDTH_MAX = 120;
const TEXT_MAX = 600;
const COLORS = { good: 'green', warn: 'yellow', bad: 'red' } as const;

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

export function renderCheckup(checkup: Checkup, { width, color }: CheckupTextOptions): string {
  const page: Page = { paint: painter(color), width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)) };
  const lines = [
    ...heading(page, checkup),
    ...problemsOf(checkup).flatMap((problem, index) => problemLines(page, problem, index + 1)),
    ...noteLines(page, notesOf(checkup)),
    ...wellLines(page, checkup),
  ];
  return lines.map((line) => line.trimEnd()).join('\n');
}

function heading(page: Page, checkup: Checkup): readonly string[] {
  const { paint, width } = page;
  const word = checkup.fitness.toUpperCase();
  const [first = '', ...more] = wrapped(clip(headlineOf(checkup), TEXT_MAX), width - word.length - 3);
  return [
    ` ${paint(word, COLORS[TONES[checkup.fitness]], 'bold')}  ${paint(first, 'bold')}`,
    ...more.map((line) => `${' '.repeat(word.length + 3)}${paint(line, 'bold')}`),
    ...wrapped(clip(factsOf(checkup).join(' · '), TEXT_MAX), width - 1).map((line) => ` ${paint(line, 'dim')}`),
  ];
}

function problemLines(page: Page, { chapter, finding }: Placed<Problem>, number: number): readonly string[] {
  const { paint } = page;
  return [
    '',
    ` ${paint(`${number}.`, 'red', 'bold')} ${paint(clip(`${chapter}: ${finding.looked_at}`, 100), 'bold')}`,
    ...field(page, 'seen', finding.seen),
    ...field(page, 'so', consequenceOf(finding)),
    ...field(page, 'do', finding.advice, 'bold'),
  ];
}

function noteLines(page: Page, notes: readonly Placed<Note>[]): readonly string[] {
  if (notes.length === 0) return [];
  const { paint, width } = page;
  const lines = notes.flatMap(({ chapter, finding: { looked_at, seen, advice } }) => {
    const [first = '', ...more] = wrapped(clip(`${chapter}, ${looked_at}: ${seen}`, TEXT_MAX), width - 4);
    return [
      ` ${paint('○', 'yellow')} ${paint(first)}`,
      ...more.map((line) => `   ${paint(line)}`),
      ...wrapped(advice, width - 4).map((line) => `   ${paint(line, 'dim')}`),
    ];
  });
  return ['', ...lines];
}

function wellLines({ paint, width }: Page, { chapters }: Checkup): readonly string[] {
  const lines = chapters.flatMap(({ title, findings }) => {
    const well = findings.filter(({ status }) => status === 'ok');
    if (well.length === 0) return [];
    const told = well.map(({ looked_at, seen }) => `${looked_at}: ${seen}`).join(' · ');
    const [first = '', ...more] = wrapped(clip(told, TEXT_MAX), width - 15);
    return [
      ` ${paint('●', 'green')} ${paint(title.padEnd(11))} ${paint(first, 'dim')}`,
      ...more.map((line) => `${' '.repeat(15)}${paint(line, 'dim')}`),
    ];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function field({ paint, width }: Page, label: string, text: string, ...styles: readonly Style[]): readonly string[] {
  return wrapped(clip(text, TEXT_MAX), width - 9).map(
    (line, index) => `    ${paint((index === 0 ? label : '').padEnd(4), 'dim')} ${paint(line, ...styles)}`,
  );
}
