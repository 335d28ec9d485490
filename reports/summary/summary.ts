/**
 * What the terminal shows at the end of a run: the verdict first, then what was found and the line that replays it, then
 * everything else. It fits the terminal's width; only replay lines are never broken, so that they can be copied.
 */
import type { FindingRecord, RunRecord, ScenarioVerdict } from '../../harness/model/record.ts';
import { tellUsers } from '../called.ts';
import { unjudged } from '../coverage.ts';
import { baselineWords, onlyAccepted, openFindings } from '../known.ts';
import { count, duration, listed, whole } from '../measure.ts';
import { gateValue, interruption, type Mistake, mistakesOf, outcome, simulation, tally } from '../outcome.ts';
import { backAsBefore, comebackOf, firstSuccess, harmWords, recoveriesOf } from '../recovery.ts';
import { shrunkWords } from '../shrunk.ts';
import { targetWords, tellFault, tellWhere } from '../tell.ts';
import { clip, shortId, visible } from '../visible.ts';
import { isolationLines } from './isolation.ts';
import { knownLines } from './known.ts';
import { loadLines } from './load.ts';
import { type Paint, painter, type Style, wrapped } from './terminal.ts';

export interface SummaryOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** The folder of report.html and issues.md, as the reader can open it; null when none was written. */
  readonly path: string | null;
}

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

const TROUBLES_MAX = 6;
const ANSWERS = /^(Task|PushNotificationNotSupported|UnsupportedOperation|ContentTypeNotSupported)\w*Error$/;
const FINDINGS_MAX = 10;
const RECOVERIES_MAX = 8;
const WIDTH_MIN = 40;
const WIDTH_MAX = 120;
const TONES = { good: 'green', bad: 'red', warn: 'yellow' } as const;

/** `label` and a text beside it that keeps its column over several lines. */
function field({ paint, width }: Page, label: string, text: string, ...styles: readonly Style[]): readonly string[] {
  const lines = wrapped(clip(text, 600), Math.max(16, width - 13));
  return lines.map(
    (line, index) => `   ${paint((index === 0 ? label : '').padEnd(9), 'dim')} ${paint(line, ...styles)}`,
  );
}

function heading({ paint, width }: Page, record: RunRecord): readonly string[] {
  const { word, tone, headline } = outcome(record);
  const stopped = interruption(record);
  const facts = [
    clip(record.run.agent ?? targetWords(record.run.target), 60),
    tally(record),
    count(record.run.operations, 'operation'),
    duration(record.run.duration_ms),
  ].join(' · ');
  return [
    ` ${paint(word, TONES[tone], 'bold')}  ${wrapped(clip(headline, 300), width - word.length - 3)
      .map((line) => paint(line, 'bold'))
      .join(`\n${' '.repeat(word.length + 3)}`)}`,
    ...wrapped(facts, width - 1).map((line) => ` ${paint(line, 'dim')}`),
    ...[stopped, simulation(record)]
      .filter((banner) => banner !== null)
      .flatMap((banner) => wrapped(banner, width - 1).map((line) => ` ${paint(line, 'yellow')}`)),
  ];
}

function findingLines(page: Page, { first: { finding, scenario, number }, also }: Mistake): readonly string[] {
  const section = finding.spec === undefined ? '' : ` · ${finding.spec}`;
  const tasks = finding.tasks.length === 0 ? '' : ` · ${finding.tasks.length === 1 ? 'task' : 'tasks'} `;
  const who = `${tellUsers(finding, 4) || 'nobody in particular'}${tasks}${listed(finding.tasks.map(shortId), 2)}`;
  const title = wrapped(clip(finding.message, 300), page.width - 4);
  return [
    '',
    ...title.map(
      (line, index) => ` ${page.paint(index === 0 ? `${number}.` : '  ', 'red', 'bold')} ${page.paint(line, 'bold')}`,
    ),
    ...field(page, 'check', `${clip(finding.check, 60)}${clip(section, 40)} · in ${clip(scenario.name, 60)}`),
    ...field(page, 'expected', finding.expected),
    ...field(page, 'seen', finding.seen),
    ...field(page, 'who', `${who} · ${count(finding.occurrences, 'time')}`),
    ...(finding.at === undefined ? [] : field(page, 'where', tellWhere(finding.at))),
    ...(also === '' ? [] : field(page, 'also', `in ${also}: see the report`)),
    ...baselineWords(finding).flatMap((line) => field(page, 'baseline', line, 'yellow')),
    `   ${page.paint('replay'.padEnd(9), 'dim')} ${page.paint(clip(visible(finding.replay), 2000))}`,
    ...smallest(page, finding),
  ];
}

