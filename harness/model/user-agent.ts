/** Who muster says that it is to an agent: whoever finds a load in his logs is to know what it was, and where to read about it. */
import type { Plan } from './plan.ts';

export const ABOUT_URL = 'https://www.npmjs.com/package/a2a-muster';

/** For who asks for a card and knows of no plan. */
export const CARD_USER_AGENT = `a2a-muster (+${ABOUT_URL})`;

export const userAgentOf = ({ muster, load }: Pick<Plan, 'muster' | 'load'>): string =>
  load === undefined ? `muster/${muster}` : `a2a-muster/${muster} (+${ABOUT_URL})`;
