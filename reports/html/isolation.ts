/**
 * Which isolation strategy costs what and keeps what apart: a picture in which each strategy is a row and each measure has a scale
 * of its own, and the same in numbers. A bar ends at the median, a line at the longest; nothing is drawn that was not measured.
 */
import type { IsolationRecord, Latency, RunRecord } from '../../harness/model/record.ts';
import { coldStarts, comparison, findings, LONG_COLUMNS, memory } from '../isolation.ts';
import { duration, percentile, whole } from '../measure.ts';
import { type Content, type Html, html, unfolding } from './escape.ts';
import { section, table } from './section.ts';

const WIDTH = 1000;
const NAMES = 96;
const HEAD = 26;
const ROW = 30;
const BAR = 14;

interface Bar {
  /** Null where there is nothing to draw. */
  readonly value: number | null;
  /** How far the line goes on. */
  readonly longest?: number | null;
  readonly words: string;
}

interface Panel {
  readonly head: string;
  readonly width: number;
  /** What of the width is kept free for the words behind a bar. */
  readonly words: number;
  readonly style: 'ok' | 'info' | 'fail';
  readonly bar: (record: IsolationRecord) => Bar;
}

const timed = (latency: Latency): Bar => ({
  value: latency.p50,
  longest: latency.max,
  words: latency.count === 0 ? '–' : latency.max === 0 ? 'none' : percentile(latency.p50),
});

const PANELS: readonly Panel[] = [
  {
    head: 'open at once',
    width: 116,
    words: 50,
    style: 'ok',
    bar: ({ at_once_max }) => ({ value: at_once_max, words: whole(at_once_max) }),
  },
  { head: 'waited', width: 150, words: 72, style: 'info', bar: ({ waiting }) => timed(waiting) },
  { head: 'boot', width: 150, words: 72, style: 'info', bar: ({ boot }) => timed(boot) },
  {
    head: 'cold starts',
    width: 190,
    words: 104,
    style: 'info',
    bar: (record) => ({ ...timed(record.cold_starts), words: coldStarts(record) }),
  },
  {
    head: 'memory a session',
    width: 154,
    words: 74,
    style: 'info',
    bar: (record) => ({ value: record.memory?.per_session_mb ?? null, words: memory(record) }),
  },
  {
    head: 'conflicts',
    width: 72,
    words: 36,
    style: 'fail',
    bar: ({ conflicts }) => ({ value: conflicts, words: whole(conflicts) }),
  },
  {
    head: 'findings',
    width: 72,
    words: 40,
    style: 'fail',
    bar: (record) => ({ value: record.findings, words: findings(record) }),
  },
];

const round = (value: number): number => (Number.isFinite(value) ? Math.round(value * 10) / 10 : 0);

function panel(
  { head, width, words: kept, style, bar }: Panel,
  left: number,
  strategies: readonly IsolationRecord[],
): Html {
  const bars = strategies.map(bar);
  const most = Math.max(1e-9, ...bars.flatMap(({ value, longest }) => [value ?? 0, longest ?? 0]));
  const room = width - kept;
  const length = (value: number): number => round((value / most) * room);
  const rows = bars.map(({ value, longest, words }, index) => {
    const y = HEAD + index * ROW + (ROW - BAR) / 2;
    const end = Math.max(length(value ?? 0), length(longest ?? 0));
    const line =
      typeof longest === 'number' &&
      longest > 0 &&
      html`<line x1="${left}" y1="${y + BAR / 2}" x2="${left + length(longest)}" y2="${y + BAR / 2}" class="arrow"/>`;
    const block =
      value !== null &&
      value > 0 &&
      html`<rect x="${left}" y="${y}" width="${Math.max(1, length(value))}" height="${BAR}" class="bar ${style}"/>`;
    return html`${line}${block}<text x="${left + end + 5}" y="${y + BAR - 3}" class="${style === 'fail' && (value ?? 0) > 0 ? 'tick bad' : 'tick'}">${words}</text>`;
  });
  return html`<text x="${left}" y="14" class="name">${head}</text><line x1="${left}" y1="${HEAD}" x2="${left}" y2="${HEAD + strategies.length * ROW}" class="grid"/>${rows}`;
}

function picture(strategies: readonly IsolationRecord[]): Html {
  const height = HEAD + strategies.length * ROW + 4;
  const lefts = PANELS.map((_, index) => NAMES + PANELS.slice(0, index).reduce((sum, { width }) => sum + width, 0));
  const names = strategies.map(({ strategy }, index) => {
    const y = HEAD + index * ROW;
    return html`<line x1="0" y1="${y}" x2="${WIDTH}" y2="${y}" class="grid"/><text x="0" y="${y + ROW / 2 + 4}" class="name">${strategy}</text>`;
  });
  return html`<div class="scroll" tabindex="0"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Isolation strategies compared">${names}${PANELS.map((each, index) => panel(each, lefts[index] ?? 0, strategies))}</svg></div>`;
}

function row(record: IsolationRecord): readonly Content[] {
  return LONG_COLUMNS.map(({ told }, index) => (index === 0 ? html`<b>${told(record)}</b>` : told(record)));
}

export function isolation(record: RunRecord): Content {
  const { strategies, missing, refusals } = comparison(record);
  if (strategies.length + missing.length === 0) return null;
  const sizes = new Set(strategies.map(({ memory: measured }) => measured?.memory_is ?? 'pss'));
  const counted = sizes.has('rss') ? 'shared pages counted in full (RSS)' : 'shared pages counted in part (PSS)';
  const longest_ms = Math.max(0, ...strategies.map(({ boot }) => boot.max ?? 0));
  return section('isolation', 'Isolation strategies', [
    html`<p class="mute">The same users under each strategy. A bar ends at the median and a line at the longest; the slowest boot took ${duration(longest_ms)}. Memory is that of the agents’ processes, divided by the sessions that were opened, ${counted}.</p>`,
    strategies.length > 0 &&
      html`<div class="card">${picture(strategies)}${table(
        LONG_COLUMNS.map(({ head }) => head),
        strategies.map(row),
        1,
      )}</div>`,
    list('Whose session was refused, or failed, was told:', refusals),
    list('Not compared:', missing),
  ]);
}

function list(title: string, sentences: readonly string[]): Content {
  if (sentences.length === 0) return null;
  return html`<p class="mute">${title}</p><ul>${sentences.map((each) => html`<li>${unfolding(each, 300)}</li>`)}</ul>`;
}
