/** What one message costs who makes the load: layer by layer, beside autocannon, wrk and k6. */

import { findK6Rival, findWrk } from './load-rivals.ts';
import {
  AT_ONCE,
  LAYERS_OF_MUSTER,
  type Layer,
  METHOD,
  measureInTurns,
  ofClient,
  PACE,
  QUICK_PACE,
  showOver,
  tableOf,
} from './load-rounds.ts';
import type { Benchmark } from './model.ts';
import { versionOf } from './versions.ts';

const LAYERS: readonly Layer[] = [
  { client: 'socket', name: 'a socket of Node' },
  { client: 'http', name: 'undici’s dispatch', adds: 'HTTP' },
  { client: 'json', name: 'undici’s dispatch, JSON.parse', adds: 'JSON' },
  ...LAYERS_OF_MUSTER,
];

export const loadUnary: Benchmark = {
  name: 'load-unary',
  title: 'What does a message cost who makes the load?',
  method: METHOD,
  measure: async (folder, quick) => {
    const cannon: Layer = {
      client: 'autocannon',
      name: `autocannon ${versionOf('autocannon')}, which looks at no body`,
    };
    const [wrk, k6] = [findWrk(AT_ONCE), await findK6Rival('unary', AT_ONCE)];
    const all = await measureInTurns(folder, [wrk, cannon, ...LAYERS, k6], quick ? QUICK_PACE : PACE, false);
    const autocannon = ofClient(all, 'autocannon');
    const ofK6 = all.find(({ side }) => side === k6);
    const ofWrk = all.find(({ side }) => side === wrk);
    return {
      tables: [tableOf(all, 'requests', autocannon, 'SendMessage, one answer each')],
      findings: [
        `Requests of a CPU second with the SDK client in the loop and checks off, over autocannon: ${showOver(ofClient(all, 'off'), autocannon, 'requests')}; of muster’s wire alone: ${showOver(ofClient(all, 'wire'), autocannon, 'requests')}.`,
        `The same over wrk, which is the limit: ${showOver(ofClient(all, 'off'), ofWrk, 'requests')}.`,
        `With a history and all checks on, over k6 with checks of the JSON: ${showOver(ofClient(all, 'on'), ofK6, 'requests')}.`,
      ],
    };
  },
};
