/** Who reads a dry run knows what will be sent to whom, and how much of it at most. */
import { expect, test } from 'vitest';
import type { LoadArguments } from './arguments.ts';
import { describeDryRun } from './dry-run.ts';
import { planLoadFrom } from './settings.ts';

const told = async (args: LoadArguments): Promise<string> => {
  const { plan, knee } = await planLoadFrom({ seed: 1, ...args });
  return describeDryRun({ ...plan, muster: '9.9.9' }, knee);
};

test('a dry run tells everything that a load would do', async () => {
  const args = {
    profile: 'spike',
    url: 'https://agent.example.com',
    allowHost: ['agent.example.com'],
    transport: 'rest',
  };
  expect(await told({ ...args, maxCost: 50, costPerMessage: 0.01, users: 40, workers: 2, shard: '1/2' })).toBe(
    `  profile   spike: Everybody comes at once: from five visits a second to a hundred within five seconds, and back
  to        https://agent.example.com, over rest
  as        40 users, anonymous; User-Agent: a2a-muster/9.9.9 (+https://www.npmjs.com/package/a2a-muster)
  engine    node, 2 workers, shard 1 of 2
  when      5 visits per second for 30 s, even
            5 to 100 visits per second for 5 s
            100 visits per second for 15 s
            100 to 5 visits per second for 5 s
            5 visits per second for 30 s
  what      ask, 75%: one SendMessage
            stream, 25%: one SendStreamingMessage, read to its end
  at most   2,325 visits with 2,325 messages and 2,325 requests in all, at a cost of 23.25, of which this shard has its part
  caps      1,000 visits per second, 10,000 users, 1,000,000 requests, 10,737,418,240 bytes, 60 min, a cost of 50
  stops if  error_rate > 80% for 15s
  gates     error_rate < 5%
  seed      1
`,
  );
});

test('of a closed load nobody knows how much it will be, so its caps are told instead', async () => {
  const text = await told({ atOnce: 20, for: '5m', mix: 'poll' });
  expect(text).toContain('when      20 at once, for 5 min');
  expect(text).toContain('at most   as much as the agent answers in 5 min, up to the cap of 1,000,000 requests');
});

test('what stands in the way of a load is told before it is run', async () => {
  const text = await told({ url: 'http://127.0.0.1:1', mix: 'cancel', rate: '1' });
  expect(text).toContain('but       it cannot be run: the phrasebook does not say how to make this agent do `slow`');
});
