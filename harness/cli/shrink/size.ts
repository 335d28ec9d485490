/** How large a plan is, in numbers and in words. */
import type { Only, OnlyScript, ScenarioPlan } from '../../model/plan.ts';
import type { ShrunkRecord } from '../../model/shrunk-record.ts';

export type Size = ShrunkRecord['of'];

/** `whole`: what every script of the whole plan asked for. */
export function sizeOf({ scripts, faults }: Only, whole: readonly OnlyScript[], scenario: ScenarioPlan): Size {
  const stepsOf = new Map(whole.map(({ user, device, steps = [] }) => [`${user}.${device}`, steps]));
  const left = scripts ?? whole;
  return {
    users: new Set(left.map(({ user }) => user)).size,
    ops: left.reduce((sum, { user, device, steps = stepsOf.get(`${user}.${device}`) ?? [] }) => sum + steps.length, 0),
    faults: faults?.length ?? scenario.faults.length,
  };
}

export function wordsFor({ users, ops, faults }: Size): string {
  const words = [counted(users, 'user'), counted(ops, 'op')];
  return [...words, ...(faults > 0 ? [counted(faults, 'fault')] : [])].join(', ');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
