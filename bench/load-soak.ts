/** Whether what a load holds of its memory grows with time: ten minutes at half of what it could do, with a history and all checks. */
import { join } from 'node:path';
import { askChild, startChild } from './child.ts';
import type { LoadAnswer, LoadQuestion } from './load-child.ts';
import { CORES, startStub } from './load-ground.ts';
import { AT_ONCE } from './load-rounds.ts';
import type { SoakAnswer, SoakQuestion } from './load-soak-child.ts';
import type { Benchmark } from './model.ts';
import { median, show } from './numbers.ts';
import { type Slope, slopeOf } from './slope.ts';

const SOAK_MS = 600_000;
/** The engine finds its heap. */
const SETTLES_MS = 120_000;
/** What checks remember of the latest tasks is full by then, and as full as it gets. */
const FULL_AFTER = 30_000;
const LOOK_MS = 5_000;
const BLOCK_MS = 30_000;
const FASTEST = { warm_up_ms: 8_000, for_ms: 3_000, rounds: 3 };
const QUICK = { soak_ms: 8_000, settles_ms: 1_000, look_ms: 250, block_ms: 1_000 };
const MB = 2 ** 20;
const PER_MINUTE_MS = 60_000;

export const loadSoak: Benchmark = {
  name: 'load-soak',
  title: 'Does a load need more memory the longer it lasts?',
  only_when_named: true,
  method:
    `First the most that the load can do (closed, ${AT_ONCE} at once, a history and all checks, the median of ${FASTEST.rounds} rounds of ${FASTEST.for_ms} ms), then half of that rate for ` +
    `${SOAK_MS / 60_000} minutes. Each ${LOOK_MS / 1000} s the heap (with external memory) is read after a forced collection, and resident memory before it. After the first ` +
    `${SETTLES_MS / 60_000} minutes, and not before ${FULL_AFTER} messages (or half of the time), as what checks remember of the latest tasks fills up until then, the medians of each ${BLOCK_MS / 1000} s make one point, and a line is laid through them by least squares, with its interval of 95 % by Student’s t. ` +
    'The history goes to a disk, and grows.',
  measure: async (folder, quick) => {
    const { soak_ms, settles_ms, look_ms, block_ms } = quick
      ? QUICK
      : { soak_ms: SOAK_MS, settles_ms: SETTLES_MS, look_ms: LOOK_MS, block_ms: BLOCK_MS };
    await using stub = await startStub();
    const most_per_s = await measureFastest(stub.url, folder, quick);
    const question: SoakQuestion = {
      url: stub.url,
      rate_per_s: Math.round(most_per_s / 2),
      for_ms: soak_ms,
      look_ms,
      folder,
    };
    const answer = await askChild<SoakAnswer>('load-soak-child.ts', question, ['--expose-gc'], CORES.client);
    const full_ms = quick ? 0 : (FULL_AFTER / question.rate_per_s) * 1_000;
    const from_ms = Math.min(soak_ms / 2, Math.max(settles_ms, full_ms));
    const settled = answer.looks.filter(({ at_ms }) => at_ms >= from_ms);
    const rows = (['heap', 'rss'] as const).map((what) => {
      const points = blocks(settled, what, block_ms);
      const slope = slopeOf(points);
      return {
        slope,
        cells: [
          what === 'heap' ? 'heap and external, after a collection' : 'resident',
          show(points[0]?.y ?? Number.NaN),
          show(points.at(-1)?.y ?? Number.NaN),
          show(Math.max(...settled.map((look) => look[what] / MB))),
          showSlope(slope),
          `${points.length} of ${settled.length} looks`,
        ],
      };
    });
    const [heap] = rows;
    const isFlat = heap !== undefined && heap.slope.low <= 0;
    return {
      tables: [
        {
          caption: `MB; ${show(question.rate_per_s)} messages a second, half of ${show(most_per_s)}, for ${soak_ms / 1000} s, the line from ${Math.round(from_ms / 1000)} s on: ${show(answer.requests)} were answered, ${show(answer.dropped)} dropped`,
          columns: ['memory', 'first', 'last', 'most', 'slope, MB a minute (95 %)', 'points'],
          rows: rows.map(({ cells }) => cells),
        },
      ],
      findings: [
        `The heap ${isFlat ? 'is flat' : 'grows'}: ${heap === undefined ? '–' : showSlope(heap.slope)} MB a minute, over ${show(answer.requests)} messages.`,
      ],
    };
  },
};

async function measureFastest(url: string, folder: string, quick: boolean): Promise<number> {
  const { warm_up_ms, for_ms, rounds } = quick ? { warm_up_ms: 1_000, for_ms: 500, rounds: 1 } : FASTEST;
  const question: LoadQuestion = {
    url,
    client: 'on',
    streams: false,
    at_once: AT_ONCE,
    warm_up_ms,
    for_ms,
    folder: join(folder, 'fastest'),
  };
  await using child = startChild('load-child.ts', question, CORES.client);
  await child.line();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    child.tell();
    const { requests, seconds } = (await child.line()) as LoadAnswer;
    rates.push(requests / seconds);
  }
  return median(rates);
}

/** One point for each block, in minutes and MB: single looks are not independent of each other. */
function blocks(
  looks: SoakAnswer['looks'],
  what: 'heap' | 'rss',
  block_ms: number,
): readonly { readonly x: number; readonly y: number }[] {
  const groups = Map.groupBy(looks, ({ at_ms }) => Math.floor(at_ms / block_ms));
  return [...groups].map(([block, members]) => ({
    x: ((block + 0.5) * block_ms) / PER_MINUTE_MS,
    y: median(members.map((look) => look[what])) / MB,
  }));
}

const showSlope = ({ slope, low, high }: Slope): string =>
  `${slope.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
