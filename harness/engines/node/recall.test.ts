/** The law that holds engine and recall together: a script that is run again on its history asks for the same ops. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamResponse } from '../../model/a2a.ts';
import type { HistoryEvent, Unstamped } from '../../model/history.ts';
import type { Wire } from '../../model/live.ts';
import type { Completion, Op, Outcome, Script } from '../../model/op.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../../plan/defaults.ts';
import { makePlan } from '../../plan/make-plan.ts';
import { drive } from '../../script/drive.ts';
import { recall } from '../../script/recall.ts';
import { type DeviceWorld, openDevice } from './device.ts';
import { openMeeting } from './meeting.ts';
import { tellHistory } from './telling.ts';

/** What the agent will do with the nth op: how many stream events, after which the outcome; in turns of the event loop. */
interface Fate {
  readonly events: number;
  readonly turns: number;
  readonly outcome: 'ok' | 'fail' | 'info';
}

const anyFate: fc.Arbitrary<Fate> = fc.record({
  events: fc.integer({ min: 0, max: 4 }),
  turns: fc.integer({ min: 0, max: 3 }),
  outcome: fc.constantFrom('ok', 'fail', 'info'),
});

/** A script whose every choice depends on all that it was told, so that one difference changes all that follows. */
function* touchy(choices: readonly number[]): Script {
  const told: Completion[] = [];
  const streams: number[] = [];
  for (const [step, choice] of choices.entries()) {
    const mood = (choice + JSON.stringify(told).length) % 6;
    const stream = streams[choice % Math.max(1, streams.length)];
    const op: Op =
      mood === 0 || stream === undefined
        ? { op: 'SubscribeToTask', agent: 'agent', taskId: `t${choice}` }
        : mood === 1
          ? { op: 'GetTask', agent: 'agent', taskId: `t${choice}` }
          : mood === 2
            ? { op: 'read', stream, count: choice % 3 }
            : mood === 3
              ? { op: 'read', stream }
              : mood === 4
                ? { op: 'leave', stream }
                : { op: 'share', name: `s${choice}`, value: 'v' };
    if (op.op === 'SubscribeToTask') streams.push(step);
    told.push(yield op);
  }
}

function outcomeOf(kind: Fate['outcome']): Outcome {
  return kind === 'ok' ? { type: 'ok', value: {} } : { type: kind, error: { code: kind, message: kind } };
}

/** An agent whose answers are drawn beforehand; time is turns of the event loop. */
function fatefulWire(fates: readonly Fate[]): Wire {
  let calls = 0;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    transport: 'jsonrpc',
    address: new URL('http://127.0.0.1'),
    async perform(op, { onEvent, signal }) {
      const fate = fates[calls % fates.length] ?? { events: 0, turns: 0, outcome: 'ok' };
      calls += 1;
      const events = op.op === 'SubscribeToTask' ? fate.events : 0;
      for (let index = 0; index < events && !signal.aborted; index += 1) {
        for (let waited = 0; waited < fate.turns; waited += 1) await turn();
        const payload: StreamResponse = { message: { messageId: `m${index}`, role: 'ROLE_AGENT', parts: [] } };
        onEvent(payload);
      }
      await turn();
      return outcomeOf(fate.outcome);
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function record(
  choices: readonly number[],
  fates: readonly Fate[],
  steps?: readonly number[],
): Promise<readonly HistoryEvent[]> {
  const history: HistoryEvent[] = [];
  const plan = makePlan({
    muster: '0',
    seed: 1,
    target: { kind: 'fixture', name: 'echo' },
    scenarios: [],
    phrasebook: {},
    identity: { kind: 'anonymous' },
    policy: DEFAULT_POLICY,
    limits: DEFAULT_LIMITS,
    ports: DEFAULT_PORTS,
    gates: [],
    flags: [],
    scenario_names: [],
  });
  const wire = fatefulWire(fates);
  let ops = 0;
  const world: DeviceWorld = {
    plan,
    clock: () => history.length,
    telling: tellHistory((event: Unstamped) => {
      // What is written is what is read back: through JSON, as on disk.
      const stamped = JSON.parse(
        JSON.stringify({ seq: history.length, time_ms: history.length, scenario: 's', ...event }),
      );
      history.push(stamped);
      return stamped;
    }),
    nextOpId: () => {
      ops += 1;
      return ops;
    },
    wireOf: () => wire,
    transportsOf: () => ['jsonrpc'],
    dealtTo: () => undefined,
    headersOf: () => ({}),
    sessions: { open: async () => outcomeOf('ok'), close: async () => outcomeOf('ok') },
    hooks: {
      open: async () => outcomeOf('ok'),
      noteTurn: () => {},
      configure: () => undefined,
      untilEnd: async () => outcomeOf('ok'),
    },
    measure: async () => outcomeOf('ok'),
    signal: new AbortController().signal,
  };
  const device = openDevice({
    world,
    meeting: openMeeting(world.signal),
    user: 'u1',
    index: 0,
    device: 0,
    due_ms: 0,
    onTask: () => {},
  });
  await drive(touchy(choices), device.perform, steps);
  await device.close();
  return history;
}

const anyChoices = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 25 });
const anyFates = fc.array(anyFate, { minLength: 1, maxLength: 8 });
const who = { user: 'u1', device: 0 };

