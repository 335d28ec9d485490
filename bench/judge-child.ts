/** Judges one history in a process of its own, or only reads it, and tells what that cost: CPU time, since others use the machine too. */
import { checks } from '../harness/checks/table.ts';
import { readHistory } from '../harness/history/read.ts';
import { startJudge } from '../harness/judge/judge.ts';
import { generatedPlan } from './generated-history.ts';

export interface JudgeQuestion {
  readonly path: string;
  readonly what: 'read' | 'judge';
}

export interface JudgeAnswer {
  readonly events: number;
  /** Of all threads, so that collecting garbage and compiling count. */
  readonly cpu_s: number;
  readonly rss_mb_max: number;
}

const { path, what } = JSON.parse(process.argv[2] ?? '') as JudgeQuestion;
const began = process.cpuUsage();
const judging = startJudge(generatedPlan, checks);
let events = 0;
for (const event of readHistory(path)) {
  events += 1;
  if (what === 'judge') judging.add(event);
}
const verdict = what === 'judge' ? judging.close((only) => readHistory(path, { only })) : undefined;
if (verdict !== undefined && verdict.verdict !== 'pass')
  throw new Error(`The generated history must pass, or its findings are measured too: ${verdict.reasons.join(' ')}`);
const { user, system } = process.cpuUsage(began);
const answer: JudgeAnswer = {
  events,
  cpu_s: (user + system) / 1e6,
  rss_mb_max: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
