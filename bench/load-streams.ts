/** What a stream of ten events costs who makes the load, beside k6 with our extension. */

import { findK6Rival } from './load-rivals.ts';
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

const LAYERS: readonly Layer[] = [
  { client: 'json', name: 'undici’s dispatch, JSON.parse of each event' },
  ...LAYERS_OF_MUSTER,
];

export const loadStreams: Benchmark = {
  name: 'load-streams',
  title: 'What does an event of a stream cost who makes the load?',
  method: METHOD,
  measure: async (folder, quick) => {
    const k6 = await findK6Rival('stream', AT_ONCE);
    const all = await measureInTurns(folder, [...LAYERS, k6], quick ? QUICK_PACE : PACE, true);
    const ofK6 = all.find(({ side }) => side === k6);
    return {
      tables: [tableOf(all, 'events', ofK6, 'SendStreamingMessage, ten events each')],
      findings: [
        `Events of a CPU second with the SDK client and all checks on, over k6 with our extension: ${showOver(ofClient(all, 'on'), ofK6, 'events')}; with checks off: ${showOver(ofClient(all, 'off'), ofK6, 'events')}.`,
      ],
    };
  },
};
