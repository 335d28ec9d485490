/** Whatever is posted to a hook is told as it came, takes no more than it may, and holds up nobody. */
import { expect, test } from 'vitest';
import type { StreamResponse } from '../model/a2a.ts';
import type { PushEvent, Unstamped } from '../model/history.ts';
import type { HookBehaviour, HookCredentials, Hooks } from '../model/hooks.ts';
import type { PushConfigOp } from '../model/op.ts';
import { openHooks } from './open-hooks.ts';

const stopped = new AbortController();

function bench() {
  const told: Unstamped<PushEvent>[] = [];
  const hooks = openHooks({
    bytes_max: 1_000,
    pushes_max: 3,
    read: (json) => {
      if (typeof json !== 'object') throw new Error('no object');
      return json as StreamResponse;
    },
    emit: (event) => void told.push(event),
    signal: stopped.signal,
  });
  return { hooks, told };
}

/** Gives its address, and what an agent is told of its credentials. */
async function open(hooks: Hooks, name: string, behaviour: HookBehaviour, credentials: HookCredentials = 'bearer') {
  const outcome = await hooks.open({ name, behaviour, credentials }, { user: 'u1', device: 0 });
  const op: PushConfigOp = {
    op: 'CreateTaskPushNotificationConfig',
    agent: 'agent',
    taskId: 't1',
    configId: 'c1',
    hook: name,
  };
  const url = outcome.type === 'ok' ? (outcome.value.value ?? '') : '';
  return { url, secret: hooks.configure(op) };
}

const update = (state: string) =>
  JSON.stringify({ statusUpdate: { taskId: 't1', status: { state: `TASK_STATE_${state}` } } });
const postTo = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers, redirect: 'manual' });

test('what is posted is told with its configuration, the turn and what credentials it showed, and with no secret', async () => {
  const { hooks, told } = bench();
  await using _ = hooks;
  const first = await open(hooks, 'first', { does: 'take' });
  const second = await open(hooks, 'second', { does: 'take' }, 'basic');
  hooks.noteTurn('t1', 7);
  const { scheme = '', credentials = '' } = first.secret?.authentication ?? {};
  const shown = { authorization: `${scheme.toUpperCase()} ${credentials}` };
  expect((await postTo(first.url, update('WORKING'), shown)).status).toBe(200);
  await postTo(second.url, update('WORKING'), shown);
  await postTo(second.url, update('WORKING'));
  await postTo(second.url, update('WORKING'), { authorization: 'Basic other' });
  expect(told.map(({ hook, credentials: how, credentials_of: of }) => [hook, how, of])).toEqual([
    ['first', 'right', undefined],
    ['second', 'of-another', 'first'],
    ['second', 'missing', undefined],
    ['second', 'wrong', undefined],
  ]);
  expect(told[0]).toMatchObject({ user: 'u1', index: 0, configId: 'c1', taskId: 't1', turn: 7, answered: 200 });
  expect(JSON.stringify(told)).not.toContain(credentials);
});

test('a token is looked for in the headers that agents use, and one that is not there proves nothing', async () => {
  const { hooks, told } = bench();
  await using _ = hooks;
  const { url, secret } = await open(hooks, 'a', { does: 'take' }, 'token');
  await postTo(url, update('WORKING'), { 'A2A-Notification-Token': secret?.token ?? '' });
  await postTo(url, update('WORKING'));
  await postTo(url, update('WORKING'), { 'X-A2A-Notification-Token': 'other' });
  expect(told.map(({ credentials }) => credentials)).toEqual(['right', 'missing', 'wrong']);
});

test('a hook fails as often as it is told to, redirects, or answers late', async () => {
  const { hooks, told } = bench();
  await using _ = hooks;
  const fails = await open(hooks, 'fails', { does: 'fail', status: 503, times: 2 });
  for (const status of [503, 503, 200]) expect((await postTo(fails.url, update('WORKING'))).status).toBe(status);
  const redirects = await open(hooks, 'redirects', { does: 'redirect' });
  const away = await postTo(redirects.url, update('WORKING'));
  expect(away.status).toBe(307);
  await postTo(new URL(away.headers.get('location') ?? '', redirects.url).href, update('WORKING'));
  const slow = await open(hooks, 'slow', { does: 'answer-slowly', after_ms: 20 });
  expect((await postTo(slow.url, update('WORKING'))).status).toBe(200);
  expect(told.map(({ answered, redirected }) => [answered, redirected])).toEqual([
    [503, undefined],
    [503, undefined],
    [200, undefined],
    [307, undefined],
    [200, true],
    [200, undefined],
  ]);
});

test('a hook that hangs is told of all the same, others answer meanwhile, and closing ends the wait', async () => {
  const { hooks, told } = bench();
  const hangs = await open(hooks, 'hangs', { does: 'hang' });
  const waiting = postTo(hangs.url, update('WORKING')).then(
    () => 'answered',
    () => 'broken off',
  );
  const takes = await open(hooks, 'takes', { does: 'take' });
  expect((await postTo(takes.url, update('WORKING'))).status).toBe(200);
  await expect.poll(() => told.map(({ answered }) => answered)).toContain('none');
  await hooks[Symbol.asyncDispose]();
  expect(await waiting).toBe('broken off');
  await expect(postTo(takes.url, update('WORKING'))).rejects.toThrow();
});

test('what is no update is told as a problem, what is too long or too much is not taken, and nobody guesses an address', async () => {
  const { hooks, told } = bench();
  await using _ = hooks;
  const { url } = await open(hooks, 'a', { does: 'take' });
  await postTo(url, '<html>');
  await postTo(url, '7');
  expect(told.map((event) => ('problem' in event ? event.problem : ''))).toEqual([
    expect.stringContaining('<html>'),
    'no object: 7',
  ]);
  await expect(postTo(url, `"${'x'.repeat(2_000)}"`)).rejects.toThrow();
  expect((await postTo(new URL('/guessed', url).href, update('WORKING'))).status).toBe(404);
  expect((await fetch(url)).status).toBe(405);
  await postTo(url, update('WORKING'));
  expect((await postTo(url, update('WORKING'))).status).toBe(429);
  expect(told).toHaveLength(3);
});

test('waiting for the end lasts until it was posted, and not for ever', async () => {
  const { hooks } = bench();
  await using _ = hooks;
  const { url } = await open(hooks, 'a', { does: 'take' });
  const waiting = hooks.untilEnd('a', 60_000);
  await postTo(url, update('WORKING'));
  await postTo(url, update('COMPLETED'));
  expect((await waiting).type).toBe('ok');
  await open(hooks, 'b', { does: 'take' });
  expect(await hooks.untilEnd('b', 5)).toMatchObject({ type: 'fail', error: { code: 'not-pushed' } });
  expect(await hooks.untilEnd('c', 5)).toMatchObject({ type: 'fail', error: { code: 'no-such-hook' } });
  const again = await hooks.open(
    { name: 'a', behaviour: { does: 'take' }, credentials: 'none' },
    { user: 'u2', device: 0 },
  );
  expect(again).toMatchObject({ type: 'fail', error: { code: 'hook-exists' } });
});
