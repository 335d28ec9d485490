/** What an open stream costs who holds it: in muster, and in k6 with one VU for each and with many to a VU. */
import { setTimeout as delay } from 'node:timers/promises';
import { askChild } from './child.ts';
import { CORES, startStub } from './load-ground.ts';
import type { HeldAnswer, HeldQuestion } from './load-held-child.ts';
import { findK6Rival, residentKbOf, startRival, until } from './load-rivals.ts';
import type { Benchmark } from './model.ts';
import { show } from './numbers.ts';

const HELD = [500, 2_000, 8_000];
const QUICK_HELD = [50, 200];
const MANY = 50;
/** After the last has opened, so that what opening them took is over. */
const REST_MS = 2_000;

export const loadHeld: Benchmark = {
  name: 'load-held',
  title: 'What does a stream cost who holds it open?',
  method:
    'SSE streams that stay open after their first event, each on a connection of its own; one round. Of muster it is resident memory after a ' +
    'forced collection, from before the first user to when all are held; of k6, which cannot be told to collect, resident memory less that of ' +
    `the same k6 with one stream. *Many* is ${MANY} streams to a VU.`,
  measure: async (folder, quick) => {
    const rows: string[][] = [];
    const sizes = quick ? QUICK_HELD : HELD;
    for (const checks of ['off', 'on'] as const) {
      for (const streams of sizes) {
        await using stub = await startStub();
        const question: HeldQuestion = { url: stub.url, streams, checks, folder };
        const answer = await askChild<HeldAnswer>('load-held-child.ts', question, ['--expose-gc'], CORES.client);
        rows.push(
          rowOf(`muster load, checks ${checks}`, streams, answer.held, answer.rss_kb_each, answer.heap_kb_each),
        );
      }
    }
    const [, , largest] = rows.slice(sizes.length);
    const { missing, name } = await findK6Rival('hold', 1);
    if (missing !== undefined) rows.push([`${name}: ${missing}`, '–', '–', '–', '–']);
    else rows.push(...(await heldByK6(sizes)));
    return {
      tables: [
        {
          caption: 'held at the same time',
          columns: ['client', 'streams', 'held', 'KB of RSS each', 'of these heap'],
          rows,
        },
      ],
      findings: largest === undefined ? [] : [`With all checks on, ${largest[2]} streams take ${largest[3]} KB each.`],
    };
  },
};

async function heldByK6(sizes: readonly number[]): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [each, how] of [
    [1, 'one VU for each'],
    [MANY, `${MANY} to a VU`],
  ] as const) {
    const { rss_kb: base_kb } = await holdByK6(1, 1);
    for (const streams of sizes) {
      const { name, held, rss_kb } = await holdByK6(streams / each, each);
      rows.push(rowOf(`${name}, ${how}`, streams, held, (rss_kb - base_kb) / held));
    }
  }
  return rows;
}

async function holdByK6(
  vus: number,
  each: number,
): Promise<{ readonly name: string; readonly held: number; readonly rss_kb: number }> {
  await using stub = await startStub();
  const rival = await findK6Rival('hold', vus, each);
  await using running = startRival(rival, stub.url);
  await until(async () => (await stub.counts()).held >= vus * each, running);
  await delay(REST_MS);
  return { name: rival.name, held: (await stub.counts()).held, rss_kb: residentKbOf(running.pid) };
}

const rowOf = (client: string, streams: number, held: number, rss_kb: number, heap_kb = Number.NaN): string[] => [
  client,
  show(streams),
  show(held),
  show(rss_kb),
  show(heap_kb),
];
