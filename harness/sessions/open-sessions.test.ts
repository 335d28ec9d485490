import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { EndReason, SessionLimits } from '../model/session.ts';
import { openSessions } from './open-sessions.ts';
import { SessionRefused } from './session-refused.ts';
import { LIMITS, openSessionsBench, type SessionsBench } from './testing.ts';

const ann = { user: 'ann', agents: 2 };
const empty = (bench: SessionsBench) => ({
  held: bench.held(),
  serving: bench.serving.size,
  listed: bench.sessions.list(),
});
const NOTHING = { held: 0, serving: 0, listed: [] };

const refusal = async (opening: Promise<unknown>): Promise<SessionRefused> => {
  const error = await opening.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof SessionRefused) return error;
  throw new Error(`It was not refused but ${error === undefined ? 'opened' : String(error)}.`);
};

test('a session has agents of its own that answer, on ports of its own', async () => {
  await using bench = await openSessionsBench();
  const one = await bench.sessions.open(ann);
  const other = await bench.sessions.open(ann);
  expect(one.agents.map(({ name }) => name)).toEqual([`${one.id}/agent-1`, `${one.id}/agent-2`]);
  for (const agent of [...one.agents, ...other.agents]) expect(await agent.probe(5_000)).toEqual({ answers: true });
  expect(new Set([...one.ports, ...other.ports]).size).toBe(6);
  expect(bench.sessions.list().map(({ id, state }) => [id, state])).toEqual([
    [one.id, 'ready'],
    [other.id, 'ready'],
  ]);
  expect(bench.sessions.get(one.id)).toBe(one);
});

const waysToEnd: Readonly<Record<EndReason, (bench: SessionsBench, id: string, gone: AbortController) => unknown>> = {
  asked: (bench, id) => bench.sessions.end(id, 'asked'),
  'client-gone': (_, __, gone) => gone.abort(),
  idle: (bench) => bench.pass(60_000),
  failed: (bench, id) => bench.sessions.end(id, 'failed'),
  shutdown: (bench) => bench.sessions[Symbol.asyncDispose](),
};

for (const [reason, end] of Object.entries(waysToEnd)) {
  test(`a session that ends (${reason}) returns everything, and says why`, async () => {
    await using bench = await openSessionsBench({ limits: { idle_ms_max: reason === 'idle' ? 100 : 60_000 } });
    const gone = new AbortController();
    const session = await bench.sessions.open({ ...ann, signal: gone.signal });
    await end(bench, session.id, gone);
    expect(await session.ended).toBe(reason);
    expect(empty(bench)).toEqual(NOTHING);
    expect(session.view()).toMatchObject({ state: 'ended', ended: reason });
    expect(bench.events.filter(({ phase }) => phase === 'ended')).toMatchObject([{ reason }]);
    expect(await bench.sessions.end(session.id, 'asked')).toBe(false);
  });
}

test('the end of the block that holds it ends a session', async () => {
  await using bench = await openSessionsBench();
  {
    await using session = await bench.sessions.open(ann);
    expect(bench.held()).toBe(1);
    expect(session.mode).toBe('real');
  }
  expect(empty(bench)).toEqual(NOTHING);
});

const limited: readonly (readonly [string, Partial<SessionLimits>, RegExp])[] = [
  ['sessions', { sessions_max: 2 }, /there are 2 of 2 sessions/],
  ['user', { sessions_per_user_max: 2 }, /this user has 2 of 2 sessions/],
  ['address', { sessions_per_address_max: 2 }, /the address ::1 has 2 of 2 sessions/],
];

for (const [limit, limits, sentence] of limited) {
  test(`one session more than the limit (${limit}) is refused with its numbers, until one ends`, async () => {
    await using bench = await openSessionsBench({ limits });
    const request = { ...ann, agents: 1, address: '::1' };
    const first = await bench.sessions.open(request);
    bench.pass(1_000);
    await bench.sessions.open(request);
    const refused = await refusal(bench.sessions.open(request));
    expect(refused).toMatchObject({ limit, in_use: 2, allowed: 2, retry_after_ms: 59_000 });
    expect(refused.message).toMatch(sentence);
    expect(bench.events.at(-1)).toMatchObject({ phase: 'refused', limit, user: 'ann' });
    await first[Symbol.asyncDispose]();
    await bench.sessions.open(request);
    expect(bench.held()).toBe(2);
  });
}

