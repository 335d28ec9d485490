/** The chapter of a run that is a load: whether its rate was reached, what that did to users, and whether muster was up to it. */
import type { LoadOperation, LoadRecord, StageRecord } from '../../harness/model/load-record.ts';
import type { OperationMetrics, RunRecord } from '../../harness/model/record.ts';
import { generatorWords, loadOf, loadWords, sharingWords, streamWords } from '../load.ts';
import { duration, fraction, percentile, rate, whole } from '../measure.ts';
import { clip, visible } from '../visible.ts';
import { type Content, html, unfolding } from './escape.ts';
import { isTold, notes } from './load.ts';
import { loadChart } from './load-chart.ts';
import { facts, section, table } from './section.ts';

const ERRORS_MAX = 20;

const STAGE_HEADS = ['stage', 'offered', 'reached', 'dropped', 'errors', 'goodput', 'n', 'p50', 'p95', 'p99', 'max'];

function stageRow(stage: StageRecord): readonly Content[] {
  const { at_ms, for_ms, from_per_s, to_per_s, offered_per_s, achieved_per_s, dropped, errors, goodput, from_due } =
    stage;
  const asked = from_per_s === to_per_s ? `${rate(to_per_s)}/s` : `${rate(from_per_s)} → ${rate(to_per_s)}/s`;
  return [
    html`<b>${asked}</b> <span class="mute">for ${duration(for_ms)}, from ${at_ms === 0 ? 'the start' : duration(at_ms)}</span>`,
    `${rate(offered_per_s)}/s`,
    `${rate(achieved_per_s)}/s`,
    ...[dropped, errors].map(whole),
    fraction(goodput.good, goodput.due),
    whole(from_due.count),
    ...[from_due.p50, from_due.p95, from_due.p99, from_due.max].map(percentile),
  ];
}

const OPERATION_HEADS = [
  'operation',
  'ok',
  'failed',
  'unknown',
  'goodput',
  'n',
  'p50',
  'p95',
  'p99',
  'max',
  'p95 from sent',
  'p95 to first event',
  'p99 gap',
  'longest gap',
  'stalls',
];

function operationRow(
  { op, ok, fail, info, from_due, from_sent, first_event }: OperationMetrics,
  of?: LoadOperation,
): readonly Content[] {
  const isStream = (of?.gap.count ?? 0) > 0;
  return [
    html`<b>${unfolding(op, 40)}</b>`,
    ...[ok, fail, info].map(whole),
    of === undefined ? '–' : fraction(of.goodput.good, of.goodput.due),
    whole(from_due.count),
    ...[from_due.p50, from_due.p95, from_due.p99, from_due.max].map(percentile),
    percentile(from_sent.p95),
    first_event.count === 0 ? '–' : percentile(first_event.p95),
    ...(isStream
      ? [percentile(of?.gap.p99 ?? null), percentile(of?.gap.max ?? null), whole(of?.stalls ?? 0)]
      : ['–', '–', '–']),
  ];
}

function errorTable({ errors, outcomes }: LoadRecord): Content {
  const all = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (all.length === 0) return html`<p class="mute">Every operation was answered as asked.</p>`;
  const rows = all
    .slice(0, ERRORS_MAX)
    .map(([code, times]): readonly Content[] => [
      html`<b>${clip(visible(code), 60)}</b>`,
      whole(times),
      fraction(times, outcomes),
    ]);
  const rest = all.length - rows.length;
  return html`${table(['error', 'times', 'of all operations'], rows, 1)}${rest > 0 && html`<p class="mute">${whole(rest)} more kinds, in report.json.</p>`}`;
}

export function loadRun(record: RunRecord): Content {
  const loaded = loadOf(record);
  if (loaded === undefined) return null;
  const { scenario, load } = loaded;
  const byOp = new Map(load.operations.map((operation) => [operation.op, operation]));
  const operations = scenario.metrics?.operations ?? [];
  // The table of scenarios leads here, unless it leads to what faults did.
  const { metrics } = scenario;
  const id = metrics !== null && isTold(metrics) && html` id="load-${record.scenarios.indexOf(scenario)}"`;
  const told = [...streamWords(load), ...sharingWords(load)];
  return section(
    'under-load',
    'Under load',
    html`<p class="mute">${loadWords(load)}. Times count from when an operation was due, unless a column says otherwise; “too few” stands where the samples do not carry a percentile.</p>
<div class="card"${id}>${loadChart(load)}</div>
${load.stages.length > 1 && html`<div class="card"><h3>By stage</h3>${table(STAGE_HEADS, load.stages.map(stageRow), 1)}</div>`}
<div class="card"><h3>By operation</h3>${table(
      OPERATION_HEADS,
      operations.map((operation) => operationRow(operation, byOp.get(operation.op))),
      1,
    )}${facts(told)}</div>
<div class="two"><div class="card"><h3>Errors</h3>${errorTable(load)}</div><div class="card"><h3>The generator itself</h3>${facts(generatorWords(load, record))}</div></div>
${notes(scenario)}`,
  );
}
