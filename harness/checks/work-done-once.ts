/**
 * Servers that work together do what any of them is asked, once, also while others of them are lost or cut off; and each of them
 * can tell of it in the conversation that it belongs to. A server that has just come, or come back, is given time to join, and
 * what is done while servers are cut off from each other need only be known on the side where it was asked for.
 */
import type { Check } from '../model/check.ts';
import type { FailEvent, FaultEvent, HistoryEvent, InvokeEvent, OkEvent } from '../model/history.ts';
import { linksOf } from '../model/links.ts';
import type { SendOp } from '../model/op.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import { stringsIn } from '../model/strings-in.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { clip, isSend, listOf, stateOf, textOf } from './parts/reading.ts';

interface Done {
  readonly token: string;
  readonly invoke: InvokeEvent;
  readonly end: OkEvent;
  /** The servers that were cut off from the others at any moment while it was done. */
  readonly cut_off: ReadonlySet<string>;
}

export const workDoneOnce: Check = {
  name: 'work-done-once',
  title: 'Whichever server is asked, work is done once, also when others are lost, and all servers can tell of it',
  section: 'policy',
  memory: 'What was done in the latest 10,000 conversations, and one entry per server and fault.',
  judges: 'agent',
  reads: ['fault', 'agent', 'ok', 'fail', 'info'],
  ops: ['SendMessage'],
  aspects: ['beside-a-loss', 'beside-a-partition', 'told'],
  start: ({ plan, scene: { faults } }) => {
    const findings = startFindings();
    const doneIn = startLatest<readonly Done[]>();
    /** When a server last came or came back, by name. */
    const came = new Map<string, HistoryEvent>();
    const hurt = new Map<number, FaultEvent>();
    /** By fault: the server whose links it hurts, and until when, as `seq`; null while it does. */
    const partitions = new Map<number, { readonly server: string; readonly until: number | null }>();
    const seen = { done: 0, 'beside-a-loss': 0, 'beside-a-partition': 0, told: 0 };

    const onFault = (event: FaultEvent): void => {
      if (event.phase === 'asked') hurt.set(event.fault_id, event);
      if (event.phase === 'healed' || event.phase === 'failed') hurt.delete(event.fault_id);
      if (event.phase === 'healed') came.set(event.fault.target, event);
      const server = linksOf(event.fault.target);
      const until = event.phase === 'healed' || event.phase === 'failed' ? event.seq : null;
      if (server !== undefined) partitions.set(event.fault_id, { server, until });
    };

    const cutOffSince = (seq: number): ReadonlySet<string> =>
      new Set([...partitions.values()].flatMap(({ server, until }) => (until === null || until > seq ? server : [])));

    const judgeWork = (event: OkEvent | FailEvent, invoke: InvokeEvent, op: SendOp): void => {
      // A fault on the server that was asked is an excuse, and one on another is none.
      if (faults.touched(invoke)) return;
      if (event.type !== 'ok' && /^(aborted|no-socket)$/.test(event.error.code)) return;
      seen.done += 1;
      const cut_off = cutOffSince(invoke.seq);
      if (cut_off.size > 0) seen['beside-a-partition'] += 1;
      else if (faults.touchedAny(invoke)) seen['beside-a-loss'] += 1;
      const task = event.type === 'ok' ? recordOf(recordOf(event.value)['task']) : {};
      const lost = [...hurt.values()];
      if (event.type !== 'ok' || stateOf(task) !== 'TASK_STATE_COMPLETED') {
        findings.report(notDone(event, invoke, op, stateOf(task), lost));
        return;
      }
      const times = timesIn(task, op.token);
      if (op.echoes && times > 1) findings.report(doneTwice(event, invoke, op, times, task));
      const contextId = textOf(task['contextId']);
      if (contextId === undefined) return;
      const key = keyOf(invoke.user, contextId);
      doneIn.set(key, [...(doneIn.get(key) ?? []), { token: op.token, invoke, end: event, cut_off }]);
    };

    const judgeTold = (event: HistoryEvent, invoke: InvokeEvent, op: SendOp): void => {
      if (event.type !== 'ok' || op.contextId === undefined || faults.touched(invoke)) return;
      const told = stringsIn([recordOf(event.value)['task'], recordOf(event.value)['message']])
        .join('\n')
        .toLowerCase();
      const here = came.get(op.agent)?.time_ms ?? Number.POSITIVE_INFINITY;
      const joined_ms = Math.max(here, ...[...came.values()].map(({ time_ms }) => time_ms)) + plan.policy.join_ms_max;
      for (const done of doneIn.get(keyOf(invoke.user, op.contextId)) ?? []) {
        if (done.end.seq > invoke.seq || done.invoke.time_ms < joined_ms || isBeyond(done, op.agent)) continue;
        seen.told += 1;
        if (!told.includes(done.token.toLowerCase()))
          findings.report(notTold(done, invoke, op, event, came.get(op.agent)));
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault') onFault(event);
        if (event.type === 'agent' && event.phase === 'ready') came.set(event.agent, event);
        if (event.type === 'agent' && event.phase === 'stopped') came.delete(event.agent);
        if (invoke === undefined || !isSend(invoke.op) || invoke.op.op !== 'SendMessage') return;
        if (event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return;
        if (invoke.op.behaviour === 'coordinates') judgeWork(event, invoke, invoke.op);
        if (invoke.op.behaviour === 'observes') judgeTold(event, invoke, invoke.op);
      },
      close: () => {
        const { done, ...aspects } = seen;
        return { evidence: done, findings: findings.list(), aspects };
      },
    };
  },
};

/** Every server that is cut off is a side of its own. */
function isBeyond({ invoke: { op }, cut_off }: Done, observer: string): boolean {
  const asked = isSend(op) ? op.agent : undefined;
  return asked !== observer && [asked, observer].some((server) => server !== undefined && cut_off.has(server));
}

const keyOf = (user: string, contextId: string): string => JSON.stringify([user, contextId]);

/** In what the agent says: its artifacts and its status, not the question that its task's history repeats. */
function timesIn(task: Json, token: string): number {
  const said = stringsIn([...listOf(task['artifacts']), recordOf(task['status'])['message']]).join('\n');
  // Part of another token it may not be: `…x0x1` is no `…x0x12`.
  return said.toLowerCase().split(new RegExp(`${token.toLowerCase()}(?!\\d)`)).length - 1;
}

function notDone(
  event: OkEvent | FailEvent,
  invoke: InvokeEvent,
  op: SendOp,
  state: string | undefined,
  lost: readonly FaultEvent[],
): Example {
  const others = lost.map(({ fault }) => fault.target).filter((target) => target !== op.agent);
  const ended = event.type === 'ok' ? `the answer was ${state ?? 'no task'}` : `it failed as ${event.error.code}`;
  return {
    kind: 'work-not-done',
    message: others.length > 0 ? 'Work was not done because another server was lost' : 'Work was not done',
    expected: `${op.agent} has the work done by a server that is there.`,
    seen: `${others.length > 0 ? `${others.join(' and ')} was lost, and ` : ''}${ended}.`,
    users: [invoke.user],
    tasks: [],
    evidence: [...lost, invoke, event],
  };
}

function doneTwice(event: OkEvent, invoke: InvokeEvent, op: SendOp, times: number, task: Json): Example {
  return {
    kind: 'work-done-twice',
    message: 'Work was done more than once',
    expected: `One worker does "${clip(op.text, 60)}", and the answer says so once.`,
    seen: `The answer says ${op.token} ${times} times.`,
    users: [invoke.user],
    tasks: [textOf(task['id']) ?? ''],
    evidence: [invoke, event],
  };
}

function notTold(
  done: Done,
  invoke: InvokeEvent,
  op: SendOp,
  event: HistoryEvent,
  came: HistoryEvent | undefined,
): Example {
  return {
    kind: 'work-not-told',
    message: 'A server did not know what was done by the others',
    expected: `Work that was asked of a server after ${op.agent} had joined is known to ${op.agent}, too.`,
    seen: `It did not tell of "${clip(done.token, 60)}", which was done before it was asked.`,
    users: [invoke.user],
    tasks: [],
    evidence: [came, done.invoke, done.end, invoke, event],
  };
}
