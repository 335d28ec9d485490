/**
 * COMPLETED says that the work was done (§4.1.3), so an answer that its peer broke off in the middle is not passed off as whole,
 * nor changed by how it came. What a whole answer looks like is learned from calm times: only where the same question, but for
 * its token, was always answered alike. Where a fault on the peer leaves the stream in order and changes what it says, nobody can
 * know, and nobody is judged.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { SendOp } from '../model/op.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import type { FaultName, FaultPlan } from '../model/scenario.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { addToFold, segmentsOf, startFold, type TaskFold, textOfSegments } from './parts/fold-task.ts';
import { startLatest } from './parts/latest.ts';
import { ANSWERS, clip, isTerminal, needsPeer } from './parts/reading.ts';

/** So many answers alike say what the next one will be. */
const ALIKE_MIN = 3;
const QUESTIONS_MIN = 50;
const SUSPECTS_MAX = 20;
const CHARACTERS_MAX = 65_536;

/** They change when and in which pieces an answer comes, and nothing else. */
const HARMLESS: ReadonlySet<FaultName> = new Set(['latency', 'bandwidth', 'slice', 'slow-close', 'delay']);

interface Question {
  whole: string | undefined;
  alike: number;
  varies: boolean;
  /** Times that its peer was broken and the agent could have passed less on than all. */
  tried: number;
  readonly suspects: Suspect[];
}

interface Suspect {
  readonly text: string;
  readonly fault: FaultPlan;
  readonly invoke: InvokeEvent;
  readonly event: HistoryEvent;
}

interface Open {
  readonly fold: TaskFold;
  message: string;
}

export const passesOnWhole: Check = {
  name: 'passes-on-whole',
  title: 'What a broken peer said in part is not passed off as the whole, nor changed by how it came',
  section: '§4.1.3, policy',
  memory: `The answers of open ops that delegate, and the answer to each of the latest ${QUESTIONS_MIN} questions.`,
  judges: 'agent',
  reads: ANSWERS,
  concerns: ({ faults }) => faults.some(({ target }) => target === 'peer'),
  start: ({ scene: { faults } }) => {
    const findings = startFindings();
    const questions = startLatest<Question>(QUESTIONS_MIN);
    const open = new Map<number, Open>();

    const questionOf = ({ text, token }: SendOp): Question => {
      const key = clip(text.replaceAll(token, '{token}'), CHARACTERS_MAX);
      const known = questions.get(key) ?? { whole: undefined, alike: 0, varies: false, tried: 0, suspects: [] };
      questions.set(key, known);
      return known;
    };

    const judge = (one: Open, op: SendOp, invoke: InvokeEvent, event: HistoryEvent): void => {
      const isComplete = one.message !== '' || one.fold.state === 'TASK_STATE_COMPLETED';
      if (event.type !== 'ok' || !(isComplete || isTerminal(one.fold.state)) || !one.fold.isCertain) return;
      const text = textOf(one);
      const isStandIn = op.fallback !== undefined && text.includes(op.fallback);
      const question = questionOf(op);
      if (!faults.touchedAny(invoke)) {
        if (isComplete && !isStandIn) learn(question, normalised(text, op));
        return;
      }
      const [fault, ...others] = faults.since(invoke, 'peer');
      if (fault === undefined || faults.touched(invoke) || [fault, ...others].some(isSecret)) return;
      question.tried += 1;
      if (!isComplete || isStandIn || question.suspects.length >= SUSPECTS_MAX) return;
      const worst = [fault, ...others].find((each) => !HARMLESS.has(each.fault)) ?? fault;
      question.suspects.push({ text: normalised(text, op), fault: worst, invoke, event });
    };

    return {
      add(event, invoke) {
        if (invoke === undefined || !needsPeer(invoke.op)) return;
        const one = open.get(invoke.op_id) ?? { fold: startFold(true), message: '' };
        if (event.type === 'event') {
          open.set(invoke.op_id, one);
          gather(one, recordOf(event.payload));
          return;
        }
        open.delete(invoke.op_id);
        if (event.type === 'ok' && invoke.op.op === 'SendMessage') gather(one, recordOf(event.value));
        judge(one, invoke.op, invoke, event);
      },
      close() {
        let evidence = 0;
        for (const { whole, alike, varies, tried, suspects } of questions.values()) {
          if (whole === undefined || whole === '' || varies || alike < ALIKE_MIN) continue;
          evidence += tried;
          for (const suspect of suspects) {
            const kind = kindOf(suspect, whole);
            if (kind !== undefined) findings.report(exampleOf(kind, suspect, whole));
          }
        }
        return { evidence, findings: findings.list() };
      },
    };
  },
};

function gather(one: Open, payload: Json): void {
  addToFold(one.fold, payload);
  one.message += textOfSegments(segmentsOf(recordOf(payload['message'])));
}

const textOf = ({ fold, message }: Open): string =>
  [...[...fold.artifacts.values()].map(textOfSegments), message].join('\n').trim();

const normalised = (text: string, { token }: SendOp): string => clip(text.replaceAll(token, '{token}'), CHARACTERS_MAX);

function learn(question: Question, text: string): void {
  question.varies ||= question.whole !== undefined && question.whole !== text;
  question.whole ??= text;
  question.alike += 1;
}

/** It leaves a stream that ends in order and says something else. */
function isSecret(fault: FaultPlan): boolean {
  if (fault.fault === 'corrupt') return fault.what === 'utf-8';
  return fault.fault === 'drop' || fault.fault === 'double' || fault.fault === 'swap';
}

type Kind = 'half-answer' | 'changed-answer';

function kindOf({ text, fault }: Suspect, whole: string): Kind | undefined {
  if (text === whole) return undefined;
  if (whole.startsWith(text)) return 'half-answer';
  return HARMLESS.has(fault.fault) ? 'changed-answer' : undefined;
}

function exampleOf(kind: Kind, { text, fault, invoke, event }: Suspect, whole: string): Example {
  return {
    kind,
    message:
      kind === 'half-answer'
        ? 'An agent passed off half an answer of its peer as the whole'
        : 'An agent changed what its peer said',
    expected: `While "${fault.fault}" is on its peer, the agent completes its task with the whole answer, as in calm times: "${clip(whole, 80)}". Otherwise it fails, or marks what stands in for it.`,
    seen: `The task was completed with ${text === '' ? 'nothing' : `"${clip(text, 80)}"`}, ${text.length} of ${whole.length} characters.`,
    users: [invoke.user],
    tasks: [],
    evidence: [invoke, event],
  };
}
