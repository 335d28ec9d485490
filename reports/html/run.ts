/** Whether the numbers can be trusted and how to get them again: gates, the harness's own health, and what made this run. */
import type { GateRecord, RunRecord } from '../../harness/model/record.ts';
import { count, duration, whole } from '../measure.ts';
import { gateValue } from '../outcome.ts';
import { targetWords } from '../tell.ts';
import { type Content, html, unfolding } from './escape.ts';
import { wordStyle } from './matrix.ts';
import { command, facts, section, table } from './section.ts';

export function gates(record: RunRecord): Content {
  if (record.gates.length === 0) return null;
  const word = (status: GateRecord['status']): string => (status === 'no-samples' ? 'too few samples' : status);
  const rows = record.gates.map((gate): readonly Content[] => [
    html`<code>${unfolding(gate.gate, 80)}</code>`,
    html`<span class="word ${wordStyle(gate.status)}">${word(gate.status)}</span>`,
    gate.value === null ? '–' : gateValue(gate),
    whole(gate.samples),
  ]);
  return section('gates', 'Gates', html`<div class="card">${table(['gate', 'status', 'value', 'n'], rows, 2)}</div>`);
}

/** The worst reading of each vital sign: a harness that was late measures itself. */
export function vitals(record: RunRecord): Content {
  const readings = record.vitals;
  if (readings.length === 0) return null;
  const most = (of: (reading: (typeof readings)[number]) => number): number => Math.max(...readings.map(of));
  const rows: readonly (readonly [string, string])[] = [
    ['event loop late by', `${duration(most((reading) => reading.loop_delay_ms_p99))} at most (p99 of a reading)`],
    ['CPU', `${Math.round(most((reading) => reading.cpu_percent))} % at most`],
    ['memory', `${Math.round(most((reading) => reading.rss_mb))} MB at most`],
    [
      'in flight',
      `${count(
        most((reading) => reading.open_ops),
        'operation',
      )} at most`,
    ],
    ['readings', whole(readings.length)],
  ];
  return section('harness', 'The harness itself', html`<div class="card">${facts(rows)}</div>`);
}

export function thisRun(record: RunRecord): Content {
  const { run, environment } = record;
  const machine =
    environment === null
      ? ''
      : `Node ${environment.node}, ${environment.platform}, ${count(environment.cpus, 'core')}, ${whole(environment.memory_mb)} MB`;
  const rows: readonly (readonly [string, Content])[] = [
    ['seed', String(record.seed)],
    ['target', unfolding(targetWords(run.target), 200)],
    ['mode', run.simulated_agents === 0 ? run.mode : `${run.mode}, ${count(run.simulated_agents, 'simulated agent')}`],
    ['agent', unfolding(run.agent ?? 'never answered with a card', 120)],
    ['users', `${run.identity === 'anonymous' ? 'anonymous: the agent cannot tell them apart' : run.identity}`],
    ['transport', run.transport ?? 'none was agreed'],
    ['started', run.started_at],
    ['lasted', `${duration(run.duration_ms)}, ${run.ended}`],
    ['recorded', `${count(run.events, 'event')}, ${count(run.operations, 'operation')}`],
    ['made by', `muster ${record.muster}${machine === '' ? '' : ` on ${machine}`}`],
    ['exit code', String(record.exit_code)],
    [
      'reasons',
      record.reasons.length > 0 &&
        html`<ul>${record.reasons.map((reason) => html`<li>${unfolding(reason, 300)}</li>`)}</ul>`,
    ],
  ];
  return section(
    'run',
    'This run',
    html`<div class="card"><p class="mute label-above">All of it again</p>${command(run.replay)}${facts(rows)}</div>`,
  );
}
