/** The search is carried out against agents that are functions, with a clock that only it moves. */
import { expect, test } from 'vitest';
import {
  describeKnee,
  kneeExitCode,
  type LoadPlanned,
  type SearchResult,
  searchKnee,
  type TryResult,
} from './search-knee.ts';
import { type KneeSettings, planLoadFrom } from './settings.ts';

const settings: KneeSettings = {
  question: { from_per_s: 10, to_per_s: 200, within_percent: 10, tries: 3 },
  each_ms: 5_000,
  pause_ms: 1_000,
  for_ms: 600_000,
};

interface Asked {
  readonly rate: number;
  readonly seed: number;
  readonly for_ms: number;
}

async function search(
  agent: (rate: number, number: number) => TryResult['outcome'],
  {
    given = {},
    max = {},
    stopAfter = Infinity,
  }: { given?: Partial<KneeSettings>; max?: object; stopAfter?: number } = {},
): Promise<{ readonly result: SearchResult; readonly asked: readonly Asked[]; readonly pauses: number }> {
  const { plan } = await planLoadFrom({ rate: '200', for: '1s', seed: 5, gate: ['p95_ms < 50'] });
  const stopping = new AbortController();
  const asked: Asked[] = [];
  let now_ms = 0;
  let pauses = 0;
  const run = async ({ load, seed }: LoadPlanned): Promise<TryResult> => {
    if (load.demand.kind !== 'open') throw new Error('A try has a rate');
    const [stage = { to_per_s: 0, for_ms: 0 }] = load.demand.stages;
    asked.push({ rate: stage.to_per_s, seed, for_ms: stage.for_ms });
    now_ms += stage.for_ms;
    if (asked.length >= stopAfter) stopping.abort();
    return {
      outcome: agent(stage.to_per_s, asked.length),
      operations: Math.round((stage.to_per_s * stage.for_ms) / 1000),
      gates: [],
      reasons: [],
    };
  };
  const result = await searchKnee(
    { ...plan, load: { ...plan.load, caps: { ...plan.load.caps, ...max } } },
    { ...settings, ...given },
    {
      run,
      pause: async (ms) => {
        now_ms += ms;
        pauses += 1;
      },
      now: () => now_ms,
      signal: stopping.signal,
      onTry: () => {},
    },
  );
  return { result, asked, pauses };
}

test('a knee is found, and told with how sure it is', async () => {
  const { result, asked, pauses } = await search((rate) => (rate <= 70 ? 'kept' : 'missed'));
  expect(describeKnee(result)).toBe(
    'The agent keeps its gates at 66 visits per second (3 of 3 tries), and not at 72 visits per second (0 of 3 tries).',
  );
  expect(kneeExitCode(result)).toBe(0);
  expect(asked.slice(0, 4).map(({ rate }) => rate)).toEqual([10, 20, 42, 86]);
  expect(pauses).toBe(asked.length - 1);
  expect(new Set(asked.map(({ seed }) => seed)).size).toBe(asked.length);
});

test('a try at a low rate lasts until a percentile of it means something', async () => {
  const { asked } = await search(() => 'missed', {
    given: { question: { ...settings.question, from_per_s: 1, tries: 1 } },
  });
  expect(asked).toEqual([{ rate: 1, seed: 5, for_ms: 30_000 }]);
});

test('an edge that keeps its gates now and then is told with how often', async () => {
  const { result } = await search((rate, number) => (rate < 70 || (rate < 75 && number % 3 === 0) ? 'kept' : 'missed'));
  expect(result.knee).toMatchObject({ highest: { tries: 3 }, next: { tries: 3 }, complete: true });
});

test('not even the lowest rate, and nothing but the highest, are answers, too', async () => {
  const low = await search(() => 'missed');
  expect(describeKnee(low.result)).toBe(
    'The agent does not keep its gates at 10 visits per second (0 of 3 tries), the lowest rate that was asked for.',
  );
  expect(kneeExitCode(low.result)).toBe(3);
  const high = await search(() => 'kept');
  expect(describeKnee(high.result)).toBe(
    'The agent keeps its gates at 200 visits per second (3 of 3 tries), and nothing higher was asked for.',
  );
  expect(kneeExitCode(high.result)).toBe(0);
});

test('where the load itself goes wrong nothing is said of the agent', async () => {
  const { result } = await search((rate) => (rate <= 100 ? 'kept' : 'unknown'));
  expect(describeKnee(result)).toMatch(
    /^The agent keeps its gates at 94 .*; at 103 .* the load itself went wrong, so the knee may be higher\.$/,
  );
  expect(kneeExitCode(result)).toBe(2);
});

test('a search ends in time, within its caps, and when it is told to, and says what it knows', async () => {
  const agent = (rate: number) => (rate <= 70 ? 'kept' : 'missed');
  const late = await search(agent, { given: { for_ms: 30_000 } });
  expect(late.asked).toHaveLength(5);
  expect(describeKnee(late.result)).toMatch(/ The search is not complete, for its time was over\.$/);
  expect(kneeExitCode(late.result)).toBe(2);
  const capped = await search(agent, { max: { requests_max: 400 } });
  expect(capped.result.cut).toBe('caps');
  expect(capped.asked.reduce((sum, { rate, for_ms }) => sum + (rate * for_ms) / 1000, 0)).toBeLessThanOrEqual(400);
  const stopped = await search(agent, { stopAfter: 3 });
  expect([stopped.result.cut, stopped.result.tries.length, kneeExitCode(stopped.result)]).toEqual([
    'interrupted',
    2,
    130,
  ]);
  const nothing = await search(agent, { given: { for_ms: 10 } });
  expect(describeKnee(nothing.result)).toBe('Nothing is known of the knee: its time was over.');
});
