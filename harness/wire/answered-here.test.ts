/** A wire to an agent without a socket must end in the same outcomes as one over a connection: limits, leaving, breaking. */
import { setImmediate as tick } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { define } from '../../fixtures/agents/echo.ts';
import { simulate } from '../../fixtures/agents/simulate.ts';
import type { StreamResponse } from '../model/a2a.ts';
import type { Respond, SimulatedAgent } from '../model/live.ts';
import type { ProtocolOp } from '../model/op.ts';
import { answeredHere } from './answered-here.ts';
import { openWire } from './wire.ts';

const url = 'http://agent.simulated.invalid';

async function wireTo(agent: SimulatedAgent, options: { answer_bytes_max?: number; respond?: Respond } = {}) {
  const card = (await (await agent.respond(new Request(`${url}/.well-known/agent-card.json`))).json()) as object;
  const { answer_bytes_max = 1_000_000, respond = agent.respond } = options;
  const limits = { answer_bytes_max, stream_events_max: 100, connections_max: 1 };
  const wire = await openWire({ card: { ...card }, url, respond, ...limits, user_agent: 'test' });
  const events: StreamResponse[] = [];
  const ask = (op: ProtocolOp, signal = new AbortController().signal) =>
    wire.perform(op, { headers: {}, signal, timeout_ms: 5_000, onEvent: (event) => events.push(event) });
  return { wire, events, ask, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() };
}

const send = (op: 'SendMessage' | 'SendStreamingMessage', text: string): ProtocolOp => ({
  op,
  agent: 'agent',
  behaviour: 'short',
  messageId: crypto.randomUUID(),
  text,
  token: text,
  echoes: true,
});

async function eventually(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 10_000 && !holds(); tries += 1) await tick();
  return holds();
}

test('an answer, an error and a stream come as over a connection, and more than one at a time', async () => {
  await using agent = await simulate(define(), { url });
  await using to = await wireTo(agent);
  const [stream, answer, error] = await Promise.all([
    to.ask(send('SendStreamingMessage', 'slow 4 5 hello')),
    to.ask(send('SendMessage', 'ahoy')),
    to.ask({ op: 'GetTask', agent: 'agent', taskId: 'nobody' }),
  ]);
  expect(answer).toMatchObject({ type: 'ok', value: { task: { status: { state: 'TASK_STATE_COMPLETED' } } } });
  expect(error).toMatchObject({ type: 'fail', error: { code: 'TaskNotFoundError' } });
  expect(stream).toEqual({ type: 'ok', value: { events: 6, ended: 'by-agent' } });
  expect(to.events).toHaveLength(6);
});

test('a reader who leaves is noticed by the agent, and the outcome says so', async () => {
  await using agent = await simulate(define(), { url });
  await using to = await wireTo(agent);
  const leaving = new AbortController();
  const outcome = to.ask(send('SendStreamingMessage', 'slow 900 20 long'), leaving.signal);
  expect(await eventually(() => to.events.length > 0 && agent.open() === 1)).toBe(true);
  leaving.abort();
  expect(await outcome).toMatchObject({ type: 'ok', value: { ended: 'by-reader' } });
  expect(await eventually(() => agent.open() === 0)).toBe(true);
});

test('an answer beyond the limit is cut off', async () => {
  await using agent = await simulate(define(), { url });
  await using to = await wireTo(agent, { answer_bytes_max: 2_000 });
  const outcome = await to.ask(send('SendMessage', 'x'.repeat(5_000)));
  expect(outcome).toMatchObject({ type: 'info', error: { code: 'answer-too-large' } });
});

test('what breaks in the middle is a lost connection, of which nobody knows what came of it', async () => {
  await using agent = await simulate(define(), { url });
  await using to = await wireTo(agent);
  const outcome = to.ask(send('SendStreamingMessage', 'slow 900 20 long'));
  expect(await eventually(() => to.events.length > 0)).toBe(true);
  await agent[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject({ type: 'info', error: { code: 'connection-lost' } });
  await using gone = await wireTo(await simulate(define(), { url }), {
    respond: () => Promise.reject(new Error('gone')),
  });
  expect(await gone.ask(send('SendMessage', 'x'))).toMatchObject({ type: 'info', error: { code: 'connection-lost' } });
});

test('closing the wire ends what is under way, with the agent too', async () => {
  await using agent = await simulate(define(), { url });
  const to = await wireTo(agent);
  const outcome = to.ask(send('SendStreamingMessage', 'slow 900 20 long'));
  expect(await eventually(() => to.events.length > 0)).toBe(true);
  await to.wire[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject({ type: 'ok', value: { ended: 'by-reader' } });
  expect(await eventually(() => agent.open() === 0)).toBe(true);
});

test('a body waits while it is paused, goes on when it is resumed, and is cancelled by an abort', async () => {
  let pulled = 0;
  let cancelled = false;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (stream) => {
        pulled += 1;
        if (pulled > 1_000) stream.close();
        else stream.enqueue(new Uint8Array(8));
      },
      cancel: () => {
        cancelled = true;
      },
    });
  const dispatcher = answeredHere(async () => new Response(body()), url);
  let control: Dispatcher.DispatchController | undefined;
  let received = 0;
  let problem: Error | undefined;
  dispatcher.dispatch(
    { path: '/', method: 'GET' },
    {
      onResponseData(controller) {
        control = controller;
        received += 1;
        controller.pause();
      },
      onResponseError: (_, error) => {
        problem = error;
      },
    },
  );
  expect(await eventually(() => control?.paused === true)).toBe(true);
  for (let turn = 0; turn < 100; turn += 1) await tick();
  expect([received, pulled <= 3]).toEqual([1, true]);
  control?.resume();
  expect(await eventually(() => received === 2)).toBe(true);
  control?.abort(new Error('enough'));
  expect(await eventually(() => cancelled && problem !== undefined)).toBe(true);
  expect(problem?.message).toBe('enough');
});
