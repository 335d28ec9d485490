/** What a whole `muster run` costs, from the first line of the command to the last report, beside its calls alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readHistory } from '../harness/history/read.ts';
import type { RunRecord } from '../harness/model/record.ts';
import type { BareAnswer, BareQuestion } from './bare-users.ts';
import { askChild } from './child.ts';
import type { Benchmark } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';

const USERS = 200;
/** Of the scenario's load profile. */
const RATE_PER_S = 100;
const ROUNDS = 3;
const MUSTER = fileURLToPath(new URL('../harness/cli/muster.js', import.meta.url));
const CPU_AT_EXIT = pathToFileURL(fileURLToPath(new URL('cpu-at-exit.ts', import.meta.url))).href;

interface Measured {
  readonly calls: number;
  readonly seconds: number;
  readonly cpu_s: number;
}

export const wholeRun: Benchmark = {
  name: 'run',
  title: 'What does a whole run cost?',
  method:
    `\`muster run many-users --users ${USERS}\` as a process, with plan, history, all checks and all reports, beside a process that ` +
    `makes the same calls with the SDK client over global fetch and does nothing else. Both hold the fixture echo, both let users ` +
    `arrive at ${RATE_PER_S} per second, so ${(USERS / RATE_PER_S).toFixed(0)} seconds are waiting by plan and the same for both: the CPU is what tells them apart. Calls count the ` +
    'final reading back. The warden, a second and idle process of muster, is not counted.',
  measure: async (folder) => {
    const ours: Measured[] = [];
    const bare: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await runMuster(join(folder, `round-${round}`)));
      const question: BareQuestion = { users: USERS, rate_per_s: RATE_PER_S };
      bare.push(await askChild<BareAnswer>('bare-users.ts', question));
    }
    const [muster, alone] = [ours, bare].map((all) => ({
      all,
      calls: median(all.map(({ calls }) => calls)),
      seconds: median(all.map(({ seconds }) => seconds)),
      cpu_s: median(all.map(({ cpu_s }) => cpu_s)),
    }));
    if (muster === undefined || alone === undefined) throw new Error('Nothing was measured.');
    const row = (name: string, one: typeof muster): string[] => [
      name,
      show(one.calls),
      one.seconds.toFixed(2),
      one.cpu_s.toFixed(2),
      showSpread(one.all.map(({ cpu_s }) => cpu_s)),
      showRatio(one.cpu_s, alone.cpu_s),
      String(one.all.length),
    ];
    return {
      tables: [
        {
          caption: `${USERS} users, ${ROUNDS} interleaved rounds`,
          columns: ['process', 'calls', 'seconds', 'CPU seconds', 'rounds from–to', 'CPU, over bare calls', 'rounds'],
          rows: [row('muster run', muster), row('the same calls alone', alone)],
        },
      ],
      findings: [
        `A whole run takes ${(muster.cpu_s / alone.cpu_s).toFixed(2)} times the CPU and ${(muster.seconds / alone.seconds).toFixed(2)} times the time of its calls alone; start-up and reports, which do not grow with the calls, are in it.`,
      ],
    };
  },
};

async function runMuster(folder: string): Promise<Measured> {
  mkdirSync(folder);
  const out = join(folder, 'run');
  const began_ms = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', CPU_AT_EXIT, MUSTER, 'run', 'many-users', '--users', String(USERS), '--seed', '1', '--out', out],
    { cwd: folder, env: { ...process.env, MUSTER_BENCH_FOLDER: folder, NO_COLOR: '1' }, stdio: 'ignore' },
  );
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - began_ms) / 1000;
  // A harness that lagged on a busy machine is inconclusive, and costs the same.
  if (code !== 0 && code !== 2) throw new Error(`Failed to run many-users: muster ended with code ${code}.`);
  const record = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as RunRecord;
  const { cpu_s } = JSON.parse(readFileSync(join(folder, `cpu-${child.pid}.json`), 'utf8')) as { cpu_s: number };
  let readBacks = 0;
  for (const event of readHistory(join(out, 'history.jsonl'))) {
    if (event.type === 'invoke' && event.step === -1) readBacks += 1;
  }
  return { calls: record.run.operations + readBacks, seconds, cpu_s };
}