test('a limit of one user or address is not the limit of another', async () => {
  await using bench = await openSessionsBench({ limits: { sessions_per_user_max: 1, sessions_per_address_max: 1 } });
  await bench.sessions.open({ user: 'ann', agents: 1, address: 'a' });
  await bench.sessions.open({ user: 'ben', agents: 1, address: 'b' });
  expect(await refusal(bench.sessions.open({ user: 'ann', agents: 1, address: 'c' }))).toMatchObject({ limit: 'user' });
  expect(await refusal(bench.sessions.open({ user: 'cyd', agents: 1, address: 'a' }))).toMatchObject({
    limit: 'address',
  });
  await bench.sessions.open({ user: 'dee', agents: 1 });
});

test('sessions that are starting count, so that many at once do not get past a limit', async () => {
  await using bench = await openSessionsBench({ limits: { sessions_max: 3 } });
  const opened = await Promise.allSettled(Array.from({ length: 10 }, () => bench.sessions.open(ann)));
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('starts are limited per second, and who waits as told is let in', async () => {
  await using bench = await openSessionsBench({ limits: { starts_per_s_max: 2 } });
  await bench.sessions.open({ user: 'ann', agents: 1 });
  await bench.sessions.open({ user: 'ann', agents: 1 });
  const refused = await refusal(bench.sessions.open({ user: 'ann', agents: 1 }));
  expect(refused).toMatchObject({ limit: 'starts', allowed: 2, retry_after_ms: 500 });
  bench.pass(499);
  expect(await refusal(bench.sessions.open({ user: 'ann', agents: 1 }))).toMatchObject({ limit: 'starts' });
  bench.pass(1);
  await bench.sessions.open({ user: 'ann', agents: 1 });
});

test('ports that are used up are a refusal that says when one may come back', async () => {
  await using bench = await openSessionsBench({ blocks: 1 });
  const first = await bench.sessions.open(ann);
  bench.pass(20_000);
  const refused = await refusal(bench.sessions.open(ann));
  expect(refused).toMatchObject({ limit: 'ports', in_use: 1, allowed: 1, retry_after_ms: 40_000 });
  expect(refused.message).toMatch(/holds 1 of 1 blocks/);
  expect(bench.events.map(({ phase }) => phase)).toEqual(['opened', 'refused']);
  await first[Symbol.asyncDispose]();
  await bench.sessions.open(ann);
});

test('what no session can be is refused before anything is counted', async () => {
  await using bench = await openSessionsBench({ limits: { starts_per_s_max: 1 } });
  await expect(bench.sessions.open({ user: '', agents: 7 })).rejects.toThrow(
    /"user" must be a text of 1 to 200 characters, and "agents" must be a whole number from 1 to 6/,
  );
  await bench.sessions.open(ann);
  const zero = openSessionsBench({ limits: { idle_ms_max: 0 } });
  await expect(zero).rejects.toThrow(/idle_ms_max is 0\. Each limit must be a number above 0/);
});

test('a session that is touched or sent requests is not idle, and one whose card is asked for is', async () => {
  await using bench = await openSessionsBench({ limits: { idle_ms_max: 1_000 } });
  const [touched, asked, looked] = await Promise.all([ann, ann, ann].map(bench.sessions.open));
  if (touched === undefined || asked === undefined || looked === undefined) throw new Error('They did not open.');
  const url = (session: typeof asked) => new URL(session.agents[1]?.url ?? '').origin;
  for (let step = 0; step < 3; step += 1) {
    bench.pass(600);
    touched.touch();
    await fetch(`${url(asked)}/a2a`).then((response) => response.text());
    if (step === 0) await looked.agents[0]?.probe(5_000);
    // The next look counts the request.
    const seen_ms = () => asked.view().last_used_at_ms - asked.view().opened_at_ms;
    await vi.waitFor(() => expect(seen_ms()).toBe(600 * (step + 1)), { timeout: 10_000 });
  }
  expect(await looked.ended).toBe('idle');
  expect(bench.sessions.list().map(({ id }) => id)).toEqual([touched.id, asked.id]);
  expect(asked.view().agents[1]).toMatchObject({ requests: 3, health: 'healthy' });
});

test('a session that is ended while its agents start is not opened, and nothing of it is left', async () => {
  for (const end of ['asked', 'client-gone', 'shutdown'] as const) {
    await using bench = await openSessionsBench();
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    bench.behave.start = async () => {
      started.resolve();
      await goOn.promise;
    };
    const gone = new AbortController();
    const opening = bench.sessions.open({ ...ann, signal: gone.signal });
    opening.catch(() => {});
    await started.promise;
    expect(bench.sessions.list()).toMatchObject([{ state: 'starting' }]);
    const ending = waysToEnd[end](bench, bench.sessions.list()[0]?.id ?? '', gone);
    expect(bench.sessions.list()).toMatchObject([{ state: 'ending' }]);
    goOn.resolve();
    await expect(opening).rejects.toThrow(`it was ended (${end}) while its agents were starting`);
    await ending;
    expect(empty(bench)).toEqual(NOTHING);
  }
});

test('what comes to stand although its session was ended meanwhile is taken down', async () => {
  const goOn = Promise.withResolvers<void>();
  let standing = 0;
  await using sessions = openSessions({
    mode: 'real',
    limits: LIMITS,
    standUp: async () => {
      await goOn.promise;
      standing += 1;
      const takeDown = async () => {
        standing -= 1;
      };
      return { agents: [], ports: [], restart: async () => {}, [Symbol.asyncDispose]: takeDown };
    },
  });
  const opening = sessions.open(ann);
  opening.catch(() => {});
  const ending = sessions.end(sessions.list()[0]?.id ?? '', 'asked');
  goOn.resolve();
  await expect(opening).rejects.toThrow(/was ended \(asked\)/);
  expect(await ending).toBe(true);
  expect(standing).toBe(0);
});

test('a session whose client is gone beforehand is not even begun', async () => {
  await using bench = await openSessionsBench();
  await expect(bench.sessions.open({ ...ann, signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
  expect(bench.events).toEqual([]);
});

test('however many end it at once, it ends once, with the first reason', async () => {
  await using bench = await openSessionsBench();
  const gone = new AbortController();
  const session = await bench.sessions.open({ ...ann, signal: gone.signal });
  const ends = [bench.sessions.end(session.id, 'failed'), session[Symbol.asyncDispose]()];
  gone.abort();
  const closing = bench.sessions[Symbol.asyncDispose]();
  await Promise.all([...ends, closing, bench.sessions[Symbol.asyncDispose]()]);
  expect(await session.ended).toBe('failed');
  expect(bench.events.filter(({ phase }) => phase === 'ended')).toHaveLength(1);
  expect(empty(bench)).toEqual(NOTHING);
  await expect(bench.sessions.open(ann)).rejects.toThrow(/all sessions are being ended/);
});

test('when one agent cannot start the others are stopped, and the ports come back', async () => {
  await using bench = await openSessionsBench();
  let started = 0;
  bench.behave.start = async () => {
    started += 1;
    if (started === 2) throw new Error('the disk is full');
  };
  await expect(bench.sessions.open({ user: 'ann', agents: 3 })).rejects.toThrow(/the disk is full/);
  expect(empty(bench)).toEqual(NOTHING);
  const problem = expect.stringContaining('the disk is full');
  expect(bench.events).toMatchObject([{ phase: 'ended', reason: 'failed', problem }]);
});

test('an agent that cannot be stopped is told of, and keeps neither its ports nor the other sessions', async () => {
  await using bench = await openSessionsBench();
  const [one, other] = [await bench.sessions.open(ann), await bench.sessions.open(ann)];
  bench.behave.stop = async () => {
    throw new Error('it clings to life');
  };
  await expect(one[Symbol.asyncDispose]()).rejects.toThrow(/clings to life/);
  expect(await one.ended).toBe('asked');
  expect(bench.events.at(-1)).toMatchObject({ phase: 'ended', problem: expect.stringMatching(/clings to life/) });
  expect(bench.held()).toBe(1);
  await expect(bench.sessions[Symbol.asyncDispose]()).rejects.toThrow(/Failed to stop 1 sessions in order/);
  expect(await other.ended).toBe('shutdown');
  expect(empty(bench)).toEqual(NOTHING);
});

test('whatever is opened and ended in whatever order, limits hold and everything comes back', async () => {
  const act = fc.record({
    user: fc.constantFrom('ann', 'ben'),
    agents: fc.integer({ min: 1, max: 3 }),
    end: fc.nat(4),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      await using bench = await openSessionsBench({ limits: { sessions_max: 5, sessions_per_user_max: 3 }, blocks: 4 });
      await Promise.all(
        acts.map(async ({ user, agents, end }) => {
          const gone = new AbortController();
          const opening = bench.sessions.open({ user, agents, signal: gone.signal });
          if (end === 0) gone.abort();
          const session = await opening.catch(() => undefined);
          const own = bench.sessions.list().filter((view) => view.user === user);
          expect(own.length).toBeLessThanOrEqual(3);
          expect(bench.held()).toBeLessThanOrEqual(4);
          if (end === 1) await session?.[Symbol.asyncDispose]();
          if (end === 2) await bench.sessions.end(session?.id ?? '', 'asked');
          if (end === 3) gone.abort();
        }),
      );
      await bench.sessions[Symbol.asyncDispose]();
      expect(empty(bench)).toEqual(NOTHING);
      const count = (phase: string) => bench.events.filter((event) => event.phase === phase).length;
      expect(count('ended')).toBeGreaterThanOrEqual(count('opened'));
    }),
    { numRuns: 25 },
  );
});
