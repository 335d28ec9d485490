/** The range of ports as a map of its blocks: what was held at the fullest moment, stolen by others, excluded, refused. */
import type { PortEvent } from '../../harness/model/history.ts';
import type { RunRecord } from '../../harness/model/record.ts';
import { count, duration, whole } from '../measure.ts';
import { type Content, type Html, html, unfolding } from './escape.ts';
import { section } from './section.ts';

/** Larger ranges are told in words only. */
const CELLS_MAX = 1500;
const REFUSALS_MAX = 10;

type CellState = 'held' | 'stolen' | 'excluded' | 'used' | 'free';

interface Moment {
  /** First ports of the blocks held when most were held. */
  readonly held: ReadonlySet<number>;
  readonly at_ms: number;
}

function fullest(events: readonly PortEvent[]): Moment {
  const held = new Set<number>();
  let most: Moment = { held: new Set(), at_ms: 0 };
  for (const event of events) {
    if (event.phase === 'refused' || event.phase === 'passed-over') continue;
    const first = event.ports[0];
    if (first === undefined) continue;
    if (event.phase === 'leased') held.add(first);
    else held.delete(first);
    if (held.size > most.held.size) most = { held: new Set(held), at_ms: event.time_ms };
  }
  return most;
}

function firstPorts(events: readonly PortEvent[], phase: 'leased' | 'stolen'): ReadonlySet<number> {
  const ports = events.map((event) => (event.phase === phase ? event.ports[0] : undefined));
  return new Set(ports.filter((port) => port !== undefined));
}

interface Cell {
  readonly first: number;
  readonly state: CellState;
}

function cellsOf({ plan, events }: RunRecord['ports'], moment: Moment): readonly Cell[] {
  const step = Math.max(1, plan.spacing, plan.block);
  const blocks = Math.floor((plan.last - plan.first + 1 - plan.block) / step) + 1;
  if (!(blocks > 0) || blocks > CELLS_MAX) return [];
  const leased = firstPorts(events, 'leased');
  const stolen = firstPorts(events, 'stolen');
  return Array.from({ length: blocks }, (_, index) => {
    const first = plan.first + index * step;
    const within = (ports: ReadonlySet<number>): boolean =>
      [...ports].some((port) => port >= first && port < first + step);
    const excluded = plan.exclude.some((port) => port >= first && port < first + plan.block);
    const state = within(stolen)
      ? 'stolen'
      : within(moment.held)
        ? 'held'
        : excluded
          ? 'excluded'
          : within(leased)
            ? 'used'
            : 'free';
    return { first, state };
  });
}

const WORDS: readonly (readonly [CellState, string])[] = [
  ['held', 'held'],
  ['stolen', 'stolen by another process, given up'],
  ['excluded', 'excluded'],
  ['used', 'held at another time'],
  ['free', 'free'],
];

function map(cells: readonly Cell[], block: number, moment: Moment): Content {
  if (cells.length === 0) return null;
  const told = WORDS.map(
    ([state, words]) => [cells.filter((cell) => cell.state === state).length, state, words] as const,
  );
  const keys = told
    .filter(([number]) => number > 0)
    .map(([number, state, words]) => html`<span class="key ${state}">${whole(number)} ${words}</span>`);
  const squares = cells.map(
    ({ first, state }) => html`<i class="${state}" title="${first}–${first + block - 1}: ${state}"></i>`,
  );
  return html`<p class="mute legend">At the fullest moment, ${duration(moment.at_ms)} into the run: ${keys}</p><div class="ports" role="img" aria-label="Blocks of ports">${squares}</div>`;
}

function refusals(events: readonly PortEvent[]): Content {
  const refused = events.filter((event) => event.phase === 'refused');
  if (refused.length === 0) return null;
  const rows = refused
    .slice(0, REFUSALS_MAX)
    .map(
      ({ time_ms, blocks_held, blocks_all, message }) =>
        html`<li>${duration(time_ms)}, with ${blocks_held} of ${blocks_all} held: ${unfolding(message, 200)}</li>`,
    );
  return html`<p>${count(refused.length, 'session was', 'sessions were')} refused for want of ports:</p><ul>${rows}</ul>`;
}

function thefts(events: readonly PortEvent[]): Content {
  const stolen = events.filter((event) => event.phase === 'stolen');
  const rows = stolen
    .slice(0, REFUSALS_MAX)
    .map(({ ports, by }): Html => html`<li>${ports[0]}–${ports.at(-1)}: ${unfolding(by, 120)}</li>`);
  return stolen.length > 0 && html`<p>Others answered on leased ports:</p><ul>${rows}</ul>`;
}

/** A long run's record keeps only some of its port events, so the map may miss blocks. */
function thinned({ thinned, ports: { events } }: RunRecord): Content {
  if (thinned === undefined || thinned.port_events <= events.length) return null;
  return html`<p class="mute">Drawn from ${whole(events.length)} of ${whole(thinned.port_events)} events: the map may show less than was held. history.jsonl has them all.</p>`;
}

export function ports(record: RunRecord): Content {
  const { plan, held_max, events } = record.ports;
  if (events.length === 0) return null;
  const moment = fullest(events);
  const source =
    plan.from === 'os'
      ? 'ports from the operating system'
      : `blocks of ${plan.block} from ${plan.first} to ${plan.last}, ${plan.spacing} apart`;
  return section(
    'ports',
    'Ports',
    html`<div class="card"><p>${source}; at most ${count(held_max, 'port')} held at once.</p>${thinned(record)}${plan.from === 'range' && map(cellsOf(record.ports, moment), plan.block, moment)}${thefts(events)}${refusals(events)}</div>`,
  );
}
