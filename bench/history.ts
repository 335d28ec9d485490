/** What it costs to append to a history, beside writing lines that are already made. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openHistory } from '../harness/history/write.ts';
import { type GeneratedEvent, generateHistory } from './generated-history.ts';
import type { Benchmark } from './model.ts';
import { show, showRatio, showSpread } from './numbers.ts';
import { timeInRounds } from './rounds.ts';

const EVENTS = 20_000;
const ROUNDS = 5;
const CALLS = 3;

export const history: Benchmark = {
  name: 'history',
  title: 'What does it cost to append to the history?',
  method:
    `About ${show(EVENTS)} generated events are appended to a new file, beside one fs.writeSync per line of the same lines made ` +
    'beforehand. `append` also makes the line and parses it again, so that a live check sees what a reader of the file will see; ' +
    'the third row does just that and writes nothing. No one waits for the disk: what is measured is the way to the operating system.',
  measure: async (folder) => {
    const events = [...generateHistory(EVENTS, 'more-users')];
    const path = join(folder, 'history.jsonl');
    const stamped = events.map(({ event, scenario, time_ms }, seq) => ({ seq, time_ms, scenario, ...event }));
    const lines = stamped.map((event) => `${JSON.stringify(event)}\n`);
    const timings = await timeInRounds(
      [
        { name: 'fs.writeSync of each line, made beforehand', run: () => writeLines(path, lines) },
        { name: 'history.append', run: () => append(path, events) },
        { name: 'JSON.stringify and JSON.parse, nothing written', run: () => copyAll(stamped) },
      ],
      { rounds: ROUNDS, calls: CALLS },
    );
    const baseline_ms = timings[0]?.median_ms ?? 1;
    const rate = (ms: number): number => (events.length / ms) * 1000;
    return {
      tables: [
        {
          caption: `${show(events.length)} events, ${ROUNDS} interleaved rounds; the ratio is of time`,
          columns: ['', 'events per second', 'rounds from–to', 'time, over writeSync', 'calls timed'],
          rows: timings.map(({ name, median_ms, rounds_ms, samples }) => [
            name,
            show(rate(median_ms)),
            showSpread(rounds_ms.map(rate)),
            showRatio(median_ms, baseline_ms),
            String(samples),
          ]),
        },
      ],
      findings: [
        `An event costs ${(((timings[1]?.median_ms ?? 0) * 1000) / events.length).toFixed(1)} microseconds to append.`,
      ],
    };
  },
};

async function append(path: string, events: readonly GeneratedEvent[]): Promise<void> {
  let time_ms = 0;
  {
    await using log = openHistory(path, { clock: () => time_ms });
    for (const { event, scenario, time_ms: at_ms } of events) {
      time_ms = at_ms;
      log.append(event, scenario);
    }
  }
  rmSync(path);
}

function writeLines(path: string, lines: readonly string[]): void {
  const file = openSync(path, 'a');
  for (const line of lines) writeSync(file, line);
  closeSync(file);
  rmSync(path);
}

function copyAll(events: readonly unknown[]): number {
  let copied = 0;
  for (const event of events) if (JSON.parse(JSON.stringify(event)) !== null) copied += 1;
  return copied;
}