function smallest(page: Page, { shrunk }: FindingRecord): readonly string[] {
  if (shrunk === undefined) return [];
  return [
    ...field(page, 'smallest', shrunkWords(shrunk)),
    `   ${' '.repeat(9)} ${page.paint(clip(visible(shrunk.replay), 2000))}`,
  ];
}

function findings(page: Page, record: RunRecord): readonly string[] {
  const all = mistakesOf(openFindings(record));
  const rest = all.slice(FINDINGS_MAX).reduce((sum, { findings }) => sum + findings, 0);
  const more = rest > 0 ? ['', ` … and ${count(rest, 'more finding', 'more findings')} in the report`] : [];
  return [...all.slice(0, FINDINGS_MAX).flatMap((mistake) => findingLines(page, mistake)), ...more];
}

const SIGNS: Readonly<Record<ScenarioVerdict['verdict'], readonly [string, Style]>> = {
  pass: ['● pass', 'green'],
  fail: ['× fail', 'red'],
  inconclusive: ['? inconclusive', 'yellow'],
  'not-applicable': ['– not applicable', 'dim'],
};

function proofWords(scenario: ScenarioVerdict): string {
  const words = {
    held: 'held',
    violated: 'violated',
    known: 'accepted',
    crashed: 'crashed',
    'no-evidence': 'without evidence',
  } as const;
  const told = Object.entries(words).map(([status, word]) => {
    const found = scenario.checks.filter(
      (check) => (onlyAccepted(scenario, check.check) ? 'known' : check.status) === status,
    ).length;
    return found === 0 ? '' : `${found} ${word}`;
  });
  return told.filter((text) => text !== '').join(', ');
}

/** More of them are one line. */
const NOT_APPLICABLE_MAX = 3;

function table({ paint, width }: Page, record: RunRecord): readonly string[] {
  if (record.scenarios.length === 0) return [];
  const beside = record.scenarios.filter(({ applicable }) => !applicable);
  // Why not, and which, is told under "Not judged".
  const isFolded = beside.length > NOT_APPLICABLE_MAX;
  const told = isFolded ? record.scenarios.filter(({ applicable }) => applicable) : record.scenarios;
  const names = told.map(({ name }) => clip(visible(name), Math.floor(width / 2)));
  const column = Math.max(0, ...names.map((name) => [...name].length));
  const rows = told.map((scenario, index) => {
    const { verdict, applicable } = scenario;
    const name = names[index] ?? '';
    const [sign, style] = SIGNS[verdict] ?? SIGNS.inconclusive;
    const proof = applicable ? proofWords(scenario) : '';
    const gap = ' '.repeat(Math.max(0, column - [...name].length));
    return ` ${paint(name)}${gap}  ${paint(sign.padEnd(16), style)} ${paint(clip(proof, Math.max(0, width - column - 21)), 'dim')}`.trimEnd();
  });
  const folded = isFolded ? [` ${paint(`– ${beside.length} more are not applicable`, 'dim')}`] : [];
  return ['', ` ${paint('Scenarios', 'bold')}`, ...rows, ...folded];
}

function underLoad({ paint, width }: Page, record: RunRecord): readonly string[] {
  const [made, ...lines] = loadLines(record);
  if (made === undefined) return [];
  const rows = lines.flatMap((line) =>
    wrapped(line, width - 3).map((text, index) => ` ${index === 0 ? '·' : ' '} ${paint(text)}`),
  );
  return [
    '',
    ` ${paint('Under load', 'bold')}`,
    ...wrapped(made, width - 1).map((line) => ` ${paint(line, 'dim')}`),
    ...rows,
  ];
}

function isolation({ paint, width }: Page, record: RunRecord): readonly string[] {
  const [head, ...rows] = isolationLines(record, width - 1);
  if (head === undefined) return [];
  return [
    '',
    ` ${paint('Isolation strategies', 'bold')}`,
    ` ${paint(head, 'dim')}`,
    ...rows.map((row) => ` ${paint(row)}`),
  ];
}

