/**
 * What each fault cost and how the agent came back, from the history alone. An op belongs to the time after a heal when it was
 * sent after it, so `seq` decides and not the clock; that time ends when another fault is asked for, and never begins while
 * another is there, since nobody could say whose doing it was. The final reading back counts for tasks only: it begins when
 * muster likes. "Before" is the calm before the first fault of the scenario.
 */
import type { FailEvent, FaultEvent, HistoryEvent, InvokeEvent, OkEvent } from '../model/history.ts';
import { linksOf } from '../model/links.ts';
import type { RecoveryRecord, UserRecoveryRecord } from '../model/record.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { type Sign, signFor, startSigns } from '../model/signs.ts';
import { type BrokenTask, startBrokenTasks } from './broken-tasks.ts';
import { type CalmWindow, OUTCOMES_MIN, startCalmWindow } from './calm-window.ts';
import { addLatency, type Latencies, percentileOf, startLatencies } from './latency.ts';
import { isUsersOperation, outcomeOf } from './pairing.ts';
import { type SentAgain, startSentAgain } from './sent-again.ts';
import { type StuckTask, startStuckTasks } from './stuck-tasks.ts';
import { hasLatency } from './tally.ts';

/** More would hide the worst, and are many for one fault. */
const USERS_TOLD_MAX = 20;
/** Of a hundred ops, five are slower than their p95. */
const SLOWER_THAN_P95 = 0.05;

export interface Recoveries {
  /** `invoke` is the op that an `event`, `ok`, `fail` or `info` belongs to. */
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  /** By `fault_id`, in the order in which faults were asked for. */
  close(): ReadonlyMap<number, RecoveryRecord>;
}

interface Lost {
  samples: number;
  failed: number;
  unknown: number;
}

/** What one user met, or all of them together. */
interface Share {
  readonly during: Lost;
  readonly after: Lost;
  first_success_ms: number | null;
  tried_in_vain: number;
}

interface Watched {
  readonly target: FaultPlan['target'];
  readonly asked_seq: number;
  readonly before: RecoveryRecord['before'];
  readonly all: Share;
  readonly users: Map<string, Share>;
  healed: { readonly seq: number; readonly time_ms: number } | null;
  /** Another fault was there when it healed, or came afterwards. */
  overlaid: boolean;
  readonly failing: CalmWindow;
  readonly slow: CalmWindow;
}

interface Calm {
  outcomes: number;
  failed: number;
  readonly latencies: Latencies;
}

const NOTHING_TO_RECOVER_FROM: Recoveries = { add: () => {}, close: () => new Map() };

/** `faults`: those of the plan. Where there are none nothing has to be remembered. */
export function startRecoveries(faults?: readonly FaultPlan[]): Recoveries {
  if (faults?.length === 0) return NOTHING_TO_RECOVER_FROM;
  const calms = new Map<string, Calm>();
  const calmOf = (target: string): Calm => {
    const calm = calms.get(target) ?? startCalm();
    calms.set(target, calm);
    return calm;
  };
  const watched = new Map<number, Watched>();
  const open = new Set<number>();
  const read = startSigns();
  const tasks = startStuckTasks();
  const broken = startBrokenTasks();
  const sentAgain = startSentAgain();

  const onFault = (event: FaultEvent): void => {
    if (event.phase === 'asked') {
      for (const one of watched.values()) one.overlaid ||= one.healed !== null;
      open.add(event.fault_id);
      watched.set(event.fault_id, watch(event, calmOf(linksOf(event.fault.target) ?? event.fault.target)));
      return;
    }
    if (event.phase !== 'applied') open.delete(event.fault_id);
    const one = watched.get(event.fault_id);
    if (event.phase !== 'healed' || one === undefined) return;
    one.healed = { seq: event.seq, time_ms: event.time_ms };
    one.overlaid ||= open.size > 0;
  };

  return {
    add(event, invoke) {
      if (event.type === 'fault') onFault(event);
      sentAgain.add(event, invoke);
      if (invoke === undefined) return;
      tasks.add(event, invoke);
      broken.add(event, invoke);
      const signs = read(event, invoke);
      if (!isUsersOperation(invoke)) return;
      if (watched.size === 0) {
        if (signs.asked !== undefined) addToCalm(calmOf(signs.asked.agent), event, invoke, signs.asked.sign);
        for (const peer of signs.peers) addToCalm(calmOf(peer), event, invoke, signs.peer);
      }
      for (const one of watched.values()) addSign(one, event, invoke, signFor(signs, one.target));
    },
    close: () => {
      const found: Found = { stuck: tasks.list(), broken: broken.list(), sentAgain: sentAgain.list() };
      return new Map([...watched].map(([fault_id, one]) => [fault_id, toRecovery(one, found)]));
    },
  };
}

function watch(event: FaultEvent, { outcomes, failed, latencies }: Calm): Watched {
  const error_rate = outcomes < OUTCOMES_MIN ? null : failed / outcomes;
  return {
    target: event.fault.target,
    asked_seq: event.seq,
    before: { samples: outcomes, error_rate, p95_ms: percentileOf(latencies, 95) },
    all: startShare(),
    users: new Map(),
    healed: null,
    overlaid: false,
    failing: startCalmWindow(error_rate ?? 0),
    slow: startCalmWindow(SLOWER_THAN_P95),
  };
}

