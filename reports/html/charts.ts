/**
 * Latency and outcomes of one scenario over time, one picture above the other on the same axis, with faults as bands.
 * A slice with too few samples leaves a gap in the line: nothing is drawn that was not measured.
 */
import type { FaultRecord, ScenarioMetrics, SlicePoint } from '../../harness/model/record.ts';
import { duration, whole } from '../measure.ts';
import { tellFault } from '../tell.ts';
import { clip, visible } from '../visible.ts';
import { type Axis, grid, HEAD, niceAbove, path, RIGHT, round, ticks, timeAxis, WIDTH } from './axes.ts';
import { type Content, type Html, html } from './escape.ts';

const LATENCY_HEIGHT = 150;
const OUTCOME_HEIGHT = 96;

function axisOf({ series, slice_ms, started_ms, ended_ms }: ScenarioMetrics): Axis {
  const start_ms = Math.min(started_ms, series[0]?.at_ms ?? started_ms);
  const end_ms = Math.max(ended_ms, (series.at(-1)?.at_ms ?? started_ms) + slice_ms, start_ms + 1);
  return timeAxis(start_ms, end_ms);
}

function bands(faults: readonly FaultRecord[], { x, end_ms }: Axis, height: number): Content {
  return faults.map(({ fault, asked_ms, applied_ms, healed_ms }) => {
    const from = x(applied_ms ?? asked_ms);
    const to = Math.max(from + 2, x(Math.min(healed_ms ?? end_ms, end_ms)));
    const heal =
      healed_ms === null
        ? null
        : html`<line x1="${to}" y1="${HEAD - 6}" x2="${to}" y2="${HEAD + height}" class="heal"/>`;
    const label = html`<text x="${Math.min(from + 4, WIDTH - 150)}" y="12" class="note">${clip(visible(tellFault(fault)), 40)}</text>`;
    return html`<rect x="${from}" y="${HEAD - 6}" width="${round(to - from)}" height="${height + 6}" class="band"/>${heal}${height === LATENCY_HEIGHT && label}`;
  });
}

function latency(metrics: ScenarioMetrics, axis: Axis): Content {
  const { series, slice_ms, faults } = metrics;
  const measured = series.flatMap(({ p50_ms, p95_ms }) => [p50_ms ?? 0, p95_ms ?? 0]);
  if (series.every(({ p50_ms, p95_ms }) => p50_ms === null && p95_ms === null)) {
    return html`<p class="mute">Too few answers in each ${duration(slice_ms)} for a latency over time.</p>`;
  }
  const max = niceAbove(Math.max(...measured));
  const y = (ms: number): number => round(HEAD + LATENCY_HEIGHT * (1 - ms / max));
  const place = (point: SlicePoint, ms: number): string => `${axis.x(point.at_ms + slice_ms / 2)} ${y(ms)}`;
  const line = (name: string, style: string, value: (point: SlicePoint) => number | null): Html => {
    const last = series.findLast((point) => value(point) !== null);
    const label =
      last !== undefined &&
      html`<text x="${WIDTH - RIGHT + 6}" y="${y(value(last) ?? 0) + 4}" class="name ${style}">${name}</text>`;
    return html`<path d="${path(series, value, place)}" class="line ${style}"/>${label}`;
  };
  return html`<p class="mute">Latency from due time, per ${duration(slice_ms)}</p><svg class="chart" viewBox="0 0 ${WIDTH} ${HEAD + LATENCY_HEIGHT + 22}" role="img" aria-label="Latency over time">${bands(faults, axis, LATENCY_HEIGHT)}${grid(max, LATENCY_HEIGHT, duration)}${line('p95', 'p95', (point) => point.p95_ms)}${line('p50', 'p50', (point) => point.p50_ms)}${ticks(axis, HEAD + LATENCY_HEIGHT + 18)}</svg>`;
}

const KINDS = [
  ['ok', 'ok', 'ok'],
  ['info', 'info', 'unknown'],
  ['fail', 'fail', 'failed'],
  ['dropped', 'drop', 'dropped'],
] as const;

function outcomes(metrics: ScenarioMetrics, axis: Axis): Html {
  const { series, slice_ms, faults } = metrics;
  const total = (point: SlicePoint): number => KINDS.reduce((sum, [kind]) => sum + point[kind], 0);
  const max = niceAbove(Math.max(1, ...series.map(total)));
  const bars = series.map((point) => {
    const from = axis.x(point.at_ms);
    const width = Math.max(0.8, round(axis.x(point.at_ms + slice_ms) - from - 1));
    let base = HEAD + OUTCOME_HEIGHT;
    return KINDS.filter(([kind]) => point[kind] > 0).map(([kind, style]) => {
      const height = round((point[kind] / max) * OUTCOME_HEIGHT);
      base = round(base - height);
      return html`<rect x="${from}" y="${base}" width="${width}" height="${height}" class="bar ${style}"/>`;
    });
  });
  const sums = KINDS.map(([kind, style, words]) => {
    const sum = series.reduce((all, point) => all + point[kind], 0);
    return html`<span class="swatch ${style}">${whole(sum)} ${words}</span>`;
  });
  return html`<p class="mute legend">Outcomes, per ${duration(slice_ms)}: ${sums}</p><svg class="chart" viewBox="0 0 ${WIDTH} ${HEAD + OUTCOME_HEIGHT + 22}" role="img" aria-label="Outcomes over time">${bands(faults, axis, OUTCOME_HEIGHT)}${grid(max, OUTCOME_HEIGHT, (value) => String(round(value)))}${bars}${ticks(axis, HEAD + OUTCOME_HEIGHT + 18)}</svg>`;
}

/** Both charts; words instead of an empty picture where nothing was answered. */
export function charts(metrics: ScenarioMetrics): Content {
  if (metrics.series.length === 0) return html`<p class="mute">No operation ended, so there is nothing to draw.</p>`;
  const axis = axisOf(metrics);
  return html`<div class="scroll" tabindex="0">${latency(metrics, axis)}${outcomes(metrics, axis)}</div>`;
}
