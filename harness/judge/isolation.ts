/**
 * What an isolation strategy cost, from the sessions that the history tells of. Times are between events, so that judging again
 * gives the same numbers. Memory: one entry per session that has not come to its end.
 */
import type { HistoryEvent, SessionHistoryEvent } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { IsolationRecord, ScenarioVerdict, Verdict } from '../model/record.ts';
import { addLatency, type Latencies, startLatencies, toLatency } from './latency.ts';

/** Those whose findings are about one user and what is another's. */
const ISOLATION_CHECKS: ReadonlySet<string> = new Set(['user-isolation', 'access-matrix']);

type Measured = Extract<SessionHistoryEvent, { readonly phase: 'measured' }>;
/** What the events tell; whether users met is for the checks to say. */
export type SessionCosts = Omit<IsolationRecord, 'scenario' | 'strategy' | 'findings'>;

export interface SessionTally {
  add(event: HistoryEvent): void;
  close(): SessionCosts;
}

interface Counts {
  asked: number;
  opened: number;
  refused: number;
  failed: number;
  conflicts: number;
  at_once_max: number;
  refusal: string | null;
}

interface State {
  readonly counts: Counts;
  readonly waiting: Latencies;
  readonly boot: Latencies;
  readonly cold_starts: Latencies;
  /** When its turn came, of each session that is not open yet. */
  readonly turns: Map<string, { readonly asked_ms: number; readonly turn_ms: number }>;
  readonly open: Set<string>;
  /** The largest of each. */
  readonly measured: Map<string, Measured>;
}

export function startSessionTally(): SessionTally {
  const state: State = {
    counts: { asked: 0, opened: 0, refused: 0, failed: 0, conflicts: 0, at_once_max: 0, refusal: null },
    waiting: startLatencies(),
    boot: startLatencies(),
    cold_starts: startLatencies(),
    turns: new Map(),
    open: new Set(),
    measured: new Map(),
  };
  return {
    add(event) {
      if (event.type === 'port' && event.phase === 'stolen') state.counts.conflicts += 1;
      if (event.type === 'session') addSession(state, event);
    },
    close: () => ({
      ...state.counts,
      waiting: toLatency(state.waiting),
      boot: toLatency(state.boot),
      cold_starts: toLatency(state.cold_starts),
      memory: memoryOf([...state.measured.values()], state.counts.opened),
    }),
  };
}

function addSession({ counts, waiting, boot, cold_starts, turns, open, measured }: State, event: SessionHistoryEvent) {
  const { session, time_ms } = event;
  switch (event.phase) {
    case 'asked':
      counts.asked += 1;
      turns.set(session, { asked_ms: time_ms, turn_ms: time_ms });
      break;
    case 'admitted':
      turns.set(session, { asked_ms: turns.get(session)?.asked_ms ?? time_ms, turn_ms: time_ms });
      break;
    case 'conflict':
      counts.conflicts += 1;
      break;
    case 'refused':
    case 'failed':
      counts[event.phase] += 1;
      counts.refusal ??= event.message;
      turns.delete(session);
      break;
    case 'opened': {
      const { asked_ms, turn_ms } = turns.get(session) ?? { asked_ms: time_ms, turn_ms: time_ms };
      turns.delete(session);
      addLatency(waiting, turn_ms - asked_ms);
      addLatency(boot, time_ms - turn_ms);
      counts.opened += 1;
      open.add(session);
      counts.at_once_max = Math.max(counts.at_once_max, open.size);
      break;
    }
    case 'woken':
      addLatency(cold_starts, event.boot_ms);
      break;
    case 'measured':
      if (event.memory_mb > (measured.get(session)?.memory_mb ?? -1)) measured.set(session, event);
      break;
    case 'ended':
      open.delete(session);
      break;
  }
}

function memoryOf(measured: readonly Measured[], sessions: number): IsolationRecord['memory'] {
  if (measured.length === 0 || sessions === 0) return null;
  const all_mb = measured.reduce((sum, { memory_mb }) => sum + memory_mb, 0);
  return {
    per_session_mb: Math.round((all_mb / sessions) * 10) / 10,
    sessions,
    processes: measured.reduce((sum, { processes }) => sum + processes, 0),
    // One that could only be counted in full makes the sum a sum of such.
    memory_is: measured.every(({ memory_is }) => memory_is === 'pss') ? 'pss' : 'rss',
  };
}

/** One for each scenario that has a strategy, in the order of the plan; also for those that could not be carried out. */
export function toIsolationRecords(
  plan: Plan,
  verdict: Verdict,
  costs: ReadonlyMap<string, SessionCosts>,
): readonly IsolationRecord[] {
  return plan.scenarios.flatMap(({ name: scenario, isolation: strategy }) => {
    if (strategy === undefined) return [];
    const findings = findingsOf(verdict.scenarios.find(({ name }) => name === scenario));
    return [{ scenario, strategy, ...(costs.get(scenario) ?? startSessionTally().close()), findings }];
  });
}

function findingsOf(scenario: ScenarioVerdict | undefined): number | null {
  const isAbout = ({ check }: { readonly check: string }): boolean => ISOLATION_CHECKS.has(check);
  const looked = scenario?.checks.filter(isAbout).some(({ evidence }) => evidence > 0) ?? false;
  const found = scenario?.findings.filter(isAbout) ?? [];
  if (!looked && found.length === 0) return null;
  return found.reduce((sum, { occurrences }) => sum + occurrences, 0);
}
