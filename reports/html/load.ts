/** Per scenario: how fast and how well the agent answered over time, what faults did to it, and each operation in numbers. */
import type {
  FaultRecord,
  OperationMetrics,
  RecoveryRecord,
  RunRecord,
  ScenarioMetrics,
  UserRecoveryRecord,
} from '../../harness/model/record.ts';
import { count, duration, percentile, whole } from '../measure.ts';
import { backAsBefore, type Comeback, comebackOf, firstSuccess, lostWords, someOf } from '../recovery.ts';
import { tellFault } from '../tell.ts';
import { clip, visible } from '../visible.ts';
import { charts } from './charts.ts';
import { type Content, type Html, html, unfolding } from './escape.ts';
import { wordStyle } from './matrix.ts';
import { section, table } from './section.ts';

type ScenarioRecord = RunRecord['scenarios'][number];

const NOT_BACK: Readonly<Record<Comeback, string>> = {
  back: '',
  never: 'Nothing that was sent after the heal succeeded.',
  unknown: 'Too little was asked after the heal, or another fault came.',
};

const SHARE_HEADS = [
  'lost while it was there',
  'lost after the heal',
  'stuck tasks',
  'tasks resumed',
  'messages doubled',
];

/** The same cells for a fault and for each of its users. */
function shareCells(share: RecoveryRecord | UserRecoveryRecord): readonly string[] {
  const { lost_during, lost_after, stuck, resumed, broken_off, doubled, sent_again } = share;
  return [
    lostWords(lost_during),
    lostWords(lost_after),
    whole(stuck),
    someOf(resumed, broken_off),
    someOf(doubled, sent_again),
  ];
}

const RECOVERY_HEADS = ['fault', ...SHARE_HEADS, 'first success', 'error rate as before', 'p95 as before'];

function recoveryRow(record: FaultRecord): readonly Content[] {
  const { recovery } = record;
  if (recovery === undefined)
    return [tellFault(record.fault), ...SHARE_HEADS.map(() => '–'), firstSuccess(record), '–', '–'];
  const { before, error_rate_back_ms, p95_back_ms } = recovery;
  return [
    html`<b>${clip(visible(tellFault(record.fault)), 80)}</b>`,
    ...shareCells(recovery),
    firstSuccess(record),
    backAsBefore(error_rate_back_ms, before.error_rate, recovery),
    backAsBefore(p95_back_ms, before.p95_ms, recovery),
  ];
}

/** Who lost something, for all faults of a scenario together; folded away, since with many users it is long. */
function hurtUsers(faults: readonly FaultRecord[]): Content {
  const rows = faults.flatMap(({ fault, recovery }) =>
    (recovery?.users ?? []).map((user): readonly Content[] => [
      html`<b>${unfolding(user.user, 40)}</b>`,
      clip(visible(tellFault(fault)), 60),
      ...shareCells(user),
      user.first_success_ms === null
        ? user.tried_in_vain > 0
          ? 'never'
          : 'nothing asked'
        : duration(user.first_success_ms),
    ]),
  );
  if (rows.length === 0) return null;
  const heads = ['user', 'fault', ...SHARE_HEADS, 'first success'];
  return html`<details><summary class="mute">Per user, who lost something: ${count(rows.length, 'row')}, the worst first</summary>${table(heads, rows, 4)}</details>`;
}

function recoveries(faults: readonly FaultRecord[]): Content {
  if (faults.every(({ recovery }) => recovery === undefined)) return null;
  return html`${table(RECOVERY_HEADS, faults.map(recoveryRow), 3)}${hurtUsers(faults)}`;
}

