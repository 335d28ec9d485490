/**
 * The process gets a share of the time only, as on a machine that is busy with something else. It is not the CPU that is taken
 * from it, but the time: it is stopped and let go on in turns, which needs no privileges and keeps no core busy.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../model/reason-of.ts';
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { plural } from './proof.ts';

export const stutter: ProcessFault<'stutter'> = {
  title:
    'The process is stopped and let go on in turns (SIGSTOP, SIGCONT), so that it runs so many percent of the time; healing lets it go on',
  needs: 'process',
  attributes: { run_percent: { from: 1, to: 99, whole: true }, period_ms: { from: 20, to: 60_000, whole: true } },
  apply: ({ run_percent, period_ms }, agent, signal) => {
    const run_ms = (period_ms * run_percent) / 100;
    const over = new AbortController();
    const rest = (ms: number): Promise<void> => delay(ms, undefined, { signal: over.signal }).catch(() => {});
    let stops = 0;
    let stopped_ms = 0;
    let turns: Promise<void> | undefined;
    let trouble = '';

    const stopFor = async (ms: number): Promise<string> => {
      const proof = await agent.freeze();
      const since_ms = performance.now();
      stops += 1;
      await rest(ms);
      stopped_ms += performance.now() - since_ms;
      return proof;
    };
    const takeTurns = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await agent.thaw();
        await rest(run_ms);
        if (!over.signal.aborted) await stopFor(period_ms - run_ms);
      }
    };
    const bite = async (): Promise<string> => {
      const begun_ms = performance.now();
      const proof = await stopFor(0);
      turns = takeTurns()
        .catch((error: unknown) => {
          trouble = `; it ended early: ${reasonOf(error)}`;
        })
        .then(() => {
          const share = 1 - stopped_ms / Math.max(1, performance.now() - begun_ms);
          trouble += `; it ran ${Math.round(share * 100)} % of the time`;
        });
      return `${proof}, and are let go on for ${run_ms} of every ${period_ms} ms`;
    };
    const heal = async (): Promise<string> => {
      over.abort();
      await turns;
      return `${await agent.thaw()}, after ${plural(stops, 'stop')}${trouble}`;
    };
    return inflict(`slow "${agent.name}" down`, { bite, heal, hits: () => stops }, signal);
  },
};
