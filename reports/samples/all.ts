/** The sample records by name, for tests that hold for every report. */
import type { RunRecord } from '../../harness/model/record.ts';
import { EMPTY } from './base.ts';
import { failing } from './failing.ts';
import { hostile } from './hostile.ts';
import { interrupted } from './interrupted.ts';
import { isolated } from './isolated.ts';
import { known } from './known.ts';
import { loaded } from './loaded.ts';
import { passing } from './passing.ts';

export const samples: Readonly<Record<string, RunRecord>> = {
  failing,
  passing,
  known,
  interrupted,
  hostile,
  isolated,
  loaded,
  empty: EMPTY,
};
