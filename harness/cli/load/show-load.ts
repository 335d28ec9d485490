/** Tells how a load is going: a line that moves on a terminal, and in CI and files one line every ten seconds. */
import type { Plan } from '../../model/plan.ts';
import { lengthOf } from '../../plan/due-times.ts';
import type { Progress } from '../progress.ts';
import { describeTick, startTicker, type Tick } from './load-ticker.ts';

const EVERY_S = 10;

export function showLoad(plan: Plan, out: NodeJS.WriteStream): Progress {
  const moving = out.isTTY === true && process.env['CI'] === undefined;
  const of_s = plan.load === undefined ? 0 : Math.ceil(lengthOf(plan.load.demand) / 1000);
  const ticker = startTicker();
  const clear = (): void => {
    if (moving) out.write('\r\u001b[2K');
  };
  const show = (tick: Tick | undefined): void => {
    if (tick === undefined) return;
    if (moving) {
      clear();
      out.write(describeTick(tick, of_s));
    } else if (tick.at_s % EVERY_S === 0) out.write(`${describeTick(tick, of_s)}\n`);
  };
  return {
    onEvent: (event) => show(ticker.add(event)),
    measures: {
      op: (measured) => show(ticker.op(measured)),
      visit: (due_ms, came) => show(ticker.visit(due_ms, came)),
    },
    [Symbol.dispose]: clear,
  };
}
