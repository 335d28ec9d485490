/** The baseline at the end of a run: a line for each accepted finding, and what of it this run did not meet. */
import type { RunRecord } from '../../harness/model/record.ts';
import { acceptedFindings, baselineWords, unmetEntries } from '../known.ts';
import { count } from '../measure.ts';
import { clip } from '../visible.ts';
import { type Paint, wrapped } from './terminal.ts';

const SHOWN_MAX = 10;

export function knownLines(
  { paint, width }: { readonly paint: Paint; readonly width: number },
  record: RunRecord,
): readonly string[] {
  const listing = (sign: string, texts: readonly string[]): readonly string[] => [
    ...texts
      .slice(0, SHOWN_MAX)
      .flatMap((text) =>
        wrapped(clip(text, 600), width - 3).map((line, index) => ` ${index === 0 ? sign : ' '} ${paint(line, 'dim')}`),
      ),
    ...(texts.length > SHOWN_MAX ? [`   … and ${texts.length - SHOWN_MAX} more in the report`] : []),
  ];
  const accepted = acceptedFindings(record).map(
    ({ finding, scenario, number }) =>
      `${number}. ${finding.message} · ${finding.check} in ${scenario.name} · ${baselineWords(finding).join('; ')}`,
  );
  const unmet = unmetEntries(record).flatMap(({ title, meaning, entries }) => [
    ...wrapped(`${title}: ${count(entries.length, 'entry', 'entries')} of the baseline. ${meaning}`, width - 1).map(
      (line) => ` ${paint(line)}`,
    ),
    ...listing(
      '○',
      entries.map(({ finding }) => finding),
    ),
  ]);
  return [
    ...(accepted.length === 0 ? [] : ['', ` ${paint('Known, and accepted for a while', 'bold')}`]),
    ...listing('⊗', accepted),
    ...(unmet.length === 0 ? [] : ['', ...unmet]),
  ];
}
