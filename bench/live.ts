/** What checking costs while a run goes on: the same users with all checks, and with none. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { askChild, startFixture } from './child.ts';
import type { LiveAnswer, LiveQuestion } from './live-child.ts';
import type { Benchmark } from './model.ts';
import { median, show, showSpread } from './numbers.ts';

const USERS = 50;
const ROUNDS_PER_USER = 20;
const ROUNDS = 3;

export const live: Benchmark = {
  name: 'live',
  title: 'What does checking cost while a run goes on?',
  method:
    `${USERS} users send, read and stream ${ROUNDS_PER_USER} times each without a pause, against the fixture echo in a process of its own; ` +
    'the history is written in either case. CPU is that of the process that drives the users, from the first arrival until the last ' +
    'user has left, so that a driver who has one core to itself loses as much throughput as its ops cost more.',
  measure: async (folder) => {
    const withAll: LiveAnswer[] = [];
    const withNone: LiveAnswer[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [checks, answers] of [
        ['all', withAll],
        ['none', withNone],
      ] as const) {
        await using agent = await startFixture('echo');
        const own = join(folder, `${round}-${checks}`);
        mkdirSync(own);
        const question: LiveQuestion = { url: agent.url, folder: own, checks, users: USERS, rounds: ROUNDS_PER_USER };
        answers.push(await askChild<LiveAnswer>('live-child.ts', question));
      }
    }
    const perOp = (answers: readonly LiveAnswer[]): readonly number[] =>
      answers.map(({ ops, cpu_s }) => (cpu_s * 1e6) / ops);
    const row = (name: string, answers: readonly LiveAnswer[]): string[] => [
      name,
      median(perOp(answers)).toFixed(0),
      showSpread(perOp(answers)),
      show(median(answers.map(({ ops, seconds }) => ops / seconds))),
      show(answers.reduce((sum, { ops }) => sum + ops, 0)),
      show(answers.reduce((sum, { events }) => sum + events, 0)),
    ];
    /** Round by round, as both met the same machine. */
    const lost = perOp(withNone).map((none, round) => 100 * (1 - none / (perOp(withAll)[round] ?? Number.NaN)));
    return {
      tables: [
        {
          caption: `${ROUNDS} interleaved rounds`,
          columns: ['', 'CPU, microseconds per op', 'rounds from–to', 'ops per second', 'ops', 'events'],
          rows: [row('all checks', withAll), row('no checks', withNone)],
        },
      ],
      findings: [
        `Checking takes ${median(lost).toFixed(1)} % of the throughput of a driver with one core (rounds ${showSpread(lost)} %); ${show(withAll.reduce((sum, { findings }) => sum + findings, 0))} findings.`,
      ],
    };
  },
};
