/**
 * §3.7 leaves it to the agent which messages it keeps in the history of a task, so what it does with a message that comes alone is
 * taken as its choice. Whoever keeps every follow-up that comes alone, and loses one that came beside another although it was
 * acknowledged, did not choose: an update was lost, or, where a later history has it, was acknowledged before it was taken in. Lost is
 * what is missing behind an older message that is there, so a history that only shows the latest ones lacks nothing. And no message is
 * in a history twice that was sent once.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import type { SendOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import type { KnownTask } from '../model/scene.ts';
import { messageIdsIn } from '../model/tasks-of-messages.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { clip, isSend, SENDS, taskIdOf } from './parts/reading.ts';

interface Sent {
  readonly invoke: InvokeEvent;
  readonly op: SendOp;
  /** Another message to the task was in flight with it, or nobody knows. */
  isBeside: boolean;
  /** Where it was answered in favour. */
  ack: KeptEvent | undefined;
  /** How often it was sent. */
  times: number;
}

/** The messages that were sent to one task, the one that made it included. */
interface Said {
  readonly byId: Map<string, Sent>;
  inFlight: number;
}

const LATE = 'acknowledged-message-late';
const MESSAGES_MAX = 100;
const SUSPICIONS_MAX = 1_000;

export const historyKept: Check = {
  name: 'history-kept',
  title: 'A message that was acknowledged beside another is kept like one that came alone, and none is kept twice',
  section: '§3.7, policy',
  memory: 'Up to 100 messages for each of the latest 10,000 tasks.',
  judges: 'agent',
  reads: ['invoke', 'ok', 'fail', 'info'],
  ops: [...SENDS, 'GetTask'],
  start: ({ scene: { tasks } }) => {
    const findings = startFindings();
    const saids = tasks.perTask<Said>();
    const suspicions = new Map<Sent, Example>();
    const alone = { kept: 0, lost: 0 };
    let evidence = 0;

    const saidTo = (task: KnownTask): Said => {
      const said = saids.get(task) ?? { byId: new Map(), inFlight: 0 };
      saids.set(task, said);
      return said;
    };

    const begin = (invoke: InvokeEvent, op: SendOp, task: KnownTask): void => {
      const said = saidTo(task);
      const again = said.byId.get(op.messageId);
      if (again !== undefined) again.times += 1;
      else if (said.byId.size < MESSAGES_MAX) {
        said.byId.set(op.messageId, { invoke, op, isBeside: said.inFlight > 0, ack: undefined, times: 1 });
      }
      if (said.inFlight > 0) for (const sent of said.byId.values()) if (sent.ack === undefined) sent.isBeside = true;
      said.inFlight += 1;
    };

    const end = (event: HistoryEvent, invoke: InvokeEvent, op: SendOp): void => {
      const taskId = taskIdOf(op);
      const task = tasks.of(invoke, taskId ?? observe(event, invoke)[0]?.taskId ?? '');
      if (task === undefined) return;
      const said = saidTo(task);
      if (taskId !== undefined) said.inFlight -= 1;
      else if (said.byId.size === 0) {
        said.byId.set(op.messageId, { invoke, op, isBeside: false, ack: keep(event), times: 1 });
      }
      const sent = said.byId.get(op.messageId);
      const isTaken = event.type === 'ok' && (event.value?.task !== undefined || Number.isInteger(event.value?.events));
      if (sent !== undefined && isTaken) sent.ack ??= keep(event);
    };

    const read = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const got = event.type === 'ok' ? recordOf(recordOf(event.value)['task']) : {};
      const task = got['id'] === taskIdOf(invoke.op) ? tasks.of(invoke, String(got['id'])) : undefined;
      const said = task === undefined ? undefined : saids.get(task);
      if (said === undefined) return;
      const ids = messageIdsIn(got);
      compare(said, ids, event, invoke);
    };

    const compare = ({ byId }: Said, ids: readonly string[], event: HistoryEvent, invoke: InvokeEvent): void => {
      const shown = new Set(ids);
      const oldest = [...byId.values()].find(({ op, ack }) => ack !== undefined && shown.has(op.messageId));
      for (const sent of byId.values()) {
        const { op, ack } = sent;
        const twice = sent.times === 1 && ids.filter((id) => id === op.messageId).length > 1;
        if (twice) findings.report(doubled(sent, event, invoke));
        if (oldest?.ack === undefined || oldest === sent || ack === undefined) continue;
        // Sent after the older one was acknowledged, and acknowledged before this was asked for.
        if (oldest.ack.seq > sent.invoke.seq || ack.seq > invoke.seq) continue;
        evidence += 1;
        const isShown = shown.has(op.messageId);
        const suspicion = suspicions.get(sent);
        if (!sent.isBeside) alone[isShown ? 'kept' : 'lost'] += 1;
        else if (isShown && suspicion !== undefined) suspicions.set(sent, late(suspicion, event));
        else if (!isShown && suspicion === undefined && suspicions.size < SUSPICIONS_MAX)
          suspicions.set(sent, lost(sent, oldest, event, invoke));
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke' && isSend(event.op)) {
          const taskId = taskIdOf(event.op);
          const task = taskId === undefined ? undefined : tasks.of(event, taskId);
          if (task !== undefined) begin(event, event.op, task);
        }
        if (invoke === undefined || event.type === 'event') return;
        if (isSend(invoke.op)) end(event, invoke, invoke.op);
        else if (invoke.op.op === 'GetTask') read(event, invoke);
      },
      close() {
        const isChoice = alone.kept === 0 || alone.lost > 0;
        if (!isChoice) for (const example of suspicions.values()) findings.report(example);
        return {
          evidence,
          findings: findings.list(),
          ...(isChoice &&
            suspicions.size > 0 && {
              note: `${suspicions.size} acknowledged messages were in no history; the agent keeps ${alone.kept} of ${alone.kept + alone.lost} that come alone, so that may be its choice.`,
            }),
        };
      },
    };
  },
};

