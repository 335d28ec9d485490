/**
 * The load script that k6 runs: it reads one file (`MUSTER_LOAD`, a `K6LoadFile`) and does what that says. Profiles are therefore written
 * once, for both engines. It judges nothing: samples are all that it leaves, and whatever it cannot do it says by giving up.
 */
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import { Counter, Gauge, Trend } from 'k6/metrics';
import { type Agent, agent, fetchCard, type Result } from 'k6/x/a2a';
import type { K6LoadFile, K6Turn } from '../harness/engines/k6/load-file.ts';
import { LEAD_MS, optionsOf } from './demand.ts';

/** The load, and after it when its users are due where they were drawn beforehand: those are in the memory of k6 once, and not in each VU. */
const shared = new SharedArray<Omit<K6LoadFile, 'due_ms'> | number>('load', () => {
  const { due_ms = [], ...rest }: K6LoadFile = JSON.parse(open(__ENV['MUSTER_LOAD'] ?? ''));
  return [rest, ...due_ms];
});
const load = shared[0] as K6LoadFile;
const isDrawn = load.demand.kind === 'open' && load.demand.arrivals === 'poisson';

/** Headers of real users stay in a file of their own (`MUSTER_USERS`), which is not written by muster. */
const users: K6LoadFile['users'] = __ENV['MUSTER_USERS']
  ? JSON.parse(open(__ENV['MUSTER_USERS'])).slice(0, load.users.length)
  : load.users;

export const options = optionsOf(load, isDrawn ? shared.length - 1 : undefined);

/** Told as a visit begins: of those that the end of the load breaks off k6 tells nothing. */
const visits = new Counter('muster_visits');
/** Of those that were drawn beforehand: when the visit was due, in milliseconds since 1970, and whether there was a VU for it by then. */
const visitDue = new Trend('muster_visit_due', true);
/** When the load began, which is before anybody came, in milliseconds since 1970; each VU tells it once. */
const began = new Gauge('muster_load_began');
/** From the message that began a task to the answer to another call that showed it over. */
const taskDuration = new Trend('muster_task_duration', true);

export function setup(): object {
  return load.target.card ?? fetchCard(load.target.url);
}

/** Of this VU; its connections live on from visit to visit. */
let target: Agent | undefined;
let hasTold = false;

export default function visit(card: object): void {
  const { url, transport } = load.target;
  try {
    target ??= agent({ url, card, ...(transport === undefined ? {} : { transport }) });
    const number = exec.scenario.iterationInTest;
    const user = users[userOf(number) % Math.max(1, users.length)];
    const name = user?.id ?? `u${userOf(number) + 1}`;
    const tag = load.tag_users ? { user: name } : {};
    const who = { headers: user?.headers ?? {}, ...tag };
    if (!hasTold) began.add(beginOf());
    hasTold = true;
    const due = comesAt(number, tag);
    if (due !== 'dropped') perform(target, pickScript(number), { name, number, who, ...(due && { due }) });
  } catch (error) {
    // k6 would go on and end with 0.
    exec.test.abort(`Failed to do visit ${exec.scenario.iterationInTest}: ${String(error)}`);
  }
}

/** Since 1970. */
const beginOf = (): number => exec.scenario.startTime + (isDrawn ? LEAD_MS : 0);

/** Waits until a visit is due that was drawn beforehand, and tells when that is; those that k6 brings are due when they come. */
function comesAt(number: number, tag: Record<string, string>): number | 'dropped' | undefined {
  if (!isDrawn) {
    visits.add(1, tag);
    return undefined;
  }
  const after_ms = shared[number + 1];
  if (typeof after_ms !== 'number') return 'dropped';
  const due = beginOf() + after_ms;
  const early_ms = due - Date.now();
  const came = early_ms > -CLOCK_MS;
  if (early_ms > 0) sleep(early_ms / 1_000);
  // Whoever ends the load wakes those who wait, and they have not come.
  if (Date.now() < due - CLOCK_MS) return 'dropped';
  visitDue.add(due, { ...tag, came: String(came) });
  return came ? due : 'dropped';
}

/** What the clock of a script tells is whole. */
const CLOCK_MS = 1;

/** In a closed load each VU is a user who comes again and again. */
function userOf(number: number): number {
  return load.demand.kind === 'closed' ? exec.vu.idInTest - 1 : number;
}

/** As the file has it; beyond that by weight, from the seed and the number of the visit, so that segments of one load draw what the whole would. */
function pickScript(number: number): readonly K6Turn[] {
  const known = load.mix[Number.parseInt(load.scripts.charAt(number), 36)];
  if (known !== undefined) return known.turns;
  const all = load.mix.reduce((sum, { weight }) => sum + weight, 0);
  let left = drawn(number, 0) * all;
  const part = load.mix.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return (part ?? load.mix[load.mix.length - 1])?.turns ?? [];
}

