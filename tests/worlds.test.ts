/** Agents with a trade of their own: words that only they know, what a script expects of them, and the crew that works for them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench, ROOT } from './muster.ts';

const INDEX = join(ROOT, 'harness/index.ts');
const serve = (fixture: string): string => `exec '${process.execPath}' '${join(ROOT, 'fixtures/serve.ts')}' ${fixture}`;

const ORDERS = `
  import { defineScenario, expect, sendMessage } from '${INDEX}';
  const scenario = defineScenario({
    name: 'orders', title: 'Everybody gets what was ordered', family: 'worlds', needs: ['pizza/order'],
    users: 3, load: { shape: 'closed' }, mustExercise: ['as-expected/as-ordered'],
    *script({ agent, index, words }) {
      const size = index === 1 ? 'small' : 'large';
      const { outcome, task } = yield* sendMessage(agent, words('pizza/order', { size }));
      if (outcome.type !== 'ok') return;
      const seen = task?.artifacts?.[0]?.parts[0]?.text ?? '';
      const what = { that: 'as-ordered', title: 'Pizzas are large', expected: 'a large one', tasks: [task?.id] };
      yield* expect({ ...what, seen, holds: seen.startsWith('large') });
    },
  });
  export default { scenarios: [scenario], policy: { harness_lag_ms_max: 20000, harness_wait_percent_max: 100 } };
`;

test('what a script knows to be wrong is a finding, told with the answer that it is about', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mts'), ORDERS);
  writeFileSync(join(bench.folder, 'words.json'), JSON.stringify({ 'pizza/order': { text: '{size} for {token}' } }));
  const { code } = await bench.muster('run', 'worlds', '--phrasebook', 'words.json', '--out', 'run');
  expect(code).toBe(1);
  const [finding, ...others] = bench.record('run').scenarios[0]?.findings ?? [];
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    check: 'as-expected',
    kind: 'as-ordered',
    fingerprints: ['as-expected/as-ordered/Pizzas are large'],
    users: ['u2'],
    seen: expect.stringMatching(/^small for mq\w+\.$/),
    occurrences: 1,
  });
  expect(finding?.evidence.map(({ type }) => type)).toEqual(['invoke', 'ok', 'invoke']);
});

test('words that an agent does not have keep nobody busy: it is not told of what they are for, unless that is named', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mts'), ORDERS);
  const family = await bench.muster('run', 'worlds', '--out', 'family');
  expect(family).toMatchObject({ code: 4, stderr: expect.stringContaining('pizza/order') });
  await bench.muster('run', 'orders', 'many-users', '--out', 'named');
  expect(bench.record('named').scenarios).toMatchObject([
    { name: 'orders', applicable: false, reasons: [expect.stringContaining('`pizza/order`')] },
    { name: 'many-users', applicable: true },
  ]);
});

const CREW = `
  import { defineScenario, pause, sendMessage } from '${INDEX}';
  const scenario = defineScenario({
    name: 'helper-slow', title: 'A slow helper is waited for', family: 'worlds', needs: ['delegates'],
    users: 4, load: { shape: 'closed' }, mustExercise: ['answer-is-mine'],
    faults: [{ fault: 'latency', target: 'peer-night-shift', begins: { at_ms: 0 }, for_ms: 900, latency_ms: 30 }],
    *script({ agent, say }) {
      for (let round = 0; round < 4; round += 1) {
        yield* pause(100);
        yield* sendMessage(agent, say.delegates({ chunks: 2, gap_ms: 5 }));
      }
    },
  });
  export default {
    command: \`PEER_URL="$PEER_NIGHT_SHIFT_URL" ${serve('delegator')}\`,
    crew: { 'night-shift': 'echo' },
    scenarios: [scenario],
    policy: { harness_lag_ms_max: 20000, harness_wait_percent_max: 100 },
  };
`;

test('a command is told where its crew is, and each of the crew can be broken', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mts'), CREW);
  const { code } = await bench.muster('run', 'helper-slow', '--phrasebook', 'delegator', '--out', 'run');
  expect(code).toBe(0);
  const history = bench.history('run');
  const crew = history.filter((event) => event.type === 'agent' && event.agent === 'peer-night-shift');
  expect(crew.map((event) => 'phase' in event && event.phase)).toEqual(['starting', 'ready', 'probed', 'stopped']);
  const calls = history.filter((event) => event.type === 'peer-call' && event.peer === 'peer-night-shift');
  expect(calls.length).toBeGreaterThanOrEqual(16);
  expect(history.filter((event) => event.type === 'fault').map(({ phase }) => phase)).toEqual([
    'asked',
    'applied',
    'healed',
  ]);
  expect(bench.left()).toEqual([]);
});
