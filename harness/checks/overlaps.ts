/**
 * Counts how often what a scenario is about came about: ops that really were in flight at once. It accuses nobody; a scenario names
 * in `mustExercise` the kinds without which it has shown nothing. An op is in flight from its `invoke` to its completion, and
 * overlaps are counted once for each op that began while another was. Muster's own reading back is nobody's provocation.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp, PROTOCOL_OPS, type ProtocolOp } from '../model/op.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, isReadBack, isSend, isTerminal, taskIdOf } from './parts/reading.ts';

/** What one op in flight counts for, to be taken back when it ends. */
interface Flight {
  readonly keys: string[];
  isTaskKnown: boolean;
  /** For a cancel: nobody had seen the end of its task when it was sent. */
  racesForTask: string | undefined;
}

const ASPECTS = [
  'same-task',
  'two-senders',
  'same-context',
  'same-user',
  'cancel-meets-end',
  'together',
  'all',
] as const;
type Aspect = (typeof ASPECTS)[number];

export const overlaps: Check = {
  name: 'overlaps',
  title: 'Ops were in flight at once, as often as it says',
  section: 'policy',
  memory: 'A few counters for each op in flight, and whether the latest 10,000 tasks are over.',
  judges: 'harness',
  aspects: ASPECTS,
  reads: ['invoke', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ scene }) => {
    const flights = new Map<number, Flight>();
    /** How many ops in flight each task, user, context or round has. */
    const inFlight = new Map<string, number>();
    const over = startLatest<true>();
    /** The same by life: most answers are about what is over already. */
    const isOver = scene.tasks.perTask<true>();
    /** Cancels in flight, by task. */
    const races = new Map<string, Set<number>>();
    const counts = Object.fromEntries(ASPECTS.map((aspect) => [aspect, 0])) as Record<Aspect, number>;
    let met = 0;
    let most = 0;

    const countOf = (key: string): number => inFlight.get(key) ?? 0;

    const isKnownOver = (op: ProtocolOp, taskId: string): boolean => over.has(keyOf('task', op, taskId));

    const hold = (flight: Flight, key: string): void => {
      if (flight.keys.includes(key)) return;
      flight.keys.push(key);
      inFlight.set(key, countOf(key) + 1);
    };

    const begin = (invoke: InvokeEvent, op: ProtocolOp): void => {
      const taskId = taskIdOf(op);
      const task = taskId === undefined ? undefined : keyOf('task', op, taskId);
      const flight: Flight = { keys: [], isTaskKnown: task !== undefined, racesForTask: undefined };
      const user = `user\n${invoke.user}`;
      if (flights.size > 0) met += 1;
      if (flights.size > countOf(user)) counts.all += 1;
      if (task !== undefined && countOf(task) > 0) counts['same-task'] += 1;
      flights.set(invoke.op_id, flight);
      most = Math.max(most, flights.size);
      hold(flight, user);
      if (task !== undefined) hold(flight, task);
      if (isSend(op)) beginSend(flight, invoke, op, taskId);
      if (op.op === 'CancelTask' && task !== undefined && !over.has(task)) {
        flight.racesForTask = task;
        races.set(task, (races.get(task) ?? new Set()).add(invoke.op_id));
      }
    };

    const beginSend = (
      flight: Flight,
      { user }: InvokeEvent,
      op: Extract<ProtocolOp, { readonly messageId: string }>,
      taskId: string | undefined,
    ): void => {
      const shared: readonly (readonly [aspect: Aspect, key: string | undefined])[] = [
        ['same-user', `sender\n${user}`],
        // To a task that is known to be over nobody can say anything.
        ['two-senders', taskId === undefined || isKnownOver(op, taskId) ? undefined : keyOf('sends', op, taskId)],
        ['same-context', op.contextId === undefined ? undefined : keyOf('context', op, op.contextId)],
      ];
      for (const [aspect, key] of shared) {
        if (key === undefined) continue;
        if (countOf(key) > 0) counts[aspect] += 1;
        hold(flight, key);
      }
      if (op.together === undefined) return;
      const round = keyOf('together', op, op.together.name);
      hold(flight, round);
      if (countOf(round) === op.together.parties) counts.together += 1;
    };

    /** A send tells of its task and its context while it is in flight only where it streams. */
    const learn = (flight: Flight, event: HistoryEvent, invoke: InvokeEvent, op: ProtocolOp): void => {
      const [seen] = event.type === 'event' ? observe(event, invoke) : [];
      if (seen === undefined) return;
      flight.isTaskKnown = true;
      hold(flight, keyOf('task', op, seen.taskId));
      if (isSend(op) && seen.contextId !== undefined) hold(flight, keyOf('context', op, seen.contextId));
    };

    const end = (flight: Flight, op_id: number): void => {
      flights.delete(op_id);
      for (const key of flight.keys) {
        const left = countOf(key) - 1;
        if (left > 0) inFlight.set(key, left);
        else inFlight.delete(key);
      }
    };

    /** The end of a task was told, or a cancel was refused since it had come: who was about to cancel it was just too late. */
    const onOver = (task: string, state: string | undefined): void => {
      if (over.has(task)) return;
      over.set(task, true);
      const racing = races.get(task);
      races.delete(task);
      if (state !== 'TASK_STATE_CANCELED') counts['cancel-meets-end'] += racing?.size ?? 0;
    };

    const watchEnds = (flight: Flight, event: HistoryEvent, invoke: InvokeEvent, op: ProtocolOp): void => {
      for (const { taskId, state } of observe(event, invoke)) {
        const task = isTerminal(state) ? scene.tasks.of(invoke, taskId) : undefined;
        if (!isTerminal(state) || (task !== undefined && isOver.get(task) !== undefined)) continue;
        if (task !== undefined) isOver.set(task, true);
        onOver(keyOf('task', op, taskId), state);
      }
      const raced = flight.racesForTask;
      if (raced === undefined || event.type === 'event') return;
      if (event.type === 'fail' && event.error?.code === 'TaskNotCancelableError') onOver(raced, undefined);
      const racing = races.get(raced);
      racing?.delete(invoke.op_id);
      if (racing?.size === 0) races.delete(raced);
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke') {
          if (isProtocolOp(event.op) && !isReadBack(event)) begin(event, event.op);
          return;
        }
        if (invoke === undefined || !isProtocolOp(invoke.op)) return;
        const flight = flights.get(invoke.op_id);
        if (flight === undefined) return;
        watchEnds(flight, event, invoke, invoke.op);
        if (!flight.isTaskKnown) learn(flight, event, invoke, invoke.op);
        if (event.type !== 'event') end(flight, invoke.op_id);
      },
      close: () => ({
        evidence: met,
        findings: [],
        aspects: { ...counts },
        ...(most > 0 && { note: noteOf(counts, most) }),
      }),
    };
  },
};

const keyOf = (kind: string, { agent }: ProtocolOp, name: string): string => `${kind}\n${agent}\n${name}`;

function noteOf(counts: Readonly<Record<Aspect, number>>, most: number): string {
  const told = ASPECTS.map((aspect) => `${aspect} ${counts[aspect]}`).join(', ');
  return `Overlaps: ${told}; at most ${most} ops were in flight at once.`;
}
