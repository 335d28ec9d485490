/**
 * §3.3.2, §5.4, §9.5, §11.6: a bad request gets the error that the specification has for it, and harms nobody else: those who sent
 * good messages before the first of them, and were answered, go on being answered.
 */
import type { Check } from '../model/check.ts';
import type { AgentEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type Claim, type HostileRow, hostileRows, type RawAnswer } from '../model/hostile.ts';
import type { HostileOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import { silence, type Wrong, wrongIn } from './parts/hostile-answer.ts';
import { clip, isReadBack, isSend, SENDS } from './parts/reading.ts';

type Ready = AgentEvent & { readonly phase: 'ready' };

interface Silence {
  readonly wrong: Wrong;
  readonly invoke: InvokeEvent;
  readonly event: HistoryEvent;
}

/** What one agent has been through. */
interface Field {
  readonly ready: Ready;
  first: InvokeEvent | undefined;
  latest: InvokeEvent | undefined;
  /** Good messages before the first bad request: some were answered, and none in vain. */
  calm: boolean;
  troubled: boolean;
  /** Told at the end, since what explains them may come after them. */
  readonly unanswered: Silence[];
  readonly harmed: Silence[];
  exited: boolean;
}

const SILENCES_MAX = 1_000;

export const errorsMeanIt: Check = {
  name: 'errors-mean-it',
  title: 'A bad request gets the error that stands for it, and harms nobody else',
  section: '§3.3.2, §3.3.4, §3.6.2, §5.4, §9.5, §11.6',
  memory: 'For each agent at most 2,000 requests without an answer.',
  aspects: ['beside'],
  judges: 'agent',
  reads: ['agent', 'invoke', 'ok', 'fail', 'info'],
  ops: [...SENDS, 'HostileRequest'],
  start: ({ scene: { faults } }) => {
    const findings = startFindings();
    const fields = new Map<string, Field>();
    let judged = 0;
    let beside = 0;
    let atTheDoor = 0;

    const report = ({ wrong, invoke, event }: Silence, before?: InvokeEvent): void =>
      findings.report({
        ...wrong,
        users: before === undefined ? [invoke.user] : [before.user, invoke.user],
        tasks: [],
        evidence: [before, invoke, event],
      });

    const onHostile = (op: HostileOp, event: HistoryEvent, invoke: InvokeEvent, field: Field): void => {
      const row = hostileRows.find(({ request }) => request === op.request);
      if (row === undefined || !isMeant(row, field.ready) || faults.since(invoke, op.agent).length > 0) return;
      if (event.type === 'info') {
        const wrong = silence(row, event.error.code);
        if (wrong === undefined) return;
        judged += 1;
        keep(field.unanswered, { wrong, invoke, event });
        return;
      }
      const answer = event.type === 'ok' ? answerIn(event.value) : undefined;
      if (answer === undefined) return;
      const wrong = wrongIn(row, answer, field.ready.transport);
      if (wrong === 'at-the-door') atTheDoor += 1;
      else judged += 1;
      if (wrong !== undefined && wrong !== 'at-the-door') report({ wrong, invoke, event });
    };

    const onMessage = (agent: string, event: HistoryEvent, invoke: InvokeEvent, field: Field): void => {
      if (isReadBack(invoke) || faults.since(invoke, agent).length > 0) return;
      const isGood = event.type === 'ok';
      const code = event.type === 'fail' || event.type === 'info' ? event.error.code : '';
      if (!isGood && !TROUBLE.test(code)) return;
      if (field.first === undefined) {
        if (isGood) field.calm = true;
        else field.troubled = true;
      } else if (field.first.seq < invoke.seq) {
        if (isGood) beside += 1;
        else keep(field.harmed, { wrong: harm(code), invoke, event });
      }
    };

    const tellSilences = ({ exited, unanswered, harmed, calm, troubled, latest }: Field): void => {
      // One that exited is told of by stays-up, and explains all silence.
      if (exited) return;
      const isHarm = calm && !troubled && isNoAccident(harmed);
      const culprit = [...unanswered].sort((a, b) => a.invoke.seq - b.invoke.seq)[0];
      // Where nobody is answered any more, that the others were not says nothing of what they sent.
      for (const each of isHarm && culprit !== undefined ? [culprit] : unanswered) report(each);
      if (isHarm) for (const each of harmed) report(each, culprit?.invoke ?? latest);
    };

    return {
      add(event, invoke) {
        if (event.type === 'agent') follow(fields, event);
        if (event.type === 'invoke' && event.op.op === 'HostileRequest') {
          const field = fields.get(event.op.agent);
          if (field !== undefined) field.latest = event;
          if (field !== undefined) field.first ??= event;
        }
        if (invoke === undefined || !('agent' in invoke.op)) return;
        const field = fields.get(invoke.op.agent);
        if (field === undefined) return;
        if (invoke.op.op === 'HostileRequest') onHostile(invoke.op, event, invoke, field);
        else if (isSend(invoke.op)) onMessage(invoke.op.agent, event, invoke, field);
      },
      close() {
        for (const field of fields.values()) tellSilences(field);
        return {
          evidence: judged,
          aspects: { beside },
          findings: findings.list(),
          ...(atTheDoor > 0 && {
            note: `${atTheDoor} bad requests were not judged: they were refused before anybody looked at them, for want of credentials or since the agent was busy.`,
          }),
        };
      },
    };
  },
};

function follow(fields: Map<string, Field>, event: AgentEvent): void {
  const field = fields.get(event.agent);
  if (event.phase === 'ready') {
    const untouched = { first: undefined, latest: undefined, calm: false, troubled: false, exited: false };
    fields.set(event.agent, field ?? { ready: event, unanswered: [], harmed: [], ...untouched });
  } else if (event.phase === 'exited' && !event.asked && field !== undefined) field.exited = true;
}

function keep(silences: Silence[], one: Silence): void {
  if (silences.length < SILENCES_MAX) silences.push(one);
}

function isMeant({ unclaimed }: HostileRow, { card }: Ready): boolean {
  const claims: Partial<Readonly<Record<Claim, boolean>>> = recordOf(card);
  return unclaimed === undefined || claims[unclaimed] === false;
}

/** A history that somebody else wrote may hold anything. */
function answerIn(value: unknown): RawAnswer | undefined {
  const { status, content_type, refusal, result, head, goes_on } = recordOf(recordOf(value)['answer']);
  if (typeof status !== 'number' || typeof content_type !== 'string' || typeof head !== 'string') return undefined;
  return {
    status,
    content_type,
    head,
    ...(typeof refusal === 'number' && { refusal }),
    ...(result === true && { result }),
    ...(goes_on === true && { goes_on }),
  };
}

/** Of the agent or of the way to it, and not of what was asked, nor of how busy it is. */
const TROUBLE = /^(timeout|connection-lost|connection-refused|junk-answer|InternalError|http-500)$/;

/** One good message that took too long may have been an accident. */
function isNoAccident(harmed: readonly Silence[]): boolean {
  const users = new Set(harmed.map(({ invoke }) => invoke.user));
  return users.size > 1 || harmed.some(({ wrong }) => wrong.shape !== 'timeout');
}

function harm(code: string): Wrong {
  return {
    kind: 'harms-others',
    message: "One user's bad request harmed another user",
    expected: 'Who sends a good message is answered, whatever others send beside it.',
    seen: `After the bad request of somebody else, a good message ended in ${clip(code, 40)}; before the first bad one, good ones were answered.`,
    shape: clip(code, 40),
  };
}
