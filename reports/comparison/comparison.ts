/** Two loads beside each other, for the terminal: a line for each metric, with its effect, how sure that is, and what it means. */
import type { Comparison, MetricComparison } from '../../harness/model/comparison.ts';
import { visible } from '../visible.ts';

const HEAD = ['metric', 'A', 'B', 'B against A, with 95 % confidence', 'samples', ''] as const;

export function renderComparison({ a, b, how, judgement, metrics, notes }: Comparison): string {
  const rows = [HEAD, ...metrics.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const told = metrics.flatMap(({ metric, why }) => (why === undefined ? [] : [` ○ ${metric}: ${why}`]));
  return [
    ` ${judgement.toUpperCase()}  ${MEANS[judgement]}`,
    ` A ${visible(a.name)}`,
    ` B ${visible(b.name)}`,
    ` ${how === 'blocks' ? 'loaded in turn, block by block, on this machine' : 'two runs; what else was different between them is not known'}`,
    '',
    ...rows.map((row) => ` ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()),
    ...(told.length + notes.length === 0 ? [] : ['', ...told, ...notes.map((note) => ` ○ ${visible(note)}`)]),
  ].join('\n');
}

const MEANS = {
  better: 'B is better than A',
  same: 'no difference that matters, and one that does would have been seen',
  worse: 'B is worse than A',
  'cannot tell': 'this is not enough to say that they are the same, or that they are not',
} as const;

function rowOf(one: MetricComparison): readonly string[] {
  const { metric, effect, low, high, effect_in, samples, judgement } = one;
  const unit = effect_in === 'percent' ? ' %' : ' points';
  const shown =
    effect === null || low === null || high === null
      ? '–'
      : `${signed(effect)}${unit} (${signed(low)} … ${signed(high)})`;
  return [metric, shownOf(one, one.a), shownOf(one, one.b), shown, `${samples.a}, ${samples.b}`, judgement];
}

function shownOf({ unit }: MetricComparison, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'fraction') return `${rounded(value * 100)} %`;
  return `${rounded(value)}${unit === 'ms' ? ' ms' : ''}`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)));
const signed = (value: number): string => `${value > 0 ? '+' : ''}${rounded(value)}`;
