/** A profile says all that is wrong with it at once, where it is, and what to do; those that muster brings along are sound. */
import { expect, test } from 'vitest';
import { capProblems, DEFAULT_CAPS } from '../../plan/load-caps.ts';
import { demandOf } from '../../plan/make-load.ts';
import { profileSchema } from './profile-schema.ts';
import { builtInProfiles, readProfile } from './profiles.ts';
import { shapeOf } from './shape-of.ts';

const told = (profile: object): readonly string[] =>
  profileSchema
    .safeParse({ title: 'a load', load: { shape: 'constant', rate_per_s: 1, for: '1s' }, ...profile })
    .error?.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`) ?? [];

test('every profile that muster brings along is sound, and within the caps that hold when nobody gives any', async () => {
  expect(builtInProfiles()).toEqual(['breakpoint', 'load', 'smoke', 'soak', 'spike', 'stress']);
  for (const name of builtInProfiles()) {
    const problems: string[] = [];
    const profile = await readProfile(name, {}, problems);
    expect([name, problems]).toEqual([name, []]);
    if (profile === undefined || profile.load.shape === 'knee') throw new Error(`"${name}" is no load`);
    const demand = demandOf(shapeOf(profile.load), profile.arrivals ?? 'even');
    const mix = Object.entries(profile.mix ?? {}).map(([script, weight]) => ({ script, weight }));
    expect(capProblems({ demand, mix, caps: DEFAULT_CAPS, users: profile.users ?? 1 })).toEqual([]);
  }
});

test('zero, negative, absurd and misspelt numbers are all told at once, each with what to do', () => {
  expect(
    told({
      load: { shape: 'constant', rate_per_s: 0, for: '10 seconds' },
      mix: { ask: 0, chat: -1, shout: 1 },
      users: 0.5,
      objective: '0s',
      stall: 5,
      gates: ['p95 < 1'],
      abort: ['error_rate > 1'],
      caps: { rate_per_s: -1, requests: 0, for: '1000h', cost: { per_message: 0, max: 1 } },
      rate: 5,
    }),
  ).toEqual([
    'load.rate_per_s: nobody comes at this rate; give visits per second, above 0',
    'load.for: "10 seconds" is no duration; give a number and a unit, such as 500ms, 30s, 5m or 1h',
    'mix.ask: it has no weight, so nobody does it; leave it out, or give a weight above 0',
    'mix.chat: it has no weight, so nobody does it; leave it out, or give a weight above 0',
    'mix.shout: there is no such script; there are ask, chat, stream, poll, resume, cancel',
    'users: it is not a whole number of users from 1 to 100000',
    'objective: it is no time at all; give more, or leave it out',
    'stall: it is no duration; give a number and a unit in quotes, such as "30s"',
    expect.stringMatching(/^gates\.0: The gate "p95 < 1" cannot be read/),
    expect.stringMatching(/^abort\.0: "error_rate > 1" is no abort rule; .* such as 'error_rate > 20% for 10s'/),
    'caps.rate_per_s: nobody comes at this rate; give visits per second, above 0',
    `caps.requests: it is not a whole number of requests from 1 to ${Number.MAX_SAFE_INTEGER}`,
    'caps.for: "1000h" is longer than a week; give at most 168h',
    'caps.cost.per_message: a message that costs nothing needs no cap; leave `cost` out',
    expect.stringMatching(/^: there is no "rate"; there are title, load, /),
  ]);
  expect(told({ load: { shape: 'constant', rate_per_s: 1e9, for: '1s' } })[0]).toContain('at most 100000 visits');
});

test('numbers that contradict each other are told where they do', () => {
  const problemOf = (load: object): readonly string[] => told({ load });
  expect(problemOf({ shape: 'ramp', from_per_s: 5, to_per_s: 5, for: '1s' })).toEqual([
    'load.to_per_s: it is from_per_s, so nothing changes; use the shape "constant"',
  ]);
  expect(problemOf({ shape: 'steps', from_per_s: 1, to_per_s: 5, steps: 1, each: '1s' })).toEqual([
    'load.steps: one step is no change; use the shape "constant", or give at least 2',
  ]);
  const times = { before: '1s', rise: '1s', peak: '1s', fall: '1s', after: '1s' };
  expect(problemOf({ shape: 'spike', base_per_s: 5, peak_per_s: 5, ...times })).toEqual([
    'load.peak_per_s: it is no peak, for base_per_s is 5; give more than that',
  ]);
  expect(problemOf({ shape: 'stages', stages: [{ from_per_s: 0, to_per_s: 0, for: '1s' }] })).toEqual([
    'load.stages: nobody comes in any of them; give one of them a rate',
  ]);
  expect(problemOf({ shape: 'knee', from_per_s: 9, to_per_s: 3 })).toEqual([
    'load.to_per_s: there is nothing to search from 9 to 3; give more than from_per_s',
  ]);
  expect(problemOf({ shape: 'sawtooth' })).toEqual([
    'load.shape: there is no such shape; there are constant, ramp, steps, spike, soak, stages, closed, knee',
  ]);
});
