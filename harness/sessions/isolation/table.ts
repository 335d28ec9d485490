/** All isolation strategies by their names. One file and one line here, and its name in harness/model/session.ts, adds one. */
import type { IsolationName } from '../../model/session.ts';
import { container } from './container.ts';
import { dynamic } from './dynamic.ts';
import { fixed } from './fixed.ts';
import { hashed } from './hashed.ts';
import type { IsolationStrategy } from './isolation.ts';
import { namespace } from './namespace.ts';
import { onDemand } from './on-demand.ts';
import { os } from './os.ts';
import { queue } from './queue.ts';
import { router } from './router.ts';

export const isolationStrategies: Readonly<Record<IsolationName, IsolationStrategy>> = {
  fixed,
  hashed,
  dynamic,
  os,
  namespace,
  container,
  queue,
  router,
  'on-demand': onDemand,
};
