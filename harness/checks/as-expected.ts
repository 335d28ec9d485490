/**
 * What an agent's answers mean only their asker knows: that the pizza is the one that was ordered. A script says what it expected of
 * them and what it saw, and this check holds the agent to it. It rests on what the agent promises its users, so on policy.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import type { ExpectOp } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isReadBack, taskIdOf } from './parts/reading.ts';

const WORDS_MAX = 300;
const STEPS_MAX = 6;
/** Those who asked last: an expectation may be about the tasks of a user who has left. */
const DEVICES_MAX = 1_000;

/** What one device asked of an agent, and the latest that came of it. */
interface Step {
  readonly invoke: InvokeEvent;
  latest: KeptEvent;
  task: string | undefined;
}

export const asExpected: Check = {
  name: 'as-expected',
  title: 'An agent does what the script of a scenario knows to be right',
  section: 'policy',
  memory: `Of each of ${DEVICES_MAX} devices the latest ${STEPS_MAX} ops that went to an agent, and a count for each kind of expectation.`,
  judges: 'agent',
  aspects: 'any',
  reads: ['invoke', ...ANSWERS],
  // Scripts of loads expect nothing, and are many.
  concerns: ({ family }) => family !== 'load',
  start: () => {
    const findings = startFindings();
    const stepsOf = new Map<string, Step[]>();
    const aspects: Record<string, number> = {};
    let evidence = 0;

    const begin = (invoke: InvokeEvent): void => {
      // Whose tasks are read back after he has left expects nothing any more.
      if (isReadBack(invoke)) return;
      const key = keyOf(invoke);
      const steps = stepsOf.get(key) ?? [];
      stepsOf.delete(key);
      stepsOf.set(key, steps);
      const [oldest = key] = stepsOf.size > DEVICES_MAX ? stepsOf.keys() : [];
      if (oldest !== key) stepsOf.delete(oldest);
      steps.push({ invoke, latest: invoke, task: taskIdOf(invoke.op) });
      if (steps.length > STEPS_MAX) steps.shift();
    };

    const goOn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const step = stepsOf.get(keyOf(invoke))?.find((each) => each.invoke.op_id === invoke.op_id);
      if (step === undefined) return;
      step.latest = keep(event);
      step.task ??= observe(event, invoke)[0]?.taskId;
    };

    const judge = (event: InvokeEvent, op: ExpectOp): void => {
      evidence += 1;
      aspects[op.that] = (aspects[op.that] ?? 0) + 1;
      if (op.holds) return;
      const isNamed = ({ task }: Step): boolean => task !== undefined && op.tasks.includes(task);
      const steps =
        op.tasks.length === 0 ? (stepsOf.get(keyOf(event)) ?? []) : [...stepsOf.values()].flat().filter(isNamed);
      const told = new Set(steps.flatMap(({ invoke, latest }) => [invoke, latest]));
      findings.report({
        kind: op.that,
        shape: op.title,
        message: `Not true: ${uncapitalized(op.title)}`,
        expected: `${clip(op.expected, WORDS_MAX)}.`,
        seen: `${clip(op.seen, WORDS_MAX)}.`,
        users: [...new Set([event.user, ...steps.map(({ invoke }) => invoke.user)])],
        tasks: op.tasks,
        evidence: [...[...told].sort((one, other) => one.seq - other.seq), event],
      });
    };

    return {
      add(event, invoke) {
        if (invoke !== undefined) goOn(event, invoke);
        if (event.type !== 'invoke') return;
        if (event.op.op === 'expect') judge(event, event.op);
        else if ('agent' in event.op) begin(event);
      },
      close: () => ({ evidence, findings: findings.list(), aspects }),
    };
  },
};

const keyOf = ({ user, device }: Pick<InvokeEvent, 'user' | 'device'>): string => `${user}/${device}`;

const uncapitalized = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