function lost({ invoke: sentBy, op, ack }: Sent, oldest: Sent, event: HistoryEvent, invoke: InvokeEvent): Example {
  return {
    kind: 'acknowledged-message-lost',
    message: 'A message that was acknowledged is missing in the history of its task',
    expected: `"${clip(op.text, 60)}" was acknowledged, and the agent keeps messages that come alone: it is in the history.`,
    seen: `GetTask gave a history with the older "${clip(oldest.op.text, 60)}" and without it; another message was sent to the task at the same time.`,
    users: [sentBy.user],
    tasks: [taskIdOf(invoke.op) ?? ''],
    evidence: [sentBy, ack, invoke, event],
  };
}

/** What was missing, and is there now. Said once: a history that has it cannot make it later still. */
function late(suspicion: Example, event: HistoryEvent): Example {
  if (suspicion.kind === LATE) return suspicion;
  return {
    ...suspicion,
    kind: LATE,
    message: 'A message was acknowledged before it was in the history of its task',
    expected: `${suspicion.expected.slice(0, -1)} from then on.`,
    seen: `${suspicion.seen} A later history has it: it was answered before it was taken in.`,
    evidence: [...suspicion.evidence, event],
  };
}

function doubled({ invoke: sentBy, op }: Sent, event: HistoryEvent, invoke: InvokeEvent): Example {
  return {
    kind: 'message-kept-twice',
    message: 'A message that was sent once is in the history of its task twice',
    expected: `"${clip(op.text, 60)}" was sent once: it is in the history at most once.`,
    seen: 'The history that GetTask gave holds its messageId more than once.',
    users: [sentBy.user],
    tasks: [taskIdOf(invoke.op) ?? ''],
    evidence: [sentBy, invoke, event],
  };
}
