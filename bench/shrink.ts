/** How long it takes until a failing run of two hundred users has come down to the few that matter, and in how many tries. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../harness/model/record.ts';
import type { ShrunkRecord } from '../harness/model/shrunk-record.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show } from './numbers.ts';

const USERS = 200;
const SEEDS = [1, 2, 3];
const MUSTER = fileURLToPath(new URL('../harness/cli/muster.js', import.meta.url));
const GOAL = { users: 3, ops: 8, seconds: 60 };

interface Case {
  readonly fixture: string;
  readonly scenario: string;
}

const CASES: readonly Case[] = [
  { fixture: 'shared-variable', scenario: 'many-users' },
  { fixture: 'keyed-by-user', scenario: 'two-devices' },
];

export const shrink: Benchmark = {
  name: 'shrink',
  title: 'How long does it take to shrink a failing run?',
  method:
    `\`muster shrink\` with its default of 60 s on the first finding of a run of ${USERS} users, for mutants whose fault is not a matter of ` +
    `luck; ${SEEDS.length} seeds each. Seconds are those of the shrinking, with its last runs in fresh processes, which measure how often the ` +
    'smallest plan comes back; the run before is not counted. The fixture answers in the same process.',
  measure: async (folder) => {
    const rows: (readonly string[])[] = [];
    const all: ShrunkRecord[] = [];
    for (const { fixture, scenario } of CASES) {
      const shrunk: ShrunkRecord[] = [];
      for (const seed of SEEDS)
        shrunk.push(await shrinkOne(join(folder, `${fixture}-${seed}`), { fixture, scenario }, seed));
      all.push(...shrunk);
      rows.push(rowOf(`${scenario}, ${fixture}`, shrunk));
    }
    const good = all.filter(
      ({ users, ops, took_ms }) => users <= GOAL.users && ops <= GOAL.ops && took_ms <= GOAL.seconds * 1000,
    );
    const table: Table = {
      caption: `${USERS} users, ${SEEDS.length} seeds each; the largest of what is left, the median and the longest time`,
      columns: ['', 'users left', 'ops left', 'of ops', 'tries', 'seconds, median', 'seconds, longest', 'came back'],
      rows,
    };
    const goal = `at most ${GOAL.users} users and ${GOAL.ops} ops within ${GOAL.seconds} s`;
    return { tables: [table], findings: [`${good.length} of ${all.length} came down to ${goal}.`] };
  },
};

async function shrinkOne(folder: string, { fixture, scenario }: Case, seed: number): Promise<ShrunkRecord> {
  const flags = ['--fixture', fixture, '--users', String(USERS), '--seed', String(seed)];
  await muster('run', scenario, ...flags, '--out', folder);
  await muster('shrink', folder, '--finding', '1');
  const record: RunRecord = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  const shrunk = record.scenarios[0]?.findings[0]?.shrunk;
  if (shrunk === undefined)
    throw new Error(`Failed to measure shrinking: seed ${seed} of ${fixture} came down to nothing.`);
  return shrunk;
}

/** Resolves with the exit code: findings are what is wanted here. */
function muster(...args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MUSTER, ...args], () => resolve(child.exitCode ?? -1));
  });
}

function rowOf(name: string, shrunk: readonly ShrunkRecord[]): readonly string[] {
  const most = (of: (one: ShrunkRecord) => number): number => Math.max(...shrunk.map(of));
  const seconds = shrunk.map(({ took_ms }) => took_ms / 1000);
  const came = shrunk.reduce((sum, { reproduced }) => sum + reproduced, 0);
  const tries = shrunk.reduce((sum, one) => sum + one.tries, 0);
  return [
    name,
    String(most(({ users }) => users)),
    String(most(({ ops }) => ops)),
    show(most(({ of }) => of.ops)),
    median(shrunk.map(({ tries_all }) => tries_all)).toFixed(0),
    median(seconds).toFixed(1),
    Math.max(...seconds).toFixed(1),
    `${came} of ${tries}`,
  ];
}
