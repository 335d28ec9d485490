/**
 * A load over time: who was due and came, how long it took, and how it ended, one picture above the other on the same axis, with
 * the stages of its plan. Everything is a second's worth, however long a slice is; where too little was measured the line has a gap.
 */
import type { LoadPoint, LoadRecord } from '../../harness/model/load-record.ts';
import { duration, rate, whole } from '../measure.ts';
import { type Axis, grid, HEAD, LEFT, niceAbove, path, RIGHT, round, ticks, timeAxis, WIDTH } from './axes.ts';
import { type Content, type Html, html } from './escape.ts';

const USERS_HEIGHT = 120;
const LATENCY_HEIGHT = 130;
const OUTCOME_HEIGHT = 90;
/** A label needs so much room for each character, or it stands on the next one. */
const CHARACTER_WIDTH = 7;

interface Picture {
  readonly load: LoadRecord;
  readonly axis: Axis;
  readonly height: number;
  readonly max: number;
  readonly y: (value: number) => number;
}

function picture(load: LoadRecord, axis: Axis, height: number, values: readonly number[]): Picture {
  const max = niceAbove(Math.max(...values));
  return { load, axis, height, max, y: (value) => round(HEAD + height * (1 - value / max)) };
}

function frame(
  { load, axis, height, max }: Picture,
  title: Content,
  name: string,
  words: (value: number) => string,
  content: Content,
  isTop = false,
): Html {
  return html`<p class="mute legend">${title}</p><svg class="chart" viewBox="0 0 ${WIDTH} ${HEAD + height + 22}" role="img" aria-label="${name}">${stages(load, axis, height, isTop)}${grid(max, height, words)}${content}${ticks(axis, HEAD + height + 18)}</svg>`;
}

/** A line where each stage begins; what it asks for is written on the topmost picture, where there is room. */
function stages({ stages }: LoadRecord, { x }: Axis, height: number, isTop: boolean): Content {
  let free = 0;
  return stages.map(({ at_ms, from_per_s, to_per_s }, place) => {
    const from = x(at_ms);
    const line =
      place > 0 && html`<line x1="${from}" y1="${HEAD - 6}" x2="${from}" y2="${HEAD + height}" class="stage"/>`;
    const asked = from_per_s === to_per_s ? `${rate(to_per_s)}/s` : `${rate(from_per_s)} → ${rate(to_per_s)}/s`;
    const end = from + 8 + CHARACTER_WIDTH * asked.length;
    const hasRoom = isTop && from >= free && end <= WIDTH;
    if (hasRoom) free = end;
    return html`${line}${hasRoom && html`<text x="${from + 4}" y="12" class="tick">${asked}</text>`}`;
  });
}

/** In the last slice users may have come for a part of it only. */
const comingSeconds = ({ slice_ms, ran_ms }: LoadRecord, { at_ms }: LoadPoint): number =>
  Math.min(slice_ms, ran_ms - at_ms) / 1000;

const perSecond = (load: LoadRecord, value: number): number => (value * 1000) / load.slice_ms;

function line(
  { load, axis, y }: Picture,
  name: string,
  style: string,
  value: (point: LoadPoint) => number | null,
): Html {
  const last = load.series.findLast((point) => value(point) !== null);
  const place = (point: LoadPoint, at: number): string => `${axis.x(point.at_ms + load.slice_ms / 2)} ${y(at)}`;
  const label =
    last !== undefined &&
    name !== '' &&
    html`<text x="${Math.min(axis.x(last.at_ms + load.slice_ms) + 6, WIDTH - RIGHT + 6)}" y="${y(value(last) ?? 0) + 4}" class="name ${style}">${name}</text>`;
  return html`<path d="${path(load.series, value, place)}" class="line ${style}"/>${label}`;
}

function bars(
  { load, axis, height, max }: Picture,
  kinds: readonly (readonly [style: string, of: (point: LoadPoint) => number])[],
): Content {
  return load.series.map((point) => {
    const from = axis.x(point.at_ms);
    const width = Math.max(0.8, round(axis.x(point.at_ms + load.slice_ms) - from - 0.6));
    let base = HEAD + height;
    return kinds
      .filter(([, of]) => of(point) > 0)
      .map(([style, of]) => {
        const tall = round((of(point) / max) * height);
        base = round(base - tall);
        return html`<rect x="${from}" y="${base}" width="${width}" height="${tall}" class="bar ${style}"/>`;
      });
  });
}

