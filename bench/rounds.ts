/**
 * Times functions against each other with tinybench, in rounds that each run all of them: what slows the machine down for
 * a while then slows all of them down, and their ratios stay.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { median } from './numbers.ts';

export interface Timed {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Timing {
  readonly name: string;
  /** Median time of one call, for each round. */
  readonly rounds_ms: readonly number[];
  readonly median_ms: number;
  /** Calls that were timed, in all rounds. */
  readonly samples: number;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** Calls of each function in each round. */
  readonly calls: number;
}

export async function timeInRounds(timed: readonly Timed[], { rounds, calls }: RoundsOptions): Promise<Timing[]> {
  const results = new Map(timed.map(({ name }) => [name, { rounds_ms: [] as number[], samples: 0 }]));
  for (const { run } of timed) await run();
  for (let round = 0; round < rounds; round += 1) {
    // What is timed may never wait for anything, and an interrupt is heard only in between.
    await turn();
    const bench = new Bench({ iterations: calls, time: 0, warmup: false, throws: true });
    for (const { name, run } of timed) bench.add(name, run);
    await bench.run();
    for (const task of bench.tasks) {
      const { result } = task;
      if (!('latency' in result)) throw new Error(`Failed to time "${task.name}": tinybench gave no latency.`);
      const into = results.get(task.name);
      into?.rounds_ms.push(result.latency.p50);
      if (into !== undefined) into.samples += result.latency.samplesCount;
    }
  }
  return [...results].map(([name, { rounds_ms, samples }]) => ({
    name,
    rounds_ms,
    samples,
    median_ms: median(rounds_ms),
  }));
}