/** From 0 to 1, evenly, the same for the nth draw of a visit: the finaliser of MurmurHash3. */
function drawn(number: number, nth: number): number {
  let hash = Math.imul(load.seed ^ Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(nth, 0x7feb352d), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Who was not served does not go on with a conversation that there may not be. */
function perform(to: Agent, turns: readonly K6Turn[], visit: Visit): void {
  let last: Result | undefined;
  let begun: Begun | undefined;
  for (const [step, turn] of turns.entries()) {
    for (let look = 1; ; look += 1) {
      if (turn.text !== undefined && turn.follows !== 'task') begun = { by: turn.operation, at: Date.now(), turn };
      const due = step === 0 && look === 1 && visit.due !== undefined ? { due_ms: visit.due } : {};
      const who = { ...visit.who, ...due };
      const result = take(to, turn, last, `${visit.name}-${load.seed.toString(36)}-${visit.number}-${step}`, who);
      if (result === undefined) return;
      begun = tellOver(begun, turn, result);
      last = result.taskId === '' && last !== undefined ? { ...result, taskId: last.taskId } : result;
      if (result.outcome !== 'ok') {
        if (load.heeds_retry_after && result.retry_after_ms > 0) sleep(result.retry_after_ms / 1_000);
        return;
      }
      if (turn.looks_max === undefined || look >= turn.looks_max || isOver(result)) break;
      think(turn, visit.number, step + look);
    }
    if (step < turns.length - 1) think(turn, visit.number, step);
  }
}

function think({ think_ms }: K6Turn, number: number, nth: number): void {
  if (think_ms !== undefined) sleep((think_ms.from + drawn(number, nth + 1) * (think_ms.to - think_ms.from)) / 1_000);
}

/** Nothing more will come of it, or nothing until its user answers (§3.1.2, §3.2.2). */
const isOver = ({ state }: Result): boolean => !/^TASK_STATE_(SUBMITTED|WORKING)$/.test(state);

/** The task that a visit began last, until it is over. */
interface Begun {
  readonly by: K6Turn['operation'];
  readonly at: number;
  readonly turn: K6Turn;
}

/** Of the turn that began it the extension tells itself. */
function tellOver(begun: Begun | undefined, turn: K6Turn, { state }: Result): Begun | undefined {
  if (begun === undefined || !IS_TERMINAL.test(state)) return begun;
  if (turn !== begun.turn) taskDuration.add(Date.now() - begun.at, { operation: begun.by, state });
  return undefined;
}

const IS_TERMINAL = /^TASK_STATE_(COMPLETED|FAILED|CANCELED|REJECTED)$/;

interface Visit {
  readonly name: string;
  readonly number: number;
  readonly who: Who;
  readonly due?: number;
}

interface Who {
  readonly headers: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly due_ms?: number;
}

/** Nothing where the turn is about a task and there is none. */
function take(to: Agent, turn: K6Turn, last: Result | undefined, token: string, who: Who): Result | undefined {
  const { answer_ms_max: timeout_ms, answer_bytes_max, stall_ms, stream_events_max: events_max } = load;
  const call = { ...who, timeout_ms, answer_bytes_max, keep: 'none' } as const;
  const leave = turn.leave_after === undefined ? {} : { leave_after: turn.leave_after };
  const stream = { ...call, stall_ms, events_max, ...leave };
  const taskId = last?.taskId ?? '';
  switch (turn.operation) {
    case 'SendMessage': {
      const { returnImmediately } = turn;
      return to.send(messageOf(turn, last, token), {
        ...call,
        ...(returnImmediately === undefined ? {} : { returnImmediately }),
      });
    }
    case 'SendStreamingMessage':
      return to.stream(messageOf(turn, last, token), stream);
    case 'ListTasks':
      return to.list({}, call);
    default:
      if (taskId === '') return undefined;
  }
  if (turn.operation === 'SubscribeToTask') return to.subscribe(taskId, stream);
  return turn.operation === 'GetTask' ? to.get(taskId, call) : to.cancel(taskId, call);
}

function messageOf({ text = '', follows }: K6Turn, last: Result | undefined, token: string) {
  const contextId = follows !== undefined && last?.contextId ? { contextId: last.contextId } : {};
  const taskId = follows === 'task' && last?.taskId ? { taskId: last.taskId } : {};
  return { text: text.replaceAll('{token}', token), ...contextId, ...taskId };
}
