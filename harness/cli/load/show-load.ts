/** Tells how a load is going: a line that moves on a terminal, and in CI and files one line every ten seconds. */
import type { HistoryEvent } from '../../model/history.ts';
import type { Plan } from '../../model/plan.ts';
import { durationOf } from '../../plan/make-load.ts';
import type { Progress } from '../progress.ts';
import { describeTick, startTicker } from './load-ticker.ts';

const EVERY_S = 10;

export function showLoad(plan: Plan, out: NodeJS.WriteStream): Progress {
  const moving = out.isTTY === true && process.env['CI'] === undefined;
  const of_s = plan.load === undefined ? 0 : Math.ceil(durationOf(plan.load.demand) / 1000);
  const ticker = startTicker();
  const clear = (): void => {
    if (moving) out.write('\r\u001b[2K');
  };
  return {
    onEvent(event: HistoryEvent) {
      const tick = ticker.add(event);
      if (tick === undefined) return;
      if (moving) {
        clear();
        out.write(describeTick(tick, of_s));
      } else if (tick.at_s % EVERY_S === 0) out.write(`${describeTick(tick, of_s)}\n`);
    },
    [Symbol.dispose]: clear,
  };
}
