/** However a stream is sliced, and whenever rules come and go, no byte is lost, doubled or moved that a rule did not mean. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breakCharacter, breakJson } from '../corrupt.ts';
import { swapAt } from '../swap.ts';
import { type EventAct, onNth } from './event-acts.ts';
import { openEventStage } from './event-stage.ts';
import { type ActiveRule, openRuleBook } from './rules.ts';

function openScene() {
  const rules = openRuleBook();
  const call = rules.call();
  const out: Buffer[] = [];
  const stage = openEventStage(rules, call, (bytes) => void out.push(bytes));
  return {
    feed: (text: string | Buffer) => stage.feed(Buffer.from(text)),
    add(onEvent: EventAct): ActiveRule {
      const active = rules.add({ name: 'drop', onEvent });
      stage.rulesChanged();
      return active;
    },
    remove(active: ActiveRule) {
      rules.remove(active);
      stage.rulesChanged();
    },
    end: () => stage.end(),
    text: () => Buffer.concat(out).toString(),
  };
}

const drop = (nth: number): EventAct => onNth(nth, () => ({ out: [] }));
const double = (nth: number): EventAct => onNth(nth, (event) => ({ out: [event, event] }));
const event = (n: number, end = '\n'): string => `data: {"n":${n}}${end}${end}`;

test('without a rule every byte passes at once, also half an event', () => {
  const scene = openScene();
  scene.feed('data: {"n"');
  expect(scene.text()).toBe('data: {"n"');
});

test('an event that had begun to leave when a rule came is left alone and not counted', () => {
  const scene = openScene();
  scene.feed('data: {"n"');
  const active = scene.add(drop(1));
  scene.feed(`:0}\n\n: ping\n\n${event(1)}${event(2)}`);
  expect(scene.text()).toBe(`${event(0)}: ping\n\n${event(2)}`);
  expect(active.effect.hits).toBe(1);
});

test('comments pass a rule by, at once', () => {
  const scene = openScene();
  scene.add(drop(1));
  scene.feed(': ping\n\ndata: 1');
  expect(scene.text()).toBe(': ping\n\n');
});

test('healing releases the half event that waited and the whole one that was to be swapped', () => {
  const scene = openScene();
  const active = scene.add(swapAt(1));
  scene.feed(`${event(0)}data: {"n"`);
  expect(scene.text()).toBe('');
  scene.remove(active);
  expect(scene.text()).toBe(`${event(0)}data: {"n"`);
  scene.feed(`:1}\n\n`);
  expect(scene.text()).toBe(event(0) + event(1));
  expect(active.effect.hits).toBe(0);
});

test('an event that began to leave at a heal is left alone by the next rule', () => {
  const scene = openScene();
  const active = scene.add(drop(9));
  scene.feed('data: {"n"');
  scene.remove(active);
  scene.add(drop(1));
  scene.feed(`:0}\n\n${event(1)}${event(2)}`);
  expect(scene.text()).toBe(event(0) + event(2));
});

test('what one rule lets go when it is healed still meets the others', () => {
  const scene = openScene();
  const first = scene.add(swapAt(1));
  scene.add(double(1));
  scene.feed(event(0));
  scene.remove(first);
  scene.feed(event(1));
  expect(scene.text()).toBe(event(0) + event(0) + event(1));
});

test('two rules act one after the other, and a stream that ends early gives back what was held', () => {
  const scene = openScene();
  scene.add(drop(2));
  scene.add(swapAt(2));
  scene.feed(event(0) + event(1) + event(2));
  expect(scene.text()).toBe(event(0));
  scene.feed('data: {"n');
  scene.end();
  expect(scene.text()).toBe(`${event(0)}${event(2)}data: {"n`);
});

test('damaged JSON cannot be parsed, and half a character is one that no decoder knows', () => {
  const whole = Buffer.from('id: 1\ndata: {"a":"caf\u00e9","b":{"c":"x"}}\n\n');
  const dataOf = (bytes: Buffer): string => String(bytes).split('data: ')[1]?.trim() ?? '';
  expect(JSON.parse(dataOf(whole))).toBeTruthy();
  expect(() => JSON.parse(dataOf(breakJson(whole)))).toThrow();
  const halved = dataOf(breakCharacter(whole));
  expect([JSON.parse(halved).a, JSON.parse(halved).b.c]).toEqual(['caf\u00e9', 'x\ufffd']);
  const last = dataOf(breakCharacter(Buffer.from('data: {"x":"y","last":true}\n\n')));
  expect(JSON.parse(last)).toEqual({ x: 'y\ufffd', last: true });
  expect(breakJson(Buffer.from('data: 1\n\n')).toString()).toBe('data: 1\n\n');
  expect(breakCharacter(Buffer.from('data: {"n":1}\n\n')).toString()).toBe('data: {"n":1}\n\n');
});

const NEVER = 1_000_000;
const harmless = fc.constantFrom<EventAct>(drop(NEVER), double(NEVER), swapAt(NEVER));
const chunkings = fc.array(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 40 });
const blocks = fc.array(
  fc.record({
    lines: fc.array(fc.constantFrom(': ping', 'id: 7', 'data: {"a":1}', 'data', 'data: \u00e9\u20ac'), {
      maxLength: 4,
    }),
    end: fc.constantFrom('\n', '\r\n'),
  }),
);

test('rules that hit nothing change nothing, whenever they come and go', () => {
  const changes = fc.array(fc.record({ at: fc.nat(40), act: harmless, lasts: fc.nat(20) }), { maxLength: 6 });
  fc.assert(
    fc.property(blocks, chunkings, changes, fc.string({ maxLength: 5 }), (all, sizes, plans, tail) => {
      const text = all.map(({ lines, end }) => lines.map((line) => line + end).join('') + end).join('') + tail;
      const bytes = Buffer.from(text);
      const scene = openScene();
      const inForce: { readonly active: ActiveRule; readonly until: number }[] = [];
      let from = 0;
      for (let turn = 0; from < bytes.length; turn += 1) {
        for (const { at, act, lasts } of plans) {
          if (at === turn) inForce.push({ active: scene.add(act), until: turn + lasts });
        }
        for (const { active, until } of inForce) if (until === turn) scene.remove(active);
        const size = sizes[turn % sizes.length] ?? 1;
        scene.feed(bytes.subarray(from, from + size));
        from += Math.max(size, turn % sizes.length === 0 ? 1 : size);
        if (size === 0 && turn % sizes.length === 0) scene.feed(bytes.subarray(from - 1, from));
      }
      scene.end();
      expect(scene.text()).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('drop, double and swap do the same however the stream is sliced', () => {
  const kinds = { drop, double, swap: swapAt };
  const what = fc.constantFrom(...(['drop', 'double', 'swap'] as const));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 9 }),
      what,
      chunkings,
      (count, nth, kind, sizes) => {
        const events = Array.from({ length: count }, (_, n) => event(n, n % 2 === 0 ? '\n' : '\r\n'));
        const expected = [...events];
        const [hit] = kind === 'swap' ? [] : expected.splice(nth - 1, 1);
        if (kind === 'double' && hit !== undefined) expected.splice(nth - 1, 0, hit, hit);
        if (kind === 'swap' && nth < count) expected.splice(nth - 1, 2, events[nth] ?? '', events[nth - 1] ?? '');
        const scene = openScene();
        const active = scene.add(kinds[kind](nth));
        const bytes = Buffer.from(events.join(''));
        for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
          const size = 1 + (sizes[turn % sizes.length] ?? 0);
          scene.feed(bytes.subarray(from, from + size));
          from += size;
        }
        scene.end();
        expect(scene.text()).toBe(expected.join(''));
        expect(active.effect.hits).toBe(nth <= (kind === 'swap' ? count - 1 : count) ? 1 : 0);
      },
    ),
    { numRuns: 300 },
  );
});
