/**
 * A finding's timeline as a space-time diagram, the last and impossible row in red, and as a list of steps for narrow
 * windows and for readers that do not see pictures. Rows are evenly spaced: times are written beside them, and a fault's
 * band begins and ends between the rows whose times enclose its own.
 */
import type { FaultRecord, FindingRecord } from '../../harness/model/record.ts';
import { count, duration, whole } from '../measure.ts';
import { tellFault } from '../tell.ts';
import { type Row, type Timeline, timeline } from '../timeline.ts';
import { clip } from '../visible.ts';
import { type Content, type Html, html } from './escape.ts';

/** With more lanes than this only the list of steps is legible. */
const LANES_MAX = 7;

const WIDTH = 1000;
const LEFT = 128;
const RIGHT = 134;
const TOP = 50;
const STEP = 28;
const SECOND_LINE = 22;
/** Widths of an average letter. */
const LETTER = 6.7;
const BOLD_LETTER = 8.7;

type Place = (lane: number) => number;

const round = (value: number): number => Math.round(value * 10) / 10;
const yOf = (index: number): number => TOP + index * STEP;

/** Where a moment lies between the rows. */
function heightOf(time_ms: number, rows: readonly Row[]): number {
  const after = rows.findIndex((row) => row.time_ms >= time_ms);
  if (after < 0) return yOf(rows.length - 1) + 10;
  const before = rows[after - 1];
  const next = rows[after];
  if (before === undefined || next === undefined) return TOP - 18;
  return round(yOf(after - 1) + (STEP * (time_ms - before.time_ms)) / (next.time_ms - before.time_ms));
}

function band(fault: FaultRecord, rows: readonly Row[]): Content {
  const begin_ms = fault.applied_ms ?? fault.asked_ms;
  const end_ms = fault.healed_ms ?? Number.POSITIVE_INFINITY;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || begin_ms > last.time_ms || end_ms < first.time_ms) return null;
  const top = heightOf(begin_ms, rows);
  const height = round(Math.max(12, heightOf(end_ms, rows) - top));
  const x = LEFT - 12;
  return html`<rect x="${x}" y="${top}" width="${WIDTH - x}" height="${height}" class="band"/><text x="${WIDTH - 6}" y="${top + 14}" text-anchor="end" class="note halo">${tellFault(fault.fault)}</text>`;
}

const cannot = (against: number | undefined): string =>
  against === undefined ? 'must not be' : `cannot follow ${against}`;

/** The label of the impossible row may take a second line: it is the one that must be read. */
function linesOf(row: Row, room: number): readonly string[] {
  const letters = [...row.label];
  if (!row.impossible || letters.length <= room) return [clip(row.label, room)];
  const blank = letters.slice(0, room).lastIndexOf(' ') + 1;
  const cut = blank > room / 3 ? blank : room;
  return [letters.slice(0, cut).join(''), clip(letters.slice(cut).join(''), room)];
}

function label(row: Row, x: number, y: number, room: number, anchor: 'middle' | 'start'): Html {
  const style = row.impossible ? 'label bad' : 'label';
  const lines = linesOf(row, room);
  return html`${lines.map((line, index) => html`<text x="${x}" y="${y + index * SECOND_LINE}" text-anchor="${anchor}" class="${style}">${line}</text>`)}`;
}

/** Letters that fit on an arrow, or beside a dot. */
function roomOf(row: Row, place: Place): number {
  if (row.from === undefined || row.to === undefined) return 80;
  const length = Math.abs(place(row.to) - place(row.from)) - 16;
  return length < 0 ? 44 : Math.max(26, Math.floor(length / (row.impossible ? BOLD_LETTER : LETTER)));
}

