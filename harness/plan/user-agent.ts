/** Who muster says that it is to an agent: whoever finds a load in his logs is to know what it was, and where to read about it. */
import type { Plan } from '../model/plan.ts';

export const ABOUT_URL = 'https://www.npmjs.com/package/a2a-muster';

export const userAgentOf = ({ muster, load }: Pick<Plan, 'muster' | 'load'>): string =>
  load === undefined ? `muster/${muster}` : `a2a-muster/${muster} (+${ABOUT_URL})`;