test('recalled on its history, a script asks for the same ops as when it was driven', async () => {
  await fc.assert(
    fc.asyncProperty(anyChoices, anyFates, async (choices, fates) => {
      const history = await record(choices, fates);
      const { asked, recorded, ended } = recall(touchy(choices), history, who);
      expect(ended).toBe('finished');
      expect(recorded).toHaveLength(choices.length);
      expect(asked).toEqual(recorded);
    }),
    { numRuns: 200 },
  );
});

test('on a history that was cut anywhere, it asks for the same ops as far as the history goes', async () => {
  await fc.assert(
    fc.asyncProperty(anyChoices, anyFates, fc.nat(), async (choices, fates, cut) => {
      const history = await record(choices, fates);
      const part = history.slice(0, cut % (history.length + 1));
      const { asked, recorded } = recall(touchy(choices), part, who);
      expect(asked.slice(0, recorded.length)).toEqual(recorded);
      expect(asked.length).toBeLessThanOrEqual(recorded.length + 1);
    }),
    { numRuns: 100 },
  );
});

const anySteps = fc.uniqueArray(fc.nat({ max: 25 })).map((steps) => steps.sort((a, b) => a - b));

test('with ops left out, it asks for no others than those that are kept, and for the same ones in recall', async () => {
  await fc.assert(
    fc.asyncProperty(anyChoices, anyFates, anySteps, async (choices, fates, steps) => {
      const history = await record(choices, fates, steps);
      const { asked, recorded, ended } = recall(touchy(choices), history, { ...who, steps });
      expect(ended).toBe('finished');
      expect(asked).toEqual(recorded);
      const done = history.flatMap((event) => (event.type === 'invoke' ? [event.step] : []));
      expect(steps).toEqual(expect.arrayContaining(done));
    }),
    { numRuns: 200 },
  );
});

test('a plan that keeps all ops is the plan that leaves none out', async () => {
  await fc.assert(
    fc.asyncProperty(anyChoices, anyFates, async (choices, fates) => {
      const every = choices.map((_, step) => step);
      expect(await record(choices, fates, every)).toEqual(await record(choices, fates));
    }),
    { numRuns: 50 },
  );
});

test('a script that asks until it succeeds ends with the last op that is kept', async () => {
  function* stubborn(): Script {
    for (;;) yield { op: 'share', name: 's', value: 'v' };
  }
  const asked: number[] = [];
  const perform = async (_: Op, step: number): Promise<Completion> => {
    asked.push(step);
    return { step, outcome: outcomeOf('fail'), events: [] };
  };
  expect(await drive(stubborn(), perform, [1, 4])).toBeUndefined();
  expect(asked).toEqual([1, 4]);
});

test('a script that was changed since does not ask for the same ops, and recall shows it', async () => {
  const history = await record([1, 2, 3], [{ events: 2, turns: 1, outcome: 'ok' }]);
  const { asked, recorded } = recall(touchy([4, 2, 3]), history, who);
  expect(asked[0]).not.toEqual(recorded[0]);
});
