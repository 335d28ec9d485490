/**
 * Whether a long run needs much memory: the live path and the judging afterwards, each length in a process of its own,
 * since a heap that has grown once never tells the truth again.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../harness/checks/table.ts';
import { askChild } from './child.ts';
import { type Shape, TASKS_PER_USER, usersOf } from './generated-history.ts';
import type { MemoryAnswer, MemoryQuestion } from './memory-child.ts';
import type { Benchmark, Report, Table } from './model.ts';
import { median, show } from './numbers.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const CHECK_SIZES = { few: 10_000, many: 100_000 };
const ROUNDS: Readonly<Record<number, number>> = { 10000: 3, 100000: 3, 1000000: 1 };
const MODES = { live: 'live: append, judge, record', file: 'judging the file' } as const;
const SHAPES: readonly Shape[] = ['more-users', 'more-reads'];
const SMALL_HEAP_MB = 48;
/** Less than this per task is within the noise of a collection. */
const BYTES_NOTABLE = 20;

type Mode = keyof typeof MODES;

interface Measured {
  readonly shape: Shape;
  readonly mode: Mode;
  readonly size: number;
  readonly answers: readonly MemoryAnswer[];
}

export const memory: Benchmark = {
  name: 'memory',
  title: 'Does a longer history need more memory?',
  method:
    'A generated history of users who send, stream six events and read is folded by all checks, once as a run does it ' +
    '(append to the file, judge, gather the record), once from the file. *more-users*: each user brings three tasks, so tasks ' +
    'grow with events, and as in every run the oldest are read back when a thousand wait for it. *more-reads*: a hundred users read ' +
    'their 300 tasks again and again. Held is heap and external memory after a forced collection, less what was held before the ' +
    'first event; *fullest* is when the last user has left. RSS is the whole process with what V8 has not collected yet, ' +
    'which it is in no hurry to do on a machine with memory to spare: the last table gives the same run a small heap. ' +
    'The agent, the sockets and the list of tasks to be read back are not in it.',
  measure: async (folder) => {
    const measured: Measured[] = [];
    for (const shape of SHAPES) {
      for (const size of SIZES) measured.push(...(await measureSize(folder, shape, size)));
    }
    const perCheck = await measureChecks();
    const { tables, findings } = reportOf(measured, perCheck);
    return { tables: [...tables, await measureSmallHeap(folder)], findings };
  },
};

async function measureSize(folder: string, shape: Shape, size: number): Promise<Measured[]> {
  const answers: Record<Mode, MemoryAnswer[]> = { live: [], file: [] };
  for (let round = 0; round < (ROUNDS[size] ?? 1); round += 1) {
    const path = join(folder, `${shape}-${size}-${round}.jsonl`);
    for (const mode of ['live', 'file'] as const) {
      answers[mode].push(await ask({ mode, shape, events: size, path }));
    }
    rmSync(path);
  }
  return (['live', 'file'] as const).map((mode) => ({ shape, mode, size, answers: answers[mode] }));
}

const ask = (question: MemoryQuestion): Promise<MemoryAnswer> =>
  askChild<MemoryAnswer>('memory-child.ts', question, ['--expose-gc']);

interface CheckGrowth {
  readonly name: string;
  /** Bytes per task, between the two sizes. */
  readonly fullest: number;
  readonly after: number;
}

/** What one check alone holds, beyond what judging with no check at all holds. */
async function measureChecks(): Promise<CheckGrowth[]> {
  const growths: CheckGrowth[] = [];
  for (const name of ['', ...checks.map((check) => check.name)]) {
    const question = { mode: 'fold', shape: 'more-users', path: '', check: name } as const;
    const few = await ask({ ...question, events: CHECK_SIZES.few });
    const many = await ask({ ...question, events: CHECK_SIZES.many });
    const tasks = tasksOf(CHECK_SIZES.many, 'more-users') - tasksOf(CHECK_SIZES.few, 'more-users');
    const growth = (moment: 'fullest' | 'after'): number =>
      ((heldAt(many, moment) - heldAt(few, moment)) * 2 ** 20) / tasks;
    growths.push({ name, fullest: growth('fullest'), after: growth('after') });
  }
  return growths;
}

/** Whether the RSS of a long run is needed: one that does not fit ends without an answer, and the benchmark with it. */
async function measureSmallHeap(folder: string): Promise<Table> {
  const events = SIZES.at(-1) ?? 0;
  const path = join(folder, 'small-heap.jsonl');
  const question: MemoryQuestion = { mode: 'live', shape: 'more-reads', events, path };
  const answer = await askChild<MemoryAnswer>('memory-child.ts', question, [
    '--expose-gc',
    `--max-old-space-size=${SMALL_HEAP_MB}`,
    '--max-semi-space-size=1',
  ]);
  rmSync(path);
  return {
    caption: `more-reads, live, in a heap of at most ${SMALL_HEAP_MB} MB, one round; MB`,
    columns: ['events', 'tasks', 'RSS before', 'RSS, end', 'peak RSS'],
    rows: [
      [answer.events, tasksOf(events, 'more-reads'), answer.before.rss_mb, answer.after.rss_mb, answer.rss_mb_max].map(
        show,
      ),
    ],
  };
}

const tasksOf = (events: number, shape: Shape): number => usersOf(events, shape) * TASKS_PER_USER;
const heldAt = (answer: MemoryAnswer, moment: 'fullest' | 'after'): number =>
  answer[moment].heap_mb - answer.before.heap_mb;

