/** The first screen: verdict, headline and a row of facts. A reader who stops here must have understood the run. */
import type { OperationMetrics, RunRecord } from '../../harness/model/record.ts';
import { unjudged } from '../coverage.ts';
import { acceptedFindings, findingCount, openFindings } from '../known.ts';
import { type Fact, loadFacts, loadOf } from '../load.ts';
import { count, duration, percentile, whole } from '../measure.ts';
import { interruption, outcome, simulation, tally } from '../outcome.ts';
import { comebackOf } from '../recovery.ts';
import { targetWords } from '../tell.ts';
import { clip, visible } from '../visible.ts';
import { type Content, type Html, html } from './escape.ts';

export interface Chapter {
  readonly id: string;
  readonly title: string;
  /** The bar has room for a few links only. */
  readonly linked: boolean;
  readonly content: Content;
}

export function titleOf(record: RunRecord): string {
  const { word, headline } = outcome(record);
  return clip(visible(`${word}: ${headline} · muster`), 120);
}

/** The bar that stays in sight. */
export function bar(record: RunRecord, chapters: readonly Chapter[]): Html {
  const { word, tone } = outcome(record);
  const told = [
    clip(visible(record.run.agent ?? targetWords(record.run.target)), 40),
    ...(record.run.mode === 'simulated' ? ['simulated'] : []),
    ...(record.run.transport === null ? [] : [record.run.transport]),
    `seed ${record.seed}`,
  ].join(' · ');
  const links = chapters.filter(({ linked }) => linked).map(({ id, title }) => html`<a href="#${id}">${title}</a>`);
  return html`<header><div><span class="badge ${tone}">${word}</span><strong>${findingCount(record)} in ${count(record.scenarios.length, 'scenario')}</strong><span class="mute">${told}</span><nav aria-label="Chapters">${links}</nav></div></header>`;
}

function lead(record: RunRecord): string {
  const [first, ...others] = openFindings(record);
  const rest = others.length;
  const accepted = acceptedFindings(record).length;
  const known = accepted > 0 ? ` ${count(accepted, 'finding is', 'findings are')} known and accepted for a while.` : '';
  if (record.scenarios.length === 0) return 'No scenario ran, so nothing was judged.';
  if (first === undefined) {
    const open = unjudged(record).flatMap(({ names }) => names).length;
    return `${tally(record)}.${known} ${open === 0 ? 'Nothing was left unjudged.' : `${count(open, 'thing was', 'things were')} not judged, each named below.`}`;
  }
  const more = rest > 0 ? ` ${count(rest, 'more finding', 'more findings')} below.` : '';
  return `Seen ${count(first.finding.occurrences, 'time')} in ${clip(first.scenario.name, 60)} by the check ${clip(first.finding.check, 60)}.${more}${known}`;
}

export function headline(record: RunRecord): Html {
  const banners = [interruption(record), simulation(record)]
    .filter((text) => text !== null)
    .map((text) => html`<p class="banner" role="status">${text}</p>`);
  return html`${banners}<h1>${clip(visible(outcome(record).headline), 240)}</h1><p class="lead">${lead(record)}</p>${factsRow(record)}`;
}

function factsRow(record: RunRecord): Html {
  const loaded = loadOf(record);
  // Of a load the verdict has said how its one scenario went, and its chapter says how muster did.
  const all =
    loaded === undefined
      ? [
          tallyFact(record),
          operationsFact(record),
          latencyFact(record),
          recoveryFact(record),
          gatesFact(record),
          harnessFact(record),
        ]
      : [...loadFacts(loaded.load), recoveryFact(record), gatesFact(record)];
  const known = all.filter((fact): fact is Fact => fact !== undefined);
  return html`<div class="facts">${known.map(([figure, words]) => html`<div><b>${figure}</b><span>${words}</span></div>`)}</div>`;
}

/** The worst first: that is what the reader is looking for. */
function tallyFact(record: RunRecord): Fact | undefined {
  if (record.scenarios.length === 0) return undefined;
  const parts = tally(record).split(', ');
  const worst = parts.find((part) => part.endsWith('failed')) ?? parts[0] ?? '';
  const rest = parts.filter((part) => part !== worst).join(', ');
  return [worst, rest || count(record.scenarios.length, 'scenario')];
}

function operationsFact(record: RunRecord): Fact {
  const dropped = record.scenarios.reduce((sum, { metrics }) => sum + (metrics?.dropped ?? 0), 0);
  return [whole(record.run.operations), `operations in ${duration(record.run.duration_ms)}, ${whole(dropped)} dropped`];
}

/** Percentiles of scenarios cannot be added up, so the busiest operation of one scenario speaks. */
function latencyFact(record: RunRecord): Fact | undefined {
  let busiest: { readonly operation: OperationMetrics; readonly scenario: string } | undefined;
  for (const { name, metrics } of record.scenarios) {
    for (const operation of metrics?.operations ?? []) {
      if (operation.from_due.count > (busiest?.operation.from_due.count ?? 0)) busiest = { operation, scenario: name };
    }
  }
  if (busiest === undefined) return undefined;
  const { op, from_due } = busiest.operation;
  return [
    percentile(from_due.p95),
    `p95 ${clip(visible(op), 30)} in ${clip(visible(busiest.scenario), 30)} (n = ${whole(from_due.count)})`,
  ];
}

function recoveryFact(record: RunRecord): Fact | undefined {
  const healed = record.scenarios
    .flatMap(({ metrics }) => metrics?.faults ?? [])
    .filter(({ healed_ms }) => healed_ms !== null);
  if (healed.length === 0) return undefined;
  const times = healed.map(({ recovery_ms }) => recovery_ms).filter((ms) => ms !== null);
  const never = healed.filter((fault) => comebackOf(fault) === 'never').length;
  if (never > 0) return ['never', `first success after ${count(never, 'heal')} of ${healed.length}`];
  if (times.length === 0)
    return ['unknown', `first success after ${count(healed.length, 'heal')}: too little was asked`];
  return [duration(Math.max(...times)), `to the first success after the worst of ${count(healed.length, 'fault')}`];
}

function gatesFact(record: RunRecord): Fact | undefined {
  if (record.gates.length === 0) return undefined;
  const met = record.gates.filter(({ status }) => status === 'met').length;
  return [`${met} of ${record.gates.length}`, 'gates met'];
}

function harnessFact(record: RunRecord): Fact | undefined {
  if (record.vitals.length === 0) return undefined;
  const delay_ms = Math.max(...record.vitals.map(({ loop_delay_ms_p99 }) => loop_delay_ms_p99));
  const cpu = Math.max(...record.vitals.map(({ cpu_percent }) => cpu_percent));
  return [duration(delay_ms), `worst lag of the harness, CPU ${Math.round(cpu)} %`];
}
