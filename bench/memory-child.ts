/**
 * Folds one generated history in a process of its own and tells what it held: at the fullest, just before the tasks are
 * read back, and at the end. Needs --expose-gc.
 */
import { checks } from '../harness/checks/table.ts';
import { readHistory } from '../harness/history/read.ts';
import { openHistory } from '../harness/history/write.ts';
import { startJudge } from '../harness/judge/judge.ts';
import { startRecord, toRecord } from '../harness/judge/record.ts';
import type { Check } from '../harness/model/check.ts';
import type { HistoryEvent } from '../harness/model/history.ts';
import { generatedPlan, generateHistory, type Shape } from './generated-history.ts';

export interface MemoryQuestion {
  /** `fold` is the live path without the file, for one check or none. */
  readonly mode: 'live' | 'file' | 'fold';
  readonly shape: Shape;
  readonly events: number;
  readonly path: string;
  /** Only for `fold`; empty for no check at all. */
  readonly check?: string;
}

export interface Held {
  readonly heap_mb: number;
  readonly rss_mb: number;
}

export interface MemoryAnswer {
  readonly events: number;
  readonly before: Held;
  readonly fullest: Held;
  readonly after: Held;
  readonly rss_mb_max: number;
  readonly seconds: number;
}

const question = JSON.parse(process.argv[2] ?? '') as MemoryQuestion;
process.stdout.write(`${JSON.stringify(await measure(question))}\n`);

async function measure({ mode, shape, events, path, check }: MemoryQuestion): Promise<MemoryAnswer> {
  let time_ms = 0;
  let count = 0;
  let fullest: Held | undefined;
  const judging = startJudge(generatedPlan, mode === 'fold' ? checksNamed(check) : checks);
  const record = startRecord(generatedPlan);
  const before = held();
  const began_ms = performance.now();
  const take = (event: HistoryEvent): void => {
    if (event.type === 'scenario' && event.phase === 'settling') fullest = held();
    count += 1;
    judging.add(event);
    if (mode === 'live') record.add(event);
  };
  if (mode === 'file') {
    for (const event of readHistory(path)) take(event);
  } else if (mode === 'fold') {
    for (const { event, scenario, time_ms: at_ms } of generateHistory(events, shape)) {
      take(JSON.parse(JSON.stringify({ seq: count, time_ms: at_ms, scenario, ...event })) as HistoryEvent);
    }
  } else {
    await using history = openHistory(path, { clock: () => time_ms });
    for (const generated of generateHistory(events, shape)) {
      time_ms = generated.time_ms;
      take(history.append(generated.event, generated.scenario));
    }
  }
  const after = held();
  const seconds = (performance.now() - began_ms) / 1000;
  const verdict = judging.close(() => []);
  if (mode === 'live') toRecord(generatedPlan, verdict, record, 'bench');
  if (mode !== 'fold' && verdict.verdict !== 'pass') {
    throw new Error(`The generated history must pass, or its findings are measured too: ${verdict.reasons.join(' ')}`);
  }
  return {
    events: count,
    before,
    fullest: fullest ?? after,
    after,
    rss_mb_max: process.resourceUsage().maxRSS / 1024,
    seconds,
  };
}

function checksNamed(name: string | undefined): readonly Check[] {
  return checks.filter((check) => check.name === name);
}

/** Histograms lie outside the heap, so that is counted with it. */
function held(): Held {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap_mb: (heapUsed + external) / 2 ** 20, rss_mb: rss / 2 ** 20 };
}
