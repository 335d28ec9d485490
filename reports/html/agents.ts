/** The agents as processes: how each was started, how long it took, and every exit, above all those nobody asked for. */
import type { AgentEvent } from '../../harness/model/history.ts';
import type { AgentRecord, RunRecord } from '../../harness/model/record.ts';
import { count, duration } from '../measure.ts';
import { tellExit } from '../tell.ts';
import { block, type Content, type Html, html, unfolding } from './escape.ts';
import { section, table } from './section.ts';

const ROWS_MAX = 60;
/** Of more agents than these only those in trouble are shown unfolded. */
const SHOWN_MAX = 6;
const CARD_PATH = /\/\.well-known\/agent-card\.json$/;

type Of<P extends AgentEvent['phase']> = Extract<AgentEvent, { readonly phase: P }>;

function ofPhase<P extends AgentEvent['phase']>(events: readonly AgentEvent[], phase: P): readonly Of<P>[] {
  return events.filter((event): event is Of<P> => event.phase === phase);
}

function exit(event: Of<'exited'>): Html {
  const log = event.log_tail ?? [];
  const tail =
    log.length > 0 &&
    html`<details class="all"><summary>last ${count(log.length, 'line')} it printed</summary><pre>${block(log.join('\n'))}</pre></details>`;
  return html`<div class="${event.asked ? 'mute' : 'bad'}">${duration(event.time_ms)}: ${tellExit(event)} ${tail}</div>`;
}

function row({ scenario, agent, events }: AgentRecord): readonly Content[] {
  const ready = ofPhase(events, 'ready');
  const last = ready.at(-1);
  const card = last?.card;
  const probe = ofPhase(events, 'probed').at(-1);
  const answers =
    probe === undefined
      ? html`<span class="mute">not asked</span>`
      : probe.answers
        ? 'yes'
        : html`<span class="bad">no: ${unfolding(probe.reason ?? '', 120)}</span>`;
  const exits = ofPhase(events, 'exited');
  return [
    unfolding(scenario, 40),
    unfolding(agent, 40),
    card === undefined
      ? html`<span class="bad">never became ready</span>`
      : unfolding(`${card.name} ${card.version}`, 60),
    unfolding((last?.url ?? '').replace(CARD_PATH, ''), 60),
    exits.length === 0 ? html`<span class="mute">none</span>` : exits.map(exit),
    answers,
    ready
      .map(({ boot_ms }) => duration(boot_ms))
      .slice(0, 5)
      .join(', '),
  ];
}

const exitsOf = (agents: readonly AgentRecord[], asked: boolean): number =>
  agents.flatMap(({ events }) => ofPhase(events, 'exited')).filter((event) => event.asked === asked).length;

function isTroubled({ events }: AgentRecord): boolean {
  const silent = ofPhase(events, 'probed').some(({ answers }) => !answers);
  return silent || ofPhase(events, 'ready').length === 0 || ofPhase(events, 'exited').some(({ asked }) => !asked);
}

function agentTable(agents: readonly AgentRecord[]): Html {
  const heads = ['scenario', 'agent', 'its card', 'address', 'exits', 'card answers at the end', 'boot'];
  const more = agents.length > ROWS_MAX && html`<p class="mute">${agents.length - ROWS_MAX} more in report.json.</p>`;
  return html`${table(heads, agents.slice(0, ROWS_MAX).map(row), 6)}${more}`;
}

export function agents(record: RunRecord): Content {
  const all = record.agents;
  if (all.length === 0) return null;
  const shown = all.length <= SHOWN_MAX ? all : all.filter(isTroubled);
  const bad = exitsOf(all, false);
  const lead = html`<p>${count(all.length, 'agent')} started; ${count(exitsOf(all, true), 'exit')} asked for, <span class="${bad > 0 ? 'bad' : 'good'}">${bad} unasked</span>.</p>`;
  const rest =
    all.length > shown.length && html`<details><summary>All ${all.length} agents</summary>${agentTable(all)}</details>`;
  return section(
    'agents',
    'Agents',
    html`<div class="card">${lead}${shown.length > 0 && agentTable(shown)}${rest}</div>`,
  );
}
