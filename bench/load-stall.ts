/** Whether the percentiles of a fixed rate are true when an agent stalls: beside wrk2's correction, from the same answers. */
import { join } from 'node:path';
import { askChild } from './child.ts';
import { CORES, startStub } from './load-ground.ts';
import { STALL_PERCENTILES } from './load-percentiles.ts';
import type { StallAnswer, StallQuestion } from './load-stall-child.ts';
import type { Benchmark } from './model.ts';
import { show, showRatio } from './numbers.ts';

const ROUNDS = 5;
const STALL = { stall_ms: 200, stall_every_ms: 1_000 };
const STALLED = { rate_per_s: 400, for_ms: 15_000, connections: 20 };

export const loadStall: Benchmark = {
  name: 'load-stall',
  title: 'Are the percentiles true when the agent stalls?',
  method:
    `${STALLED.rate_per_s} per second over ${STALLED.connections} connections, so few that whoever comes while the stub stalls waits for one; the stub answers nobody for ` +
    `${STALL.stall_ms} of each ${STALL.stall_every_ms} ms. wrk2’s correction is worked out from when the answers of the same run came and from the schedule alone: the nth of a ` +
    'fixed rate is expected n intervals after the beginning. The last line of each round is what a client tells who counts from the send.',
  measure: async (folder, quick) => {
    const rows: string[][] = [];
    let worst = 0;
    for (let round = 1; round <= (quick ? 1 : ROUNDS); round += 1) {
      await using stub = await startStub(STALL);
      const question: StallQuestion = {
        url: stub.url,
        ...STALLED,
        ...(quick ? { for_ms: 2_000 } : {}),
        folder: join(folder, `${round}`),
      };
      const answer = await askChild<StallAnswer>('load-stall-child.ts', question, [], CORES.client);
      const { answers, reported, corrected, uncorrected } = answer;
      const row = (name: string, values: readonly (number | null)[]): string[] => [
        `${round}: ${name}`,
        ...values.flatMap((value, place) => [
          show(value ?? Number.NaN),
          showRatio(value ?? Number.NaN, corrected[place] ?? Number.NaN),
        ]),
        show(answers),
      ];
      rows.push(
        row('wrk2’s correction', corrected),
        row('muster, from due', reported),
        row('no correction, from the send', uncorrected),
      );
      const off = corrected.map((value, place) => Math.abs((reported[place] ?? Number.POSITIVE_INFINITY) / value - 1));
      worst = Math.max(worst, ...off);
    }
    return {
      tables: [
        {
          caption: 'rounds one after the other; each line has the ratio over wrk2’s correction beside its number',
          columns: ['round', ...STALL_PERCENTILES.flatMap((percent) => [`p${percent} ms`, 'over wrk2']), 'answers'],
          rows,
        },
      ],
      findings: [
        `Of all percentiles of all rounds, the farthest from wrk2’s correction is ${(100 * worst).toFixed(2)} % off.`,
      ],
    };
  },
};
