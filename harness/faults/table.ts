/** All faults there are, one row each; `muster list` and the run read this table, and nothing else knows their names. */
import type { FaultName } from '../model/scenario.ts';
import { crowd } from './crowd.ts';
import { cut } from './cut.ts';
import { down } from './down.ts';
import type { Fault } from './fault.ts';
import { freeze } from './freeze.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';

export const FAULTS: { readonly [N in FaultName]: Fault<N> } = {
  kill,
  freeze,
  down,
  latency,
  crowd,
  cut,
};
