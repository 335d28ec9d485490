/** Sends that go together, before a wire of a few lines: when they are told as begun, and that nobody stands in two places. */
import { expect, test } from 'vitest';
import type { HistoryEvent, Unstamped } from '../../model/history.ts';
import type { Wire } from '../../model/live.ts';
import type { Outcome, SendOp } from '../../model/op.ts';
import { DEFAULT_POLICY } from '../../plan/defaults.ts';
import { type DeviceWorld, openDevice } from './device.ts';
import { openMeeting } from './meeting.ts';
import { tellHistory } from './telling.ts';

const done: Outcome = { type: 'ok', value: {} };

function openWorld(perform: Wire['perform'], parties: number) {
  const history: HistoryEvent[] = [];
  let ops = 0;
  const world: DeviceWorld = {
    plan: { policy: DEFAULT_POLICY } as DeviceWorld['plan'],
    clock: () => history.length,
    telling: tellHistory((event: Unstamped) => {
      const stamped = { seq: history.length, time_ms: history.length, scenario: 's', ...event } as HistoryEvent;
      history.push(stamped);
      return stamped;
    }),
    nextOpId: () => {
      ops += 1;
      return ops;
    },
    wireOf: () => ({ perform }),
    transportsOf: () => [],
    dealtTo: () => undefined,
    headersOf: () => ({}),
    sessions: { open: async () => done, close: async () => done },
    measure: async () => done,
    hooks: { open: async () => done, noteTurn: () => {}, configure: () => undefined, untilEnd: async () => done },
    signal: new AbortController().signal,
  };
  const meeting = openMeeting(world.signal);
  meeting.expect(parties);
  const devices = Array.from({ length: parties }, (_, index) => {
    const leave = meeting.enter();
    const device = openDevice({ world, meeting, user: `u${index}`, index, device: 0, due_ms: 0, onTask: () => {} });
    return { ...device, leave };
  });
  return { history, devices };
}

const sendOf = (name: string): SendOp => ({
  op: 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: 'm',
  text: 't',
  token: 't',
  echoes: false,
  together: { name, parties: 3 },
});

test('all are told as begun when the last has come, before any is answered, and due when they were let go', async () => {
  const arrived: number[] = [];
  const { history, devices } = openWorld(async (_op, { hold }) => {
    arrived.push(history.length);
    await hold?.();
    await new Promise(setImmediate);
    return done;
  }, 3);
  await Promise.all(devices.map((device) => device.perform(sendOf('a'), 0)));
  expect(arrived).toEqual([0, 0, 0]);
  expect(history.map(({ type }) => type)).toEqual(['invoke', 'invoke', 'invoke', 'ok', 'ok', 'ok']);
  expect(history.flatMap((event) => (event.type === 'invoke' ? event.due_ms : []))).toEqual([0, 0, 0]);
});

test('an answer that comes before the request was let go is given when all are, and one that never got so far is told', async () => {
  const { history, devices } = openWorld(async (_op, { headers: _, hold }) => {
    void hold?.();
    return done;
  }, 3);
  const [first, second, third] = devices;
  let isDone = false;
  const early = first?.perform(sendOf('b'), 0).then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  await Promise.all([early, second?.perform(sendOf('b'), 0), third?.perform(sendOf('b'), 0)]);
  expect(history.filter(({ type }) => type === 'invoke')).toHaveLength(3);

  const broken: Outcome = { type: 'fail', error: { code: 'connection-refused', message: 'nobody there' } };
  const refused = openWorld(async () => broken, 3);
  await refused.devices[0]?.perform(sendOf('c'), 0);
  expect(refused.history.map(({ type }) => type)).toEqual(['invoke', 'fail']);
});

test('who is left is let go when the others do not come, and its request is sent', async () => {
  const { history, devices } = openWorld(async (_op, { hold }) => {
    await hold?.();
    return done;
  }, 3);
  const [first, second, third] = devices;
  const going = [first?.perform(sendOf('d'), 0), second?.perform(sendOf('d'), 0)];
  third?.leave();
  await Promise.all(going);
  expect(history.map(({ type }) => type).sort()).toEqual(['invoke', 'invoke', 'ok', 'ok']);
});