/** How the agent came back from each fault, those first who did not. */
function recoveries({ paint, width }: Page, record: RunRecord): readonly string[] {
  const order = ['never', 'unknown', 'back'];
  const all = [...recoveriesOf(record)].sort(
    (a, b) => order.indexOf(comebackOf(a.record)) - order.indexOf(comebackOf(b.record)),
  );
  if (all.length === 0) return [];
  const rows = all.slice(0, RECOVERIES_MAX).flatMap(({ scenario, record: fault, recovery }) => {
    const { before, error_rate_back_ms, p95_back_ms } = recovery;
    const rate = backAsBefore(error_rate_back_ms, before.error_rate, recovery);
    const p95 = backAsBefore(p95_back_ms, before.p95_ms, recovery);
    const text = [
      `${clip(visible(scenario), 40)}, ${clip(visible(tellFault(fault.fault)), 60)}: first success ${firstSuccess(fault)}`,
      ...(rate === p95
        ? [`error rate and p95 as before: ${rate}`]
        : [`error rate as before ${rate}`, `p95 as before ${p95}`]),
      harmWords(recovery),
    ].join('; ');
    return wrapped(text, width - 3).map((line, index) => ` ${index === 0 ? '↺' : ' '} ${paint(line)}`);
  });
  const rest = all.length - RECOVERIES_MAX;
  return [
    '',
    ` ${paint('Faults, from the heal', 'bold')}`,
    ...rows,
    ...(rest > 0 ? [`   … and ${count(rest, 'more fault', 'more faults')} in the report`] : []),
  ];
}

/** What was not answered as asked, most frequent first: without it, nobody knows why there was nothing to judge. */
function troubles({ paint, width }: Page, record: RunRecord): readonly string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of record.scenarios) {
    for (const { op, errors } of metrics?.operations ?? []) {
      for (const [code, times] of Object.entries(errors)) {
        // Errors that the specification names are answers, and scenarios ask for some of them.
        if (ANSWERS.test(code)) continue;
        counts.set(`${op}: ${code}`, (counts.get(`${op}: ${code}`) ?? 0) + times);
      }
    }
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return [];
  const shown = sorted.slice(0, TROUBLES_MAX).map(([what, times]) => `${clip(what, 80)} × ${whole(times)}`);
  const text = listed(shown, TROUBLES_MAX).concat(
    sorted.length > TROUBLES_MAX ? ` and ${sorted.length - TROUBLES_MAX} more` : '',
  );
  return [
    '',
    ` ${paint('Answered with an error, or not at all', 'bold')}`,
    ...wrapped(text, width - 1).map((line) => ` ${paint(line)}`),
  ];
}

function gates({ paint, width }: Page, record: RunRecord): readonly string[] {
  if (record.gates.length === 0) return [];
  const words = {
    met: ['met', 'green'],
    missed: ['missed', 'red'],
    'no-samples': ['too few samples', 'yellow'],
  } as const;
  const rows = record.gates.map((gate) => {
    const [word, style] = words[gate.status] ?? words['no-samples'];
    const seen = `${gate.value === null ? '' : `: ${gateValue(gate)}`} (n = ${whole(gate.samples)})`;
    return ` ${paint(clip(gate.gate, width - 30))}  ${paint(word, style)}${paint(seen, 'dim')}`;
  });
  return ['', ` ${paint('Gates', 'bold')}`, ...rows];
}

function notJudged(page: Page, record: RunRecord): readonly string[] {
  const all = unjudged(record);
  if (all.length === 0) return [];
  const rows = all.flatMap(({ kind, names, why }) => {
    const who = listed(
      names.map((name) => clip(name, 60)),
      12,
    );
    const lines = wrapped(`${names.length === 1 ? kind : `${kind}s`} ${who}: ${clip(why, 300)}`, page.width - 3);
    return lines.map((line, index) => ` ${index === 0 ? '○' : ' '} ${page.paint(line)}`);
  });
  return ['', ` ${page.paint('Not judged', 'bold')}`, ...rows];
}

function ending(page: Page, record: RunRecord, path: string | null): readonly string[] {
  const { paint } = page;
  return [
    '',
    ...(path === null ? [] : [` ${paint('report', 'dim')}  ${paint(`${path}/report.html`)}`]),
    ...(path === null || openFindings(record).length === 0
      ? []
      : [` ${paint('paste', 'dim')}   ${paint(`${path}/issues.md`)}`]),
    ` ${paint('again', 'dim')}   ${paint(clip(visible(record.run.replay), 2000))}`,
    ` ${paint('seed', 'dim')}    ${paint(String(record.seed))}`,
  ];
}

export function renderSummary(record: RunRecord, { width, color, path }: SummaryOptions): string {
  const page: Page = { paint: painter(color), width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width || 80)) };
  const lines = [
    ...heading(page, record),
    ...findings(page, record),
    ...knownLines(page, record),
    ...table(page, record),
    ...underLoad(page, record),
    ...isolation(page, record),
    ...recoveries(page, record),
    ...troubles(page, record),
    ...gates(page, record),
    ...notJudged(page, record),
    ...ending(page, record, path),
  ];
  return `${lines.join('\n')}\n`;
}
