/** `--toxiproxy`: a run breaks the wire through the user's own Toxiproxy server, and leaves that server as it was. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, expect, test } from 'vitest';
import type { FaultPlan } from '../harness/model/scenario.ts';
import { type Bench, ending, eventually, openBench, ROOT } from './muster.ts';
import { startToxiproxy, type ToxiproxyServer, whyNoToxiproxy } from './toxiproxy-server.ts';

/** Building it may take longer than a test may last. */
const missing = whyNoToxiproxy();
let running: Promise<ToxiproxyServer> | undefined;
afterAll(async () => (await running)?.[Symbol.asyncDispose]());

async function theServer(): Promise<string> {
  running ??= startToxiproxy();
  return (await running).url;
}

const when = { target: 'agent', begins: { at_ms: 0 } } as const;

function writeConfig(bench: Bench, faults: readonly FaultPlan[]): void {
  const scenario = {
    name: 'hurt-wire',
    title: 'The wire to the agent is hurt',
    family: 'recovery',
    needs: ['slow'],
    users: 3,
    load: { shape: 'closed' },
    faults,
    mustExercise: [],
  };
  writeFileSync(
    join(bench.folder, 'muster.config.ts'),
    `import { streamRounds } from ${JSON.stringify(join(ROOT, 'scenarios/rounds.ts'))};
     export default { scenarios: [{ ...${JSON.stringify(scenario)},
       script: (context) => streamRounds(context, 'slow', { rounds: 6, retry_ms: 50 }) }] };`,
  );
}

test('a run breaks bytes through Toxiproxy and events itself, and takes all its proxies off the server', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  using bench = openBench();
  writeConfig(bench, [
    { ...when, fault: 'latency', for_ms: 200, latency_ms: 30 },
    { ...when, fault: 'cut', for_ms: 600, after_events: 2 },
  ]);
  const url = await theServer();
  const run = await bench.muster('run', 'hurt-wire', '--toxiproxy', url, '--out', 'run');
  expect(run.stderr).toBe('');
  const events = bench.history('run').filter((event) => event.type === 'fault');
  const proofs = events.flatMap((event) => ('proof' in event ? [event.proof] : []));
  expect(proofs.toSorted()).toEqual([
    'Toxiproxy adds latency downstream {"latency":30,"jitter":0}',
    expect.stringMatching(/^cut \d+ streams? after event 2$/),
    'cuts every stream after 2 events',
    'its toxics are taken off again',
  ]);
  expect(await new Toxiproxy(url).getAll()).toEqual({});
});

test('Ctrl-C while Toxiproxy holds everything back leaves nothing on the server', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  using bench = openBench();
  writeConfig(bench, [{ ...when, fault: 'blackhole', for_ms: 60_000 }]);
  const url = await theServer();
  const run = bench.start('run', 'hurt-wire', '--toxiproxy', url, '--out', 'run');
  const ended = ending(run);
  const history = (): string => bench.text('run', 'history.jsonl');
  expect(await eventually(history, (text) => text.includes('"phase":"applied"'))).toContain('"phase":"applied"');
  expect(Object.keys(await new Toxiproxy(url).getAll())).toEqual([expect.stringMatching(/^muster-agent-/)]);
  run.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130 });
  expect(await new Toxiproxy(url).getAll()).toEqual({});
  expect(bench.left()).toEqual([]);
});

test('an address without a server, and one that is none, are told before anything is tested', async () => {
  using bench = openBench();
  writeConfig(bench, [{ ...when, fault: 'blackhole', for_ms: 100 }]);
  const run = await bench.muster('run', 'hurt-wire', '--toxiproxy', `http://127.0.0.1:${await getPort()}`);
  expect([run.code, run.stderr]).toEqual([4, expect.stringMatching(/Failed to reach a Toxiproxy server at .*8474/)]);
  const wrong = await bench.muster('plan', '--toxiproxy', '127.0.0.1:8474');
  expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('--toxiproxy: "127.0.0.1:8474" is no http:')]);
});
