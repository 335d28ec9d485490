/** Names of users that programs like to take for one another, each with its kin, and some that nothing could be taken for. */
import type { UserName } from './kinship.ts';

const LONG = `muster-long-${'x'.repeat(288)}`;

export const ODD_NAMES: readonly UserName[] = [
  'muster-plain-one',
  'muster-plain-two',
  null,
  'unknown',
  'anonymous',
  'null',
  'undefined',
  'muster-case',
  'Muster-Case',
  'muster-jos\u00e9',
  'muster-jose\u0301',
  'muster-paul',
  'muster-p\u0430ul',
  'muster-short',
  'muster-shorter',
  `${LONG}-one`,
  `${LONG}-two`,
  '__proto__',
];