/** A fault from being asked for to the recovery, in one sentence each. */
function faultStory(record: FaultRecord, started_ms: number): Html {
  const { fault, asked_ms, applied_ms, healed_ms, recovery_ms, proof, hits } = record;
  const since = (ms: number): string => `${duration(ms - started_ms)} after the start`;
  const bite =
    applied_ms === null
      ? `was asked for ${since(asked_ms)} and never took hold`
      : `from ${since(applied_ms)}, asked for ${duration(applied_ms - asked_ms)} before`;
  const heal = healed_ms === null ? 'never healed' : `healed ${since(healed_ms)}`;
  const recovery =
    healed_ms === null
      ? ''
      : recovery_ms === null
        ? NOT_BACK[comebackOf(record)]
        : `First success ${duration(recovery_ms)} after the heal.`;
  const tone = recovery_ms !== null ? 'good' : comebackOf(record) === 'never' ? 'bad' : 'mute';
  return html`<li><b>${tellFault(fault)}</b> ${bite}; ${heal}. ${recovery === '' ? null : html`<strong class="${tone}">${recovery}</strong>`} ${hits === 0 && html`<strong class="bad">Nothing met it.</strong> `}<span class="mute">Proof: ${unfolding(proof || 'none', 160)}</span></li>`;
}

function errorWords(errors: OperationMetrics['errors']): string {
  const entries = Object.entries(errors).sort(([, left], [, right]) => right - left);
  const shown = entries.slice(0, 4).map(([code, times]) => `${clip(visible(code), 40)} × ${whole(times)}`);
  return [...shown, ...(entries.length > 4 ? [`${entries.length - 4} more kinds`] : [])].join(', ');
}

const HEADS = [
  'operation',
  'errors',
  'ok',
  'failed',
  'unknown',
  'n',
  'p50',
  'p95',
  'p99',
  'max',
  'p95 from sent',
  'p95 to first event',
];

function operationRow(operation: OperationMetrics): readonly Content[] {
  const { op, ok, fail, info, from_due, from_sent, first_event, errors } = operation;
  return [
    html`<b>${unfolding(op, 40)}</b>`,
    errorWords(errors) || html`<span class="mute">none</span>`,
    ...[ok, fail, info, from_due.count].map(whole),
    ...[from_due.p50, from_due.p95, from_due.p99, from_due.max].map(percentile),
    percentile(from_sent.p95),
    first_event.count === 0 ? '–' : percentile(first_event.p95),
  ];
}

/** What checks say of what they judged: how an agent decided where it may, or what was left out. */
export function notes({ checks }: ScenarioRecord): Content {
  const told = checks.filter(({ note, status }) => note !== undefined && status !== 'no-evidence');
  return (
    told.length > 0 &&
    html`<ul class="faults">${told.map(({ check, note = '' }) => html`<li><b>${clip(visible(check), 40)}</b> <span class="mute">${unfolding(note, 300)}</span></li>`)}</ul>`
  );
}

function scenarioLoad(scenario: ScenarioRecord, index: number): Content {
  const { metrics, name, title, verdict } = scenario;
  if (metrics === null) return null;
  const open = verdict === 'fail' || metrics.faults.length > 0 ? html` open` : null;
  const size = [
    count(metrics.users, 'user'),
    duration(metrics.ended_ms - metrics.started_ms),
    ...(metrics.dropped > 0 ? [`${whole(metrics.dropped)} dropped`] : []),
  ].join(' · ');
  return html`<details class="card load" id="load-${index}"${open}><summary><b>${clip(visible(name), 48)}</b> <span class="word ${wordStyle(verdict)}">${verdict}</span> <span class="mute">${size}</span></summary>
<p class="mute">${unfolding(title, 200)}</p>
${charts(metrics)}
${metrics.faults.length > 0 && html`<ul class="faults">${metrics.faults.map((fault) => faultStory(fault, metrics.started_ms))}</ul>`}
${recoveries(metrics.faults)}
${notes(scenario)}
${metrics.operations.length > 0 && table(HEADS, metrics.operations.map(operationRow), 2)}
</details>\n`;
}

/** A load has a chapter of its own; here it would be told again, but for what faults did to it. */
export const isTold = ({ load, faults }: ScenarioMetrics): boolean => load !== undefined && faults.length === 0;

export function load(record: RunRecord): Content {
  const told = record.scenarios.filter(({ metrics }) => metrics !== null && !isTold(metrics));
  if (told.length === 0) return null;
  const note = html`<p class="mute">Times count from when an operation was due, unless a column says otherwise. “Too few” stands where the samples do not carry a percentile.</p>`;
  return section('load', 'Load and faults', [note, ...told.map(scenarioLoad)]);
}
