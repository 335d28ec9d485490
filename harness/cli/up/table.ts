/** The sessions as lines for a terminal of a given size: never more lines than fit, and no line that would be broken. */
import { clip, visible } from '../../../reports/visible.ts';
import type { SessionView } from '../../model/session.ts';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

const HEAD = ['session', 'user', 'ports', 'health', 'requests'] as const;
const USER_LENGTH_MAX = 24;
/** The line below the table, the head of the table, and the one that the cursor is on. */
const LINES_BESIDE = 3;

export function tableLines(views: readonly SessionView[], { rows, columns }: Size): readonly string[] {
  const room = Math.max(1, rows - LINES_BESIDE);
  const shown = views.slice(0, room);
  const cells = [HEAD, ...shown.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const rest = views.length - shown.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].map((line) =>
    clip(line.trimEnd(), Math.max(1, columns - 1)),
  );
}

function rowOf(view: SessionView): readonly string[] {
  const requests = view.agents.flatMap((agent) => agent.requests ?? []);
  return [
    view.id,
    clip(visible(view.user), USER_LENGTH_MAX),
    portRange(view.ports.slice(0, view.agents.length)),
    healthOf(view),
    requests.length === 0 ? '–' : String(requests.reduce((sum, each) => sum + each, 0)),
  ];
}

/** Blocks are consecutive; ports that the operating system gave are not. */
export function portRange(ports: readonly number[]): string {
  const [first, last] = [ports[0], ports.at(-1)];
  if (first === undefined || last === undefined) return '–';
  if (first === last) return String(first);
  return last - first === ports.length - 1 ? `${first}-${last}` : ports.join(' ');
}

function healthOf({ state, agents }: SessionView): string {
  if (state !== 'ready') return state;
  const well = agents.filter(({ health }) => health === 'healthy').length;
  const restarts = agents.reduce((sum, agent) => sum + agent.restarts, 0);
  const told = well === agents.length ? 'healthy' : `${well} of ${agents.length} healthy`;
  return restarts === 0 ? told : `${told}, ${restarts} restarted`;
}
