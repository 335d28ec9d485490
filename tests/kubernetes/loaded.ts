/**
 * A load of muster's on what is deployed in the cluster, while something is done to it. Its users come from many addresses of the node, as
 * real ones do: from one alone a few connections would carry everything, and whatever goes wrong with new ones would be seen by nobody.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from '../../harness/model/history.ts';
import type { RunRecord } from '../../harness/model/record.ts';
import { ending, PATIENT, ROOT } from '../muster.ts';
import type { Deployed } from './deployed.ts';
import { type Cluster, until } from './start-cluster.ts';

const ADDRESSES = Array.from({ length: 20 }, (_, index) => `10.77.0.${index + 2}`);
const RATE = ['--rate', '15', '--mix', 'ask=2,stream=1,poll=1', '--users', '12', '--identity', 'bearer', '--seed', '7'];
const BEGUN_BYTES = 30_000;

export interface Loaded {
  readonly code: number | null;
  /** All that it printed. */
  readonly said: string;
  readonly record: RunRecord;
  /** The tasks that users were told of. */
  readonly acknowledged: ReadonlySet<string>;
}

/** `act` begins when the load has, and has to be done before the load is over. */
export async function loadWhile(
  cluster: Cluster,
  { host }: Deployed,
  { folder, lasts }: { readonly folder: string; readonly lasts: string },
  act: () => Promise<void>,
): Promise<Loaded> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'muster.config.mjs'), PATIENT);
  for (const address of ADDRESSES) cluster.onNode('ip', 'addr', 'replace', `${address}/32`, 'dev', 'node0');
  const whom = ['--url', `http://${host}`, '--allow-host', host, '--phrasebook', 'production'];
  const from = ADDRESSES.flatMap((address) => ['--source-address', address]);
  const gates = ['--gate', 'error_rate == 0', '--gate', 'findings == 0'];
  const flags = [...whom, ...from, ...RATE, ...gates, '--for', lasts, '--out', 'run'];
  const muster = join(ROOT, 'harness/cli/muster.js');
  const load = cluster.startOnNode(folder, process.execPath, muster, 'load', ...flags);
  const ended = ending(load);
  const history = join(folder, 'run/history.jsonl');
  await until(() => load.exitCode !== null || (existsSync(history) && statSync(history).size > BEGUN_BYTES), 600);
  await act();
  const isOver = load.exitCode !== null;
  const { code, stdout, stderr } = await ended;
  if (isOver) throw new Error(`The load was over too soon:\n${stdout}${stderr}`);
  const events = readFileSync(history, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return {
    code,
    said: `${stdout}${stderr}`,
    record: JSON.parse(readFileSync(join(folder, 'run/report.json'), 'utf8')),
    acknowledged: new Set(events.flatMap((line) => taskIn(JSON.parse(line)) ?? [])),
  };
}

function taskIn(event: HistoryEvent): string | undefined {
  if (event.type === 'ok') return event.value.task?.id;
  return event.type === 'event' ? event.payload.task?.id : undefined;
}
