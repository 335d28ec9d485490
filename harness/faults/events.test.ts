/** Faults at the events of a stream: each changes the one event that it is about, and nothing once it is healed. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { FaultPlan } from '../model/scenario.ts';
import { applyFault } from './apply.ts';
import { openProxy } from './proxy/proxy.ts';
import { ask, eventStream, noAbort, read, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

const numbers = (text: string): (number | string)[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      try {
        return JSON.parse(block.replace('data: ', '')).n;
      } catch {
        return 'junk';
      }
    });

const rows: readonly (readonly [FaultPlan, string, string, readonly (number | string)[]])[] = [
  [{ ...plan, fault: 'drop', event: 2 }, 'drops event 2 of every stream', 'dropped 2 events', [0, 2, 3]],
  [{ ...plan, fault: 'double', event: 4 }, 'doubles event 4 of every stream', 'doubled 2 events', [0, 1, 2, 3, 3]],
  [
    { ...plan, fault: 'swap', event: 3 },
    'swaps events 3 and 4 of every stream',
    'swapped 2 pairs of events',
    [0, 1, 3, 2],
  ],
  [
    { ...plan, fault: 'corrupt', event: 1, what: 'json' },
    'damages the json of event 1 of every stream',
    'damaged 2 events',
    ['junk', 1, 2, 3],
  ],
  [
    { ...plan, fault: 'delay', event: 2, delay_ms: 5 },
    'holds event 2 of every stream back by 5 ms',
    'held back 2 events',
    [0, 1, 2, 3],
  ],
];

test.each(rows.map((row) => [row[0].fault, ...row] as const))('%s', async (_name, fault, applied, healed, bitten) => {
  await using agent = await serve(eventStream(4));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const stream = async () => await read(await ask(proxy.url, { agent: false }));
  await using hurt = await applyFault(fault, { proxy }, noAbort);
  expect(hurt.proof).toBe(applied);
  for (let time = 0; time < 2; time += 1) {
    const { text, error } = await stream();
    expect([numbers(text), error]).toEqual([bitten, undefined]);
  }
  expect(await hurt.heal()).toBe(healed);
  expect(numbers((await stream()).text)).toEqual([0, 1, 2, 3]);
  await expect.poll(() => proxy.counters()).toMatchObject({ upstream_connections_open: 0, bytes_held_now: 0 });
});

test('half a character in an event leaves its JSON whole', async () => {
  await using agent = await serve(eventStream(1));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  await using _hurt = await applyFault({ ...plan, fault: 'corrupt', event: 1, what: 'utf-8' }, { proxy }, noAbort);
  const answer = await ask(proxy.url, { agent: false });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  expect(bytes.includes(0xc3)).toBe(true);
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow();
  expect(JSON.parse(bytes.toString().replace('data: ', ''))).toEqual({ path: '/\ufffd', n: 0 });
});

test('healing in the middle lets go at once of what a delay and a swap held', async () => {
  for (const fault of [
    { ...plan, fault: 'delay', event: 1, delay_ms: 3_600_000 },
    { ...plan, fault: 'swap', event: 1 },
  ] as const) {
    let go: (() => void) | undefined;
    await using agent = await serve((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"n":0}\n\nda');
      go = () => outgoing.end('ta: {"n":1}\n\n');
    });
    await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
    const hurt = await applyFault(fault, { proxy }, noAbort);
    const answer = await ask(proxy.url, { agent: false });
    const received: string[] = [];
    answer.on('data', (chunk) => received.push(String(chunk)));
    await expect.poll(() => proxy.counters().streams).toBe(1);
    expect(received).toEqual([]);
    const came = once(answer, 'data');
    await hurt.heal();
    await came;
    expect(received.join('')).toBe('data: {"n":0}\n\nda');
    const ended = once(answer, 'end');
    go?.();
    await ended;
    expect(received.join('')).toBe('data: {"n":0}\n\ndata: {"n":1}\n\n');
  }
});