function addSign(one: Watched, event: HistoryEvent, invoke: InvokeEvent, sign: Sign | undefined): void {
  if (sign === undefined || event.seq < one.asked_seq) return;
  const mine = one.users.get(invoke.user) ?? startShare();
  one.users.set(invoke.user, mine);
  const { healed } = one;
  if (healed === null || invoke.seq < healed.seq) {
    if (!isOutcome(event)) return;
    for (const share of [one.all, mine]) addLoss(share.during, event, sign);
    return;
  }
  if (one.overlaid) return;
  const after_ms = rounded(event.time_ms - healed.time_ms);
  for (const share of [one.all, mine]) {
    if (sign === 'success') share.first_success_ms ??= after_ms;
    else if (share.first_success_ms === null) share.tried_in_vain += 1;
    if (isOutcome(event)) addLoss(share.after, event, sign);
  }
  if (!isOutcome(event)) return;
  one.failing.add(after_ms, sign === 'failure');
  if (sign === 'failure') one.slow.add(after_ms, true);
  else if (hasLatency(outcomeOf(event)))
    one.slow.add(after_ms, event.time_ms - invoke.due_ms > (one.before.p95_ms ?? 0));
}

interface Found {
  readonly stuck: readonly StuckTask[];
  readonly broken: readonly BrokenTask[];
  readonly sentAgain: readonly SentAgain[];
}

type Counts = Pick<RecoveryRecord, 'stuck' | 'broken_off' | 'resumed' | 'sent_again' | 'doubled'>;

/** Of all users or of one. Only what went to the fault's own target broke off, or got lost, by its doing. */
function countsOf({ target, asked_seq, healed }: Watched, found: Found, user?: string): Counts {
  const healed_seq = healed?.seq ?? Number.POSITIVE_INFINITY;
  const isHis = (one: { readonly user: string }): boolean => user === undefined || one.user === user;
  const isItsDoing = (one: { readonly agent: string }, from_seq: number, to_seq: number): boolean =>
    one.agent === target && from_seq < healed_seq && to_seq > asked_seq;
  const broken = found.broken.filter((one) => isHis(one) && isItsDoing(one, one.asked_seq, one.broke_seq));
  const again = found.sentAgain.filter((one) => isHis(one) && isItsDoing(one, one.sent_seq, one.lost_seq));
  return {
    stuck: found.stuck.filter((one) => isHis(one) && one.seen_seq < healed_seq).length,
    broken_off: broken.length,
    resumed: broken.filter(({ isResumed }) => isResumed).length,
    sent_again: again.length,
    doubled: again.filter(({ isDoubled }) => isDoubled).length,
  };
}

function toRecovery(one: Watched, found: Found): RecoveryRecord {
  const { all, before, overlaid, users } = one;
  const isJudged = all.after.samples >= OUTCOMES_MIN;
  const told = [...users].map(
    ([user, share]): UserRecoveryRecord => ({ user, ...sharedBy(share), ...countsOf(one, found, user) }),
  );
  return {
    overlaid,
    before,
    ...sharedBy(all),
    error_rate_back_ms: isJudged && before.error_rate !== null ? one.failing.since_ms() : null,
    p95_back_ms: isJudged && before.p95_ms !== null ? one.slow.since_ms() : null,
    ...countsOf(one, found),
    users_all: told.length,
    users: told.filter(isHurt).sort(byHarm).slice(0, USERS_TOLD_MAX),
  };
}

const sharedBy = ({ during, after, first_success_ms, tried_in_vain }: Share) => ({
  first_success_ms,
  tried_in_vain,
  lost_during: { ...during },
  lost_after: { ...after },
});

const lossOf = ({ lost_during, lost_after }: UserRecoveryRecord): number =>
  lost_during.failed + lost_during.unknown + lost_after.failed + lost_after.unknown;

const isHurt = (user: UserRecoveryRecord): boolean => lossOf(user) + user.stuck > 0;

/** Who never came back first, then who has stuck tasks, then who lost most, then by name so that the order is one. */
function byHarm(a: UserRecoveryRecord, b: UserRecoveryRecord): number {
  const never = (user: UserRecoveryRecord): number =>
    user.first_success_ms === null && user.tried_in_vain > 0 ? 1 : 0;
  return never(b) - never(a) || b.stuck - a.stuck || lossOf(b) - lossOf(a) || (a.user < b.user ? -1 : 1);
}

function addToCalm(calm: Calm, event: HistoryEvent, invoke: InvokeEvent, sign: Sign | undefined): void {
  if (sign === undefined || !isOutcome(event)) return;
  calm.outcomes += 1;
  if (sign === 'failure') calm.failed += 1;
  else if (hasLatency(outcomeOf(event))) addLatency(calm.latencies, event.time_ms - invoke.due_ms);
}

/** A task that failed for want of its peer was answered, and is lost all the same. */
function addLoss(lost: Lost, event: OkEvent | FailEvent, sign: Sign): void {
  lost.samples += 1;
  if (sign === 'success') return;
  if (event.type === 'info') lost.unknown += 1;
  else lost.failed += 1;
}

const isOutcome = (event: HistoryEvent): event is OkEvent | FailEvent =>
  event.type === 'ok' || event.type === 'fail' || event.type === 'info';

const startCalm = (): Calm => ({ outcomes: 0, failed: 0, latencies: startLatencies() });
const startLost = (): Lost => ({ samples: 0, failed: 0, unknown: 0 });
const startShare = (): Share => ({ during: startLost(), after: startLost(), first_success_ms: null, tried_in_vain: 0 });
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
