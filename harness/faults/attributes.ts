/**
 * What a fault's attributes may be, as data: configs, plans and docs are all held against the same ranges, and every
 * mistake is told at once with what is allowed.
 */
import { OPERATION_NAMES } from '../model/op.ts';
import type { FaultName, FaultPlan } from '../model/scenario.ts';

export type Attribute = (
  | { readonly from: number; readonly to: number; readonly whole?: true }
  | { readonly oneOf: readonly (string | number)[] }
) & { readonly optional?: true };

type OwnKeys<P> = P extends FaultPlan ? Exclude<keyof P, 'fault' | 'target' | 'begins' | 'for_ms' | 'match'> : never;

/** A row for each attribute of the one fault; of any fault, whatever there is. */
export type Attributes<N extends FaultName> = [FaultName] extends [N]
  ? Readonly<Record<string, Attribute>>
  : { readonly [K in OwnKeys<Extract<FaultPlan, { readonly fault: N }>>]: Attribute };

const HOUR_MS = 3_600_000;
const LARGE = 1_073_741_824;

export const DELAY_MS: Attribute = { from: 0, to: HOUR_MS };
export const COUNT: Attribute = { from: 0, to: LARGE, whole: true };
export const ORDINAL: Attribute = { from: 1, to: LARGE, whole: true };

export const MATCH = {
  operation: { oneOf: [...OPERATION_NAMES, 'GetExtendedAgentCard'], optional: true },
  task: { ...ORDINAL, optional: true },
  nth: { ...ORDINAL, optional: true },
  probability: { from: 0, to: 1, optional: true },
} as const satisfies Readonly<Record<string, Attribute>>;

const COMMON = ['fault', 'target', 'begins', 'for_ms', 'match'];

export interface AttributeProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** All that is wrong with a plan's own attributes and its match; nothing where it can be applied. */
export function attributeProblems(
  plan: Readonly<Record<string, unknown>>,
  attributes: Readonly<Record<string, Attribute>>,
  canMatch: boolean,
): readonly AttributeProblem[] {
  const problems = problemsWith(plan, attributes, COMMON, []);
  const match = plan['match'];
  if (match === undefined) return problems;
  if (!canMatch)
    return [...problems, { path: ['match'], message: `"${plan['fault']}" hits everybody or nobody; leave it out` }];
  if (typeof match !== 'object' || match === null) {
    return [...problems, { path: ['match'], message: `it must hold ${['user', ...Object.keys(MATCH)].join(', ')}` }];
  }
  const user: unknown = 'user' in match ? match.user : undefined;
  const isName = typeof user === 'string' && /^u[1-9]\d*$/.test(user);
  const unnamed = { path: ['match', 'user'], message: `${JSON.stringify(user)} is no user; the first is "u1"` };
  return [
    ...problems,
    ...(user === undefined || isName ? [] : [unnamed]),
    ...problemsWith(match, MATCH, ['user'], ['match']),
  ];
}

function problemsWith(
  values: object,
  attributes: Readonly<Record<string, Attribute>>,
  known: readonly string[],
  at: readonly string[],
): AttributeProblem[] {
  const given = new Map<string, unknown>(Object.entries(values));
  const allowed = [...known, ...Object.keys(attributes)];
  const unknown = [...given.keys()]
    .filter((name) => !allowed.includes(name))
    .map((name) => ({ path: [...at, name], message: `there is no "${name}"; there are ${allowed.join(', ')}` }));
  const wrong = Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = given.get(name);
    if (value === undefined && attribute.optional) return [];
    if (fits(value, attribute)) return [];
    const said = value === undefined ? 'it is missing' : `it is ${JSON.stringify(value)}`;
    return [{ path: [...at, name], message: `${said}, and must be ${rangeOf(attribute)}` }];
  });
  return [...unknown, ...wrong];
}

function fits(value: unknown, attribute: Attribute): boolean {
  if ('oneOf' in attribute) return attribute.oneOf.some((each) => each === value);
  if (typeof value !== 'number' || !(value >= attribute.from && value <= attribute.to)) return false;
  return attribute.whole !== true || Number.isInteger(value);
}

export function rangeOf(attribute: Attribute): string {
  if ('oneOf' in attribute) return `one of ${attribute.oneOf.join(', ')}`;
  return `a ${attribute.whole ? 'whole ' : ''}number from ${attribute.from} to ${attribute.to}`;
}