function users(load: LoadRecord, axis: Axis): Html {
  const a_second = (pick: (point: LoadPoint) => number) => (point: LoadPoint) => {
    const seconds = comingSeconds(load, point);
    return seconds <= 0 ? null : pick(point) / seconds;
  };
  const due = a_second((point) => point.due);
  const view = picture(
    load,
    axis,
    USERS_HEIGHT,
    load.series.map((point) => due(point) ?? 0),
  );
  const dropped = a_second((point) => point.dropped);
  const content = html`${bars(view, [['fail', (point) => dropped(point) ?? 0]])}${line(view, '', 'due', due)}${line(
    view,
    '',
    'came',
    a_second((point) => point.sent),
  )}`;
  const title = html`Users a second: <span class="swatch due">${whole(load.due.count)} due</span><span class="swatch came">${whole(load.sent.count)} came</span><span class="swatch fail">${whole(load.dropped)} dropped</span>`;
  return frame(view, title, 'Users a second', rate, content, true);
}

function latency(load: LoadRecord, axis: Axis): Content {
  const { series, slice_ms, objective_ms } = load;
  const measured = series.flatMap(({ p50_ms, p95_ms, p99_ms }) => [p50_ms, p95_ms, p99_ms]).filter((ms) => ms !== null);
  if (measured.length === 0) {
    return html`<p class="mute">Too few answers in each ${duration(slice_ms)} for a latency over time.</p>`;
  }
  const highest = Math.max(...measured);
  const isNear = objective_ms <= highest * 3;
  const view = picture(load, axis, LATENCY_HEIGHT, isNear ? [...measured, objective_ms] : measured);
  const objective =
    isNear &&
    html`<line x1="${LEFT}" y1="${view.y(objective_ms)}" x2="${WIDTH - RIGHT}" y2="${view.y(objective_ms)}" class="heal"/>`;
  const title = html`Latency from due time, per ${duration(slice_ms)}: <span class="swatch p50">p50</span><span class="swatch p95">p95</span><span class="swatch p99">p99</span>${isNear && html`<span class="swatch goal">objective ${duration(objective_ms)}</span>`}`;
  const content = html`${objective}${line(view, '', 'p99', (point) => point.p99_ms)}${line(view, '', 'p95', (point) => point.p95_ms)}${line(view, '', 'p50', (point) => point.p50_ms)}`;
  return frame(view, title, 'Latency over time', duration, content);
}

function outcomes(load: LoadRecord, axis: Axis): Html {
  const a_second = (pick: (point: LoadPoint) => number) => (point: LoadPoint) => perSecond(load, pick(point));
  const kinds = [
    ['ok', 'good', (point: LoadPoint) => point.good],
    ['slow', 'answered, not good', (point: LoadPoint) => Math.max(0, point.ok - point.good)],
    ['info', 'unknown', (point: LoadPoint) => point.info],
    ['fail', 'failed', (point: LoadPoint) => point.fail],
  ] as const;
  const sum = (pick: (point: LoadPoint) => number): number => load.series.reduce((all, point) => all + pick(point), 0);
  const totals = load.series.map(a_second(({ ok, info, fail }) => ok + info + fail));
  const view = picture(load, axis, OUTCOME_HEIGHT, totals);
  const told = kinds.map(
    ([style, words, pick]) => html`<span class="swatch ${style}">${whole(sum(pick))} ${words}</span>`,
  );
  const drawn = kinds.map(([style, , pick]) => [style, a_second(pick)] as const);
  return frame(view, html`Operations that ended, a second: ${told}`, 'Outcomes over time', rate, bars(view, drawn));
}

/** Words instead of an empty picture where nobody was due. */
export function loadChart(load: LoadRecord): Content {
  const { series, slice_ms } = load;
  const last = series.at(-1);
  if (last === undefined) return html`<p class="mute">Nobody was due, so there is nothing to draw.</p>`;
  const axis = timeAxis(0, Math.max(last.at_ms + slice_ms, 1));
  return html`<div class="scroll" tabindex="0">${users(load, axis)}${latency(load, axis)}${outcomes(load, axis)}</div>`;
}
