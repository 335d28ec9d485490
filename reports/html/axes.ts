/** What charts of this report share: one width, round numbers on the axes, and lines with gaps where nothing was measured. */
import { duration } from '../measure.ts';
import { type Content, type Html, html } from './escape.ts';

export const WIDTH = 1000;
export const LEFT = 62;
export const RIGHT = 44;
/** Above each picture there is room for a line of text. */
export const HEAD = 20;

export interface Axis {
  readonly x: (time_ms: number) => number;
  readonly start_ms: number;
  readonly end_ms: number;
}

export function timeAxis(start_ms: number, end_ms: number): Axis {
  const x = (time_ms: number): number =>
    round(LEFT + ((time_ms - start_ms) / (end_ms - start_ms)) * (WIDTH - LEFT - RIGHT));
  return { x, start_ms, end_ms };
}

export const round = (value: number): number => (Number.isFinite(value) ? Math.round(value * 10) / 10 : 0);

/** The next round number above. */
export function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

export function grid(max: number, height: number, words: (value: number) => string): Html {
  const lines = [0, 0.5, 1].map((share) => {
    const y = HEAD + height * (1 - share);
    return html`<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" class="grid"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end" class="tick">${words(max * share)}</text>`;
  });
  return html`${lines}`;
}

export function ticks({ x, start_ms, end_ms }: Axis, y: number): Content {
  const step = niceAbove((end_ms - start_ms) / 7);
  const marks = Array.from({ length: Math.floor((end_ms - start_ms) / step) + 1 }, (_, index) => index * step);
  return marks.map(
    (ms) =>
      html`<text x="${x(start_ms + ms)}" y="${y}" text-anchor="middle" class="tick">${ms === 0 ? '0' : duration(ms)}</text>`,
  );
}

export function path<P>(
  series: readonly P[],
  value: (point: P) => number | null,
  place: (point: P, value: number) => string,
): string {
  let pen = 'M';
  const pieces: string[] = [];
  for (const point of series) {
    const at = value(point);
    if (at === null) pen = 'M';
    else {
      // A line of no length has round ends: a slice between two gaps is seen as a dot.
      pieces.push(`${pen}${place(point, at)}${pen === 'M' ? 'h0' : ''}`);
      pen = 'L';
    }
  }
  return pieces.join('');
}