function reportOf(measured: readonly Measured[], perCheck: readonly CheckGrowth[]): Report {
  const bare = perCheck.find(({ name }) => name === '');
  const own = perCheck
    .filter(({ name }) => name !== '')
    .map(({ name, fullest, after }) => ({
      name,
      fullest: fullest - (bare?.fullest ?? 0),
      after: after - (bare?.after ?? 0),
    }))
    .sort((a, b) => b.fullest - a.fullest);
  const growing = own.filter(({ fullest }) => fullest >= BYTES_NOTABLE);
  return {
    tables: [sizesTable(measured), ratioTable(measured), checksTable(growing, own.length)],
    findings: [
      ...SHAPES.map((shape) => growthSentence(measured, shape)),
      'A check remembers the latest 10,000 tasks, at most a quarter more: until there are so many, what is held grows with the tasks, and then no more.',
      `Alone, ${own.length - growing.length} of ${own.length} checks hold less than ${BYTES_NOTABLE} bytes per task. Where checks keep the same event, it is held once, so the parts add up to more than the whole.`,
    ],
  };
}

const medianOf = (answers: readonly MemoryAnswer[], read: (answer: MemoryAnswer) => number): number =>
  median(answers.map(read));

function sizesTable(measured: readonly Measured[]): Table {
  return {
    caption: 'MB; medians over the rounds, each in a fresh process',
    columns: ['history', 'path', 'events', 'tasks', 'held, fullest', 'held, end', 'RSS, end', 'peak RSS', 'rounds'],
    rows: measured.map(({ shape, mode, size, answers }) => [
      shape,
      MODES[mode],
      show(medianOf(answers, ({ events }) => events)),
      show(tasksOf(size, shape)),
      show(medianOf(answers, (answer) => heldAt(answer, 'fullest'))),
      show(medianOf(answers, (answer) => heldAt(answer, 'after'))),
      show(medianOf(answers, ({ after }) => after.rss_mb)),
      show(medianOf(answers, ({ rss_mb_max }) => rss_mb_max)),
      String(answers.length),
    ]),
  };
}

function ratioTable(measured: readonly Measured[]): Table {
  const many_events = SIZES.at(-1) ?? 0;
  const rowOf = (shape: Shape, mode: Mode, few_events: number): string[] => {
    const few = measuredOf(measured, shape, mode, few_events);
    const many = measuredOf(measured, shape, mode, many_events);
    const ratio = (read: (answer: MemoryAnswer) => number): string =>
      `${(medianOf(many.answers, read) / medianOf(few.answers, read)).toFixed(2)} ×`;
    return [
      shape,
      MODES[mode],
      show(few_events),
      ratio((answer) => heldAt(answer, 'fullest')),
      ratio((answer) => heldAt(answer, 'after')),
      ratio(({ rss_mb_max }) => rss_mb_max),
    ];
  };
  return {
    caption: `${show(many_events)} events over fewer: 1.00 × is flat; in step would be ${SIZES.slice(0, -1)
      .map((few) => `${many_events / few} × over ${show(few)}`)
      .join(' and ')}`,
    columns: ['history', 'path', 'over', 'held, fullest', 'held, end', 'peak RSS'],
    rows: SHAPES.flatMap((shape) =>
      (['live', 'file'] as const).flatMap((mode) => SIZES.slice(0, -1).map((few) => rowOf(shape, mode, few))),
    ),
  };
}

function checksTable(growing: readonly CheckGrowth[], all: number): Table {
  return {
    caption: `bytes per task that one check alone holds, more-users, from ${show(CHECK_SIZES.few)} to ${show(CHECK_SIZES.many)} events, one round; the other ${all - growing.length} checks hold less than ${BYTES_NOTABLE}`,
    columns: ['check', 'fullest', 'end'],
    rows: growing.map(({ name, fullest, after }) => [name, showWhole(fullest), showWhole(after)]),
  };
}

const showWhole = (bytes: number): string => Math.max(0, Math.round(bytes)).toLocaleString('en-US');

function measuredOf(measured: readonly Measured[], shape: Shape, mode: Mode, size: number): Measured {
  const found = measured.find((one) => one.shape === shape && one.mode === mode && one.size === size);
  if (found === undefined) throw new Error(`Nothing was measured of ${shape}, ${mode}, ${size} events.`);
  return found;
}

function growthSentence(measured: readonly Measured[], shape: Shape): string {
  const [few, many] = SIZES.slice(-2).map((size) => measuredOf(measured, shape, 'live', size));
  if (few === undefined || many === undefined) throw new Error('A growth needs two sizes.');
  const grown = (moment: 'fullest' | 'after'): number =>
    (medianOf(many.answers, (answer) => heldAt(answer, moment)) -
      medianOf(few.answers, (answer) => heldAt(answer, moment))) *
    2 ** 20;
  const events = many.size - few.size;
  const tasks = tasksOf(many.size, shape) - tasksOf(few.size, shape);
  return tasks === 0
    ? `*${shape}*: with the number of tasks fixed, from ${show(few.size)} to ${show(many.size)} events, the live path holds ${show(grown('fullest') / events)} bytes more per further event at its fullest, and ${show(grown('after') / events)} in the end.`
    : `*${shape}*: from ${show(few.size)} to ${show(many.size)} events, the live path holds ${show(grown('fullest') / tasks)} bytes more per further task at its fullest, and ${show(grown('after') / tasks)} in the end (${show(grown('fullest') / events)} and ${show(grown('after') / events)} per event).`;
}