function act(row: Row, y: number, place: Place): Html {
  const room = roomOf(row, place);
  if (row.from === undefined || row.to === undefined) return label(row, WIDTH / 2, y + 4, room, 'middle');
  const [from, to] = [place(row.from), place(row.to)];
  const red = row.impossible ? ' bad' : '';
  if (from === to) {
    return html`<circle cx="${from}" cy="${y}" r="4.5" class="dot${red}"/>${label(row, from + 11, y + 4, room, 'start')}`;
  }
  const tip = to > from ? -8 : 8;
  return html`<line x1="${from}" y1="${y}" x2="${to + tip}" y2="${y}" class="arrow${red}${row.unknown ? ' dashed' : ''}"/><path d="M${to} ${y}l${tip} -4.5v9z" class="tip${red}"/>${label(row, round((from + to) / 2), y - 6, room, 'middle')}`;
}

/** What marks the impossible row from one side of the picture to the other. */
function alarm(row: Row, y: number, place: Place, against: number | undefined): Html {
  const height = linesOf(row, roomOf(row, place)).length > 1 ? 46 : 27;
  return html`<rect x="0" y="${y - 18}" width="${WIDTH}" height="${height}" rx="4" class="alarm"/><text x="${WIDTH - RIGHT + 12}" y="${y + 4}" class="label bad">${cannot(against)}</text>`;
}

function drawnRow(row: Row, index: number, place: Place, against: number | undefined): Html {
  const y = yOf(index);
  const red = row.impossible ? ' bad' : row.number === against ? ' strong' : '';
  return html`<g><title>${duration(row.since_ms)}: ${row.label}</title>${row.impossible && alarm(row, y, place, against)}<text x="62" y="${y + 4}" text-anchor="end" class="tick${red}">${whole(Math.round(row.since_ms))} ms</text><text x="92" y="${y + 4}" text-anchor="end" class="tick${red}">${row.number}</text>${act(row, y, place)}</g>`;
}

function picture({ lanes, rows }: Timeline, faults: readonly FaultRecord[], against: number | undefined): Html {
  const gap = lanes.length < 2 ? 0 : (WIDTH - LEFT - RIGHT - 60) / (lanes.length - 1);
  const place: Place = (lane) => round(LEFT + 50 + lane * gap);
  const height = TOP + rows.length * STEP + 10;
  const letters = Math.max(10, Math.floor(gap / 7.8));
  const heads = lanes.map(
    ({ name, kind }, lane) =>
      html`<text x="${place(lane)}" y="16" text-anchor="middle" class="lane ${kind}">${clip(name, letters)}</text><line x1="${place(lane)}" y1="25" x2="${place(lane)}" y2="${height - 12}" class="life"/>`,
  );
  const start_ms = rows[0]?.time_ms ?? 0;
  return html`<svg class="spacetime" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Space-time diagram; the list of steps says the same in words"><text x="0" y="16" class="tick">from ${duration(start_ms)}</text>${faults.map((fault) => band(fault, rows))}${heads}${rows.map((row, index) => drawnRow(row, index, place, against))}</svg>`;
}

function steps({ lanes, rows }: Timeline, against: number | undefined): Html {
  const name = (lane: number | undefined): string => (lane === undefined ? '' : clip(lanes[lane]?.name ?? '', 28));
  const items = rows.map((row) => {
    const route = row.from === row.to ? name(row.from) : `${name(row.from)} → ${name(row.to)}`;
    return html`<li class="${row.impossible ? 'bad' : 'step'}"><span class="mute">${whole(Math.round(row.since_ms))} ms${route === '' ? '' : ` · ${route}`}</span> ${clip(row.label, 160)}${row.impossible && ` — ${cannot(against)}`}</li>`;
  });
  return html`<ol class="steps" start="${rows[0]?.number ?? 1}">${items}</ol>`;
}

/** `against`: the number of the event that the last one contradicts, where that is known. */
export function diagram(finding: FindingRecord, faults: readonly FaultRecord[], against?: number): Content {
  const story = timeline(finding);
  if (story.rows.length === 0) return html`<p class="mute">No single event shows it.</p>`;
  const drawn = story.lanes.length <= LANES_MAX;
  return html`<figure class="${drawn ? 'drawn' : 'listed'}">${story.left_out > 0 && html`<p class="mute">${count(story.left_out, 'earlier event')} left out of the picture.</p>`}${drawn && picture(story, faults, against)}${steps(story, against)}</figure>`;
}
