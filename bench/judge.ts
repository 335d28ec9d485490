/** How fast a history is judged, beside doing nothing but parsing its lines, and which check costs how much of it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../harness/checks/table.ts';
import { readHistory } from '../harness/history/read.ts';
import { openHistory } from '../harness/history/write.ts';
import { judge as judgeHistory } from '../harness/judge/judge.ts';
import type { HistoryEvent } from '../harness/model/history.ts';
import { askChild } from './child.ts';
import { generatedPlan, generateHistory } from './generated-history.ts';
import type { JudgeAnswer, JudgeQuestion } from './judge-child.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';
import { type Timing, timeInRounds } from './rounds.ts';

const EVENTS = 20_000;
const WHOLE_EVENTS = [200_000, 1_000_000];
const ROUNDS = 5;
const CALLS = 3;

export const judge: Benchmark = {
  name: 'judge',
  title: 'How fast is a history judged?',
  method:
    `A generated history of about ${show(EVENTS)} events (*more-users*) is judged from its file with all checks, beside a split ` +
    'into lines with JSON.parse on each. What a check costs is the time of judging the parsed events with it alone, less that ' +
    'of judging them with none. A history without findings is measured: one with many costs more. What whole histories cost is the CPU of a process of ' +
    'its own, all threads together, as others use the machine too.',
  measure: async (folder) => {
    const path = join(folder, 'history.jsonl');
    await write(path, EVENTS);
    const events = [...readHistory(path)];
    const whole = await timeInRounds(
      [
        { name: 'JSON.parse of each line', run: () => parseLines(path) },
        { name: 'readHistory', run: () => count(readHistory(path)) },
        { name: 'judge, all checks', run: () => judgeHistory(generatedPlan, readHistory(path), checks) },
      ],
      { rounds: ROUNDS, calls: CALLS },
    );
    const parts = await timeInRounds(
      [
        { name: '', run: () => judgeHistory(generatedPlan, events, []) },
        ...checks.map((check) => ({ name: check.name, run: () => judgeHistory(generatedPlan, events, [check]) })),
      ],
      { rounds: ROUNDS, calls: CALLS },
    );
    const [parse, , all] = whole;
    const { table: sizes, findings } = await measureSizes(path);
    const ratio = (all?.median_ms ?? 0) / (parse?.median_ms ?? 1);
    return {
      tables: [wholeTable(whole, events.length), sizes, partsTable(parts, events.length)],
      findings: [
        `Judging with all ${checks.length} checks takes ${ratio.toFixed(1)} times as long as parsing the lines alone.`,
        ...findings,
      ],
    };
  },
};

/** Of a judge in a process of its own, beside one that only reads. */
async function measureSizes(path: string): Promise<{ readonly table: Table; readonly findings: readonly string[] }> {
  const rows: string[][] = [];
  const findings: string[] = [];
  for (const events of WHOLE_EVENTS) {
    rmSync(path, { force: true });
    await write(path, events);
    const ask = (what: JudgeQuestion['what']): Promise<JudgeAnswer> => askChild('judge-child.ts', { path, what });
    const [read, judged] = [await ask('read'), await ask('judge')];
    const perEvent = ({ cpu_s }: JudgeAnswer): string => ((cpu_s * 1e6) / judged.events).toFixed(1);
    rows.push([
      show(judged.events),
      perEvent(read),
      perEvent(judged),
      judged.cpu_s.toFixed(1),
      show(judged.rss_mb_max),
    ]);
    findings.push(
      `${show(judged.events)} events are judged in ${judged.cpu_s.toFixed(1)} s of CPU and ${show(judged.rss_mb_max)} MB.`,
    );
  }
  return {
    table: {
      caption: 'whole histories, all checks, one process each',
      columns: ['events', 'reading, µs of CPU per event', 'judging, µs of CPU per event', 'CPU, s', 'most RSS, MB'],
      rows,
    },
    findings,
  };
}

async function write(path: string, events: number): Promise<void> {
  let time_ms = 0;
  await using history = openHistory(path, { clock: () => time_ms });
  for (const generated of generateHistory(events, 'more-users')) {
    time_ms = generated.time_ms;
    history.append(generated.event, generated.scenario);
  }
}

function parseLines(path: string): number {
  let seen = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line !== '' && JSON.parse(line) !== null) seen += 1;
  }
  return seen;
}

function count(events: Iterable<HistoryEvent>): number {
  let seen = 0;
  for (const _ of events) seen += 1;
  return seen;
}

function wholeTable(timings: readonly Timing[], events: number): Table {
  const baseline_ms = timings[0]?.median_ms ?? 1;
  const rate = (ms: number): number => (events / ms) * 1000;
  return {
    caption: `${show(events)} events, ${ROUNDS} interleaved rounds; the ratio is of time`,
    columns: ['', 'events per second', 'rounds from–to', 'time, over parsing', 'calls timed'],
    rows: timings.map(({ name, median_ms, rounds_ms, samples }) => [
      name,
      show(rate(median_ms)),
      showSpread(rounds_ms.map(rate)),
      showRatio(median_ms, baseline_ms),
      String(samples),
    ]),
  };
}

function partsTable(timings: readonly Timing[], events: number): Table {
  const none = timings[0];
  /** Round by round, as both met the same machine. */
  const costs = timings
    .slice(1)
    .map(({ name, rounds_ms, samples }) => ({
      name,
      samples,
      cost_ms: Math.max(0, median(rounds_ms.map((ms, round) => ms - (none?.rounds_ms[round] ?? 0)))),
    }))
    .sort((a, b) => b.cost_ms - a.cost_ms);
  const all_ms = costs.reduce((sum, { cost_ms }) => sum + cost_ms, 0);
  return {
    caption: `what each check adds, of parsed events; ${ROUNDS} interleaved rounds`,
    columns: ['check', 'microseconds per event', 'share of all checks', 'calls timed'],
    rows: costs.map(({ name, cost_ms, samples }) => [
      name,
      ((cost_ms * 1000) / events).toFixed(2),
      `${((100 * cost_ms) / all_ms).toFixed(1)} %`,
      String(samples),
    ]),
  };
}
