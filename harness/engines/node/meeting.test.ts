import { expect, test } from 'vitest';
import { openMeeting } from './meeting.ts';

const never = new AbortController().signal;

test('a barrier holds everyone until the last has come, and then lets all go', async () => {
  const meeting = openMeeting(never);
  meeting.expect(3);
  const released: string[] = [];
  const come = async (name: string) => {
    meeting.enter();
    expect(await meeting.barrier('gate', 3)).toEqual({ type: 'ok', value: {} });
    released.push(name);
  };
  const all = [come('a'), come('b')];
  await Promise.resolve();
  expect(released).toEqual([]);
  await Promise.all([...all, come('c')]);
  expect(released.sort()).toEqual(['a', 'b', 'c']);
});

test('a barrier for more than will ever come is for all who come', async () => {
  const meeting = openMeeting(never, 2);
  meeting.expect(2);
  meeting.enter();
  meeting.enter();
  const first = meeting.barrier('gate', 6);
  expect(await meeting.barrier('gate', 6)).toEqual({ type: 'ok', value: {} });
  expect(await first).toEqual({ type: 'ok', value: {} });
});

test('a shared value reaches those who wait for it and those who ask later', async () => {
  const meeting = openMeeting(never);
  meeting.expect(2);
  meeting.enter();
  meeting.enter();
  const early = meeting.awaitShared('task');
  meeting.share('task', 't-1');
  expect(await early).toEqual({ type: 'ok', value: { value: 't-1' } });
  expect(await meeting.awaitShared('task')).toEqual({ type: 'ok', value: { value: 't-1' } });
});

test('those who wait for somebody who has left are let go with a reason', async () => {
  const meeting = openMeeting(never);
  meeting.expect(2);
  const leave = meeting.enter();
  meeting.enter();
  const waiting = meeting.awaitShared('task');
  leave();
  expect(await waiting).toMatchObject({ type: 'fail', error: { code: 'nobody-came' } });
});

test('nobody is let go while somebody is still to arrive', async () => {
  const meeting = openMeeting(never);
  meeting.expect(2);
  meeting.enter();
  const waiting = meeting.awaitShared('task');
  meeting.enter();
  meeting.share('task', 'late');
  expect(await waiting).toMatchObject({ type: 'ok' });
});

test('an arrival that was dropped is waited for no longer', async () => {
  const meeting = openMeeting(never);
  meeting.expect(2);
  meeting.enter();
  const waiting = meeting.barrier('gate', 2);
  meeting.expect(-1);
  expect(await waiting).toMatchObject({ type: 'fail', error: { code: 'nobody-came' } });
});

test('stopping the scenario lets everyone go', async () => {
  const stopping = new AbortController();
  const meeting = openMeeting(stopping.signal);
  meeting.expect(5);
  meeting.enter();
  const waiting = meeting.barrier('gate', 5);
  stopping.abort();
  expect(await waiting).toMatchObject({ type: 'fail' });
});
