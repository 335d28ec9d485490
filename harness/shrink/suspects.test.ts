import { expect, test } from 'vitest';
import type { HistoryEvent } from '../model/history.ts';
import type { Op } from '../model/op.ts';
import { findSuspects } from './suspects.ts';

/** Writes a history as muster does: who asked for what, and what came of it. */
function startStory() {
  const events: HistoryEvent[] = [];
  const steps = new Map<string, number>();
  const stamp = () => ({ seq: events.length, time_ms: events.length, scenario: 's' });
  return {
    events,
    arrive(user: string, device = 0): void {
      const due_ms = 0;
      events.push({ ...stamp(), type: 'user', phase: 'arrived', user, device, due_ms, canary: '', identity: 'bearer' });
    },
    /** Gives the outcome, as evidence holds it. */
    ask(user: string, op: Op, value: object = {}, device = 0): HistoryEvent {
      const step = steps.get(`${user}.${device}`) ?? 0;
      steps.set(`${user}.${device}`, step + 1);
      const op_id = events.length;
      events.push({ ...stamp(), type: 'invoke', op_id, user, device, step, due_ms: 0, op });
      const outcome: HistoryEvent = { ...stamp(), type: 'ok', op_id, value };
      events.push(outcome);
      return outcome;
    },
  };
}

const say = (
  op: 'SendMessage' | 'SendStreamingMessage',
  token: string,
  more: { readonly contextId?: string } = {},
): Op => ({
  op,
  agent: 'agent',
  behaviour: 'short',
  messageId: token,
  text: token,
  token,
  echoes: true,
  ...more,
});
const get = (taskId: string): Op => ({ op: 'GetTask', agent: 'agent', taskId });
const TOKEN = 'mqaaaaaaaaaax0x';

test('of two hundred users those are suspected whose words and tasks the finding is about', () => {
  const story = startStory();
  for (let user = 1; user <= 200; user += 1) {
    story.arrive(`u${user}`);
    story.ask(
      `u${user}`,
      say(
        'SendMessage',
        `mq${String(user)
          .padStart(10, 'a')
          .replaceAll(/[0189]/g, 'z')}x0x${user}`,
      ),
    );
  }
  story.ask('u7', say('SendMessage', `${TOKEN}1`), { task: { id: 't7', contextId: 'c7' } });
  story.ask('u7', get('t7'));
  const impossible = story.ask('u9', get('t7'), { task: { id: 't7', text: `${TOKEN}1` } });
  const { whole, named } = findSuspects(story.events, { evidence: [impossible], tasks: ['t7'], users: ['u7', 'u9'] });
  expect(whole).toHaveLength(200);
  expect(named).toEqual([
    { user: 'u7', device: 0, steps: [1] },
    { user: 'u9', device: 0, steps: [1] },
  ]);
});

test('what an op rests on is suspected with it: the stream, the conversation, what was shared, and when it waited', () => {
  const story = startStory();
  story.arrive('u1');
  story.arrive('u1', 1);
  story.ask('u1', say('SendMessage', `${TOKEN}1`), { message: { contextId: 'c1' } });
  story.ask('u1', say('SendStreamingMessage', `${TOKEN}2`, { contextId: 'c1' }), { task: { id: 't1' } });
  story.ask('u1', { op: 'share', name: 'u1/task', value: 't1' });
  story.ask('u1', { op: 'read', stream: 1 });
  story.ask('u1', get('t1'));
  story.ask('u1', { op: 'await', name: 'u1/task' }, {}, 1);
  story.ask('u1', { op: 'pause', ms: 5 }, {}, 1);
  const impossible = story.ask('u1', { op: 'CancelTask', agent: 'agent', taskId: 't1' }, {}, 1);
  story.ask('u1', { op: 'pause', ms: 5 }, {}, 1);
  const { named } = findSuspects(story.events, { evidence: [impossible], tasks: [], users: ['u1'] });
  expect(named).toEqual([
    { user: 'u1', device: 0, steps: [0, 1, 2, 3] },
    { user: 'u1', device: 1, steps: [0, 1, 2] },
  ]);
});

test('a user who is named, and of whose doings nothing is, is suspected as a whole', () => {
  const story = startStory();
  story.arrive('u1');
  story.arrive('u2');
  story.ask('u2', get('t'));
  const impossible = story.ask('u1', get('t'));
  const { named } = findSuspects(story.events, { evidence: [impossible], tasks: [], users: ['u1', 'u2'] });
  expect(named).toEqual([
    { user: 'u1', device: 0, steps: [0] },
    { user: 'u2', device: 0 },
  ]);
});

test('what was read back in the end suspects only those who made it', () => {
  const story = startStory();
  story.arrive('u1');
  story.ask('u1', get('other'));
  story.ask('u1', say('SendMessage', `${TOKEN}1`), { task: { id: 't1' } });
  const op_id = 99;
  const back = { seq: 98, time_ms: 98, scenario: 's', op_id };
  const invoke: HistoryEvent = { ...back, type: 'invoke', user: 'u1', device: 0, step: -1, due_ms: 0, op: get('t1') };
  const ok: HistoryEvent = { ...back, type: 'ok', value: {} };
  const { named } = findSuspects([...story.events, invoke, ok], { evidence: [ok], tasks: [], users: ['u1'] });
  expect(named).toEqual([{ user: 'u1', device: 0, steps: [1] }]);
});
