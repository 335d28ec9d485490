/** A plan that somebody else has written is held to the hosts and caps that it names, before anything is sent. */
import { expect, test } from 'vitest';
import { refuseUnsafe } from './refuse.ts';
import { planLoadFrom } from './settings.ts';

test('a plan that was changed after it was made is refused for all that is wrong with it', async () => {
  const { plan } = await planLoadFrom({ rate: '1', for: '10s', seed: 1 });
  expect(() => refuseUnsafe(plan)).not.toThrow();
  const { load: _, ...scenarios } = plan;
  expect(() => refuseUnsafe(scenarios)).not.toThrow();
  const changed = {
    ...plan,
    target: { kind: 'url', url: 'https://agent.example.com/x' },
    load: { ...plan.load, caps: { ...plan.load.caps, rate_per_s_max: 0.5, requests_max: 9 } },
  } as const;
  expect(() => refuseUnsafe(changed)).toThrow(
    /agent\.example\.com is not this machine.*\n.*--max-rate: .*\n.*--max-requests: /,
  );
  expect(() =>
    refuseUnsafe({ ...changed, load: { ...plan.load, allowed_hosts: ['agent.example.com'] } }),
  ).not.toThrow();
  expect(() => refuseUnsafe({ ...plan, scenarios: [] })).toThrow('a load has exactly one, and this plan has 0');
});
