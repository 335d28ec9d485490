/**
 * The verdict of a run in plain words, the same in every report: one word, how bad, one headline. Someone who reads
 * nothing else must not be misled, so what is inconclusive or interrupted never sounds like a pass.
 */
import type { FindingRecord, GateRecord, RunRecord } from '../harness/model/record.ts';
import { count, listed } from './measure.ts';
import { clip } from './visible.ts';

const ALSO_SHOWN = 6;

export interface Outcome {
  readonly word: string;
  readonly tone: 'good' | 'bad' | 'warn';
  /** What the agent did, or what held. */
  readonly headline: string;
}

export interface PlacedFinding {
  readonly finding: FindingRecord;
  readonly scenario: RunRecord['scenarios'][number];
  /** Counts all findings of the run, from 1. */
  readonly number: number;
}

export function findingsOf(record: RunRecord): readonly PlacedFinding[] {
  const all = record.scenarios.flatMap((scenario) => scenario.findings.map((finding) => ({ finding, scenario })));
  return all.map((placed, index) => ({ ...placed, number: index + 1 }));
}

export interface Mistake {
  readonly first: PlacedFinding;
  /** The other scenarios that show it; empty where there is none. */
  readonly also: string;
  readonly findings: number;
}

/** One mistake shows in many scenarios: it is told where it showed first. */
export const mistakesOf = (all: readonly PlacedFinding[]): readonly Mistake[] =>
  [...Map.groupBy(all, ({ finding }) => `${finding.check}/${finding.kind}`).values()].flatMap(([first, ...again]) => {
    const names = again.map(({ scenario }) => clip(scenario.name, 60));
    return first === undefined ? [] : [{ first, also: listed(names, ALSO_SHOWN), findings: 1 + names.length }];
  });

/** `3 passed, 1 failed, 1 not applicable`, in this order, leaving out what did not occur. */
export function tally(record: RunRecord): string {
  const words = [
    ['pass', 'passed'],
    ['fail', 'failed'],
    ['inconclusive', 'inconclusive'],
    ['not-applicable', 'not applicable'],
  ] as const;
  const told = words.map(([verdict, word]) => {
    const found = record.scenarios.filter((scenario) => scenario.verdict === verdict).length;
    return found === 0 ? '' : `${found} ${word}`;
  });
  return told.filter((text) => text !== '').join(', ') || 'no scenario ran';
}

/** What a gate measured, in the unit in which it is written. */
export function gateValue({ gate, value }: GateRecord): string {
  if (value === null) return 'no number';
  return `${Math.round(value * 1000) / 1000}${gate.trim().endsWith('%') ? ' %' : ''}`;
}

/** What a reader must know of agents that were not real, or nothing. */
export function simulation({ run }: RunRecord): string | null {
  if (run.mode === 'simulated') {
    return "Simulated: the agents answered in muster's own process, without sockets, so nothing is proved of network, ports and processes.";
  }
  if (run.simulated_agents === 0) return null;
  return `${count(run.simulated_agents, 'agent was', 'agents were')} simulated because ports ran out: they answered in muster's own process, without sockets.`;
}

/** Accepted ones are told, and no reader is to take them for held. */
function heldHeadline(record: RunRecord): string {
  const held = new Set<string>();
  for (const scenario of record.scenarios)
    for (const check of scenario.checks) if (check.status === 'held') held.add(check.check);
  const passed = record.scenarios.filter((scenario) => scenario.verdict === 'pass').length;
  const where = `in ${passed} of ${count(record.scenarios.length, 'scenario')}`;
  const accepted = findingsOf(record);
  // A load whose checks were off stands on its gates alone; what held then is about muster.
  const areOff = record.scenarios.some(({ metrics }) => metrics?.load?.checks === 'off');
  if (areOff && record.gates.length > 0)
    return `${count(record.gates.length, 'gate was', 'gates were')} met; nothing else was asked`;
  if (accepted.length === 0) return `All ${count(held.size, 'check')} that met evidence held, ${where}`;
  for (const { finding } of accepted) held.delete(finding.check);
  return `Nothing new: ${count(accepted.length, 'known finding is', 'known findings are')} accepted for a while, and ${count(held.size, 'other check')} held, ${where}`;
}

export function outcome(record: RunRecord): Outcome {
  const first = findingsOf(record).find(({ finding }) => finding.accepted !== true);
  const missed = record.gates.find(({ status }) => status === 'missed');
  if (first === undefined && missed !== undefined && record.exit_code === 3) {
    const value = missed.value === null ? '' : `: ${gateValue(missed)}`;
    return { word: 'GATE MISSED', tone: 'bad', headline: `The gate ${missed.gate} was missed${value}` };
  }
  if (record.verdict === 'fail') {
    const headline = first?.finding.message ?? record.reasons[0] ?? 'The run failed';
    return { word: 'FAIL', tone: 'bad', headline };
  }
  if (record.verdict === 'inconclusive') {
    const reason = record.reasons[0] ?? record.scenarios.flatMap((scenario) => scenario.reasons)[0];
    return {
      word: 'INCONCLUSIVE',
      tone: 'warn',
      headline: `Not enough for a verdict: ${firstSentence(reason ?? 'nothing was judged')}`,
    };
  }
  return { word: 'PASS', tone: 'good', headline: heldHeadline(record) };
}

/** Whatever comes after it is told where the reasons are. */
const firstSentence = (text: string): string => /^.+?(?=[.] [A-Z])/s.exec(text)?.[0] ?? text;

/** What a reader must know first of a run that did not end by itself; null where it did. */
export function interruption(record: RunRecord): string | null {
  if (record.run.ended === 'finished') return null;
  const how = record.run.ended === 'interrupted' ? 'was interrupted before its end' : 'ended early';
  return `This run ${how}. It judges only what had happened until then.`;
}
