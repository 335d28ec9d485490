/**
 * What a run proved and what it did not, over all scenarios. A pass is worth what its checks could have seen, so both
 * halves are told together in every report that people read.
 */
import type { RunRecord } from '../harness/model/record.ts';

export interface HeldCheck {
  readonly check: string;
  /** How many times it could have failed, over all scenarios. */
  readonly evidence: number;
  readonly scenarios: number;
}

/** Scenarios or checks that say nothing, all for the same reason. */
export interface Unjudged {
  readonly kind: 'scenario' | 'check';
  readonly names: readonly string[];
  readonly why: string;
}

/** Checks that held wherever they met evidence. */
export function heldChecks(record: RunRecord): readonly HeldCheck[] {
  const held = new Map<string, HeldCheck>();
  const spoilt = new Set<string>();
  for (const { checks } of record.scenarios) {
    for (const { check, status, evidence } of checks) {
      if (status === 'violated' || status === 'crashed') spoilt.add(check);
      if (status !== 'held') continue;
      const before = held.get(check) ?? { check, evidence: 0, scenarios: 0 };
      held.set(check, { check, evidence: before.evidence + evidence, scenarios: before.scenarios + 1 });
    }
  }
  return [...held.values()].filter(({ check }) => !spoilt.has(check));
}

type Single = readonly [kind: Unjudged['kind'], name: string, why: string];

/** Scenarios without a verdict of their own, then checks that crashed or met no evidence anywhere. */
export function unjudged(record: RunRecord): readonly Unjudged[] {
  const groups = new Map<string, Unjudged>();
  for (const [kind, name, why] of [
    ...openScenarios(record),
    ...crashedChecks(record),
    ...checksWithoutEvidence(record),
  ]) {
    const group = groups.get(`${kind} ${why}`) ?? { kind, names: [], why };
    groups.set(`${kind} ${why}`, { ...group, names: [...group.names, name] });
  }
  return [...groups.values()];
}

/** Reasons one after the other, whether they are sentences or not. */
export function joinedReasons(reasons: readonly string[]): string {
  const parts = reasons.map((reason) => reason.trim().replace(/\.$/, ''));
  return parts.join('; ') || 'no reason given';
}

function openScenarios(record: RunRecord): readonly Single[] {
  return record.scenarios
    .filter(({ verdict }) => verdict === 'not-applicable' || verdict === 'inconclusive')
    .map(({ name, verdict, reasons }) => {
      const word = verdict === 'inconclusive' ? 'inconclusive' : 'not applicable';
      return ['scenario', name, `${word}: ${joinedReasons(reasons)}`];
    });
}

const noted = (note: string | undefined): string => (note === undefined ? '' : `: ${note}`);

function crashedChecks(record: RunRecord): readonly Single[] {
  return record.scenarios.flatMap(({ name, checks }) =>
    checks
      .filter(({ status }) => status === 'crashed')
      .map(({ check, note }): Single => ['check', check, `crashed in ${name}${noted(note)}`]),
  );
}

function checksWithoutEvidence(record: RunRecord): readonly Single[] {
  const met = new Set<string>();
  const notes = new Map<string, string | undefined>();
  for (const { checks } of record.scenarios) {
    for (const { check, status, note } of checks) {
      if (status !== 'no-evidence') met.add(check);
      else if (notes.get(check) === undefined) notes.set(check, note);
    }
  }
  return [...notes]
    .filter(([check]) => !met.has(check))
    .map(([check, note]) => ['check', check, `no evidence in any scenario${noted(note)}`]);
}
