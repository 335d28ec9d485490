/** What a load would break is known before it begins, and told with the flag that raises it; what cannot be known is not made up. */
import { expect, test } from 'vitest';
import { capProblems, DEFAULT_CAPS, sizeOf, tell } from './load-caps.ts';
import { demandOf } from './make-load.ts';

const constant = (rate_per_s: number, for_s: number) =>
  demandOf({ shape: 'constant', rate_per_s, for_ms: for_s * 1000 }, 'even');
const ask = [{ script: 'ask', weight: 1 }];

test('a load within its caps has no problem', () => {
  expect(capProblems({ demand: constant(1_000, 1_000), mix: ask, caps: DEFAULT_CAPS, users: 10_000 })).toEqual([]);
});

test('each cap that would be broken is told, all at once', () => {
  const caps = {
    rate_per_s_max: 5,
    users_max: 3,
    requests_max: 50,
    bytes_max: 1,
    duration_ms_max: 1_000,
    cost: { per_message: 0.5, max: 20 },
  };
  const told = capProblems({ demand: constant(10, 10), mix: ask, caps, users: 4 });
  expect(told.map((line) => line.split(':')[0])).toEqual([
    '--max-rate',
    '--max-users',
    '--max-requests',
    '--max-for',
    '--max-cost',
  ]);
  expect(told.map((line) => /come to (.*), and at most (.*?) are allowed/.exec(line)?.slice(1))).toEqual([
    ['10 visits per second', '5'],
    ['4 users', '3'],
    ['100 requests', '50'],
    ['10 s of duration', '1 s'],
    ['50 of cost', '20'],
  ]);
});

test('a mix may send what the script of it does that sends most', () => {
  const mix = [...ask, { script: 'poll', weight: 1 }, { script: 'chat', weight: 1 }];
  const load = { demand: constant(10, 10), mix, caps: DEFAULT_CAPS };
  expect(sizeOf(load)).toMatchObject({ visits: 100, messages: 300, requests: 10_100, cost: undefined });
  const priced = { ...DEFAULT_CAPS, cost: { per_message: 0.01, max: 3 } };
  expect(sizeOf({ ...load, caps: priced }).cost).toBe(3);
  expect(capProblems({ ...load, caps: priced, users: 1 })).toEqual([]);
});

test('of a closed load the users are known, and the requests are not', () => {
  const demand = demandOf({ shape: 'closed', at_once: 40, for_ms: 1_000 }, 'even');
  expect(sizeOf({ demand, mix: ask, caps: DEFAULT_CAPS })).toMatchObject({
    peak_per_s: undefined,
    requests: undefined,
  });
  expect(capProblems({ demand, mix: ask, caps: { ...DEFAULT_CAPS, users_max: 39 }, users: 1 })[0]).toMatch(
    /--max-users.* 40 /,
  );
});

test('numbers are told so that they can be read', () => {
  expect([1, 999, 1_000, 1_234_567, 0.125, 1_234.567].map(tell)).toEqual([
    '1',
    '999',
    '1,000',
    '1,234,567',
    '0.13',
    '1,234.57',
  ]);
});
