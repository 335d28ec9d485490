/**
 * Reads a history once and gives its verdict. It knows nothing but the plan and the events, so that judging while the
 * run goes on and judging the file tomorrow give the same verdict, byte for byte. Memory: the ops in flight, and what
 * the checks write that they remember.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, RunEnded, RunStarted } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { FindingRecord, GateRecord, ScenarioVerdict, Verdict } from '../model/record.ts';
import { dayOf, followEntries } from './baseline.ts';
import { toFaultRecords } from './fault-records.ts';
import { type Feed, type Numbers, startFeed } from './feed.ts';
import { evaluateGate, parseGate } from './gates.ts';
import { loadRulesOf } from './load-metrics.ts';
import { addVitals, distrustLoad, type LoadVitals, startLoadVitals } from './load-validity.ts';
import { type Metrics, mergeMetrics, startMetrics } from './metrics.ts';
import { type Pairing, startPairing } from './pairing.ts';
import { type PeerCalls, startPeerCalls } from './peer-calls.ts';
import { type Recall, wholeEvidence } from './recall.ts';
import { type Recoveries, startRecoveries } from './recovery.ts';
import { startTrial, type Trial } from './scenario-trial.ts';
import { judgeScenario } from './scenario-verdict.ts';
import { type Starvation, startStarvation } from './starvation.ts';
import { judgeRun } from './verdict.ts';

export interface Judge {
  /** Events in the order of the history. */
  add(event: HistoryEvent): void;
  /** Numbers of a load that are in no history, since not all of its users are; several parts are added. */
  take(scenario: string, measured: Metrics): void;
  /** `recall` gives the history once more, for the evidence of findings. */
  close(recall: Recall): Verdict;
}

interface Case {
  readonly trial: Trial;
  readonly pair: Pairing;
  /** What was fed, and what was taken. */
  readonly metrics: Metrics;
  taken: Metrics | undefined;
  readonly feed: Feed;
  readonly vitals: LoadVitals;
  readonly starvation: Starvation;
  readonly recoveries: Recoveries;
  readonly peerCalls: PeerCalls;
}

const NOT_SEEN = { seen: false, ended: false, broken: null, notApplicable: null, lacks: null, early: null } as const;

/** Throws `GateError` for a gate of the plan that cannot be read. */
export function startJudge(plan: Plan, checks: readonly Check[], numbers?: Numbers): Judge {
  const gates = plan.gates.map(parseGate);
  const scenarioByName = new Map(plan.scenarios.map((scenario) => [scenario.name, scenario]));
  const cases = new Map<string, Case>();
  const strangers = new Set<string>();
  const { load } = plan;
  const used = load?.checks === 'off' ? checks.filter(({ judges }) => judges === 'harness') : checks;
  const isMeasured = gates.length > 0 || load !== undefined;
  let started: RunStarted | null = null;
  let ended: RunEnded | null = null;

  const caseOf = (name: string): Case | undefined => {
    const known = cases.get(name);
    if (known !== undefined) return known;
    const scenario = scenarioByName.get(name);
    if (scenario === undefined) return undefined;
    const metrics = startMetrics(loadRulesOf(plan));
    const opened: Case = {
      trial: startTrial(plan, scenario, used),
      pair: startPairing(),
      metrics,
      taken: undefined,
      feed: startFeed(metrics, load, numbers),
      vitals: startLoadVitals(),
      starvation: startStarvation(),
      recoveries: startRecoveries(scenario.faults),
      peerCalls: startPeerCalls(),
    };
    cases.set(name, opened);
    return opened;
  };

  return {
    add(event) {
      if (event.type === 'run' && event.phase === 'started') started = event;
      if (event.type === 'run' && event.phase === 'ended') ended = event;
      if (event.scenario === '') return;
      const open = caseOf(event.scenario);
      if (open === undefined) {
        strangers.add(event.scenario);
        return;
      }
      const invoke = open.pair(event);
      open.trial.add(event, invoke);
      open.peerCalls.add(event);
      if (event.type === 'vitals') {
        addVitals(open.vitals, event, plan.policy.harness_lag_ms_max);
        open.starvation.add(event);
      }
      if (!isMeasured) return;
      open.feed(event, invoke);
      open.recoveries.add(event, invoke);
    },
    take(scenario, measured) {
      const open = caseOf(scenario);
      if (open === undefined) strangers.add(scenario);
      else open.taken = open.taken === undefined ? measured : mergeMetrics(open.taken, measured);
    },
    close(recall) {
      const day = dayOf(started?.started_at);
      const closed = new Map([...cases].map(([name, { trial }]) => [name, trial.close()]));
      const whole = wholeEvidence(
        [...closed.values()].flat().flatMap(({ result }) => result?.findings ?? []),
        recall,
      );
      const scenarios = plan.scenarios.map((scenario): ScenarioVerdict => {
        const known = cases.get(scenario.name);
        const outcomes = closed.get(scenario.name) ?? [];
        return judgeScenario(plan, scenario, known?.trial.progress() ?? NOT_SEEN, outcomes, {
          day,
          waited_percent: known?.starvation.waitedPercent() ?? null,
          whole,
          callsCausedBy: known?.peerCalls.causedBy ?? (() => []),
          distrust: load === undefined || known === undefined ? [] : distrustLoad(load, allOf(known), known.vitals),
        });
      });
      const applicable = scenarios.filter((scenario) => scenario.applicable);
      const measured = {
        metrics: applicable.flatMap(({ name }) => {
          const known = cases.get(name);
          return known === undefined ? [] : allOf(known);
        }),
        faults: applicable.flatMap(({ name }) => {
          const known = cases.get(name);
          return known === undefined ? [] : toFaultRecords(known.metrics.faults, known.recoveries.close());
        }),
        findings: applicable.reduce((sum, { findings }) => sum + findings.filter(isNew).length, 0),
        evidence: applicable.reduce((sum, { checks }) => sum + checks.reduce((all, one) => all + one.evidence, 0), 0),
      };
      const records = gates.map((gate): GateRecord => evaluateGate(gate, measured));
      const verdict = judgeRun({ ended, scenarios, gates: records, strangers: [...strangers] });
      if (plan.baseline === undefined) return verdict;
      const { path, findings } = plan.baseline;
      return { ...verdict, baseline: { path, findings: followEntries(findings, day, scenarios) } };
    },
  };
}

const allOf = ({ metrics, taken }: Case): Metrics => (taken === undefined ? metrics : mergeMetrics(metrics, taken));

const isNew = ({ accepted }: FindingRecord): boolean => accepted !== true;

export function judge(plan: Plan, history: Iterable<HistoryEvent>, checks: readonly Check[]): Verdict {
  const open = startJudge(plan, checks);
  for (const event of history) open.add(event);
  return open.close(() => history);
}
