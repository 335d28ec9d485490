/** Tells how a load is going: a line that moves on a terminal, and in CI and files one line every ten seconds. */
import type { Plan } from '../../model/plan.ts';
import { durationOf } from '../../plan/make-load.ts';
import type { Progress } from '../progress.ts';
import { describeTick, startTicker, type Tick, type Ticker } from './load-ticker.ts';

const EVERY_S = 10;

export interface LoadProgress extends Progress {
  /** Of users who are not written down. */
  readonly measures: {
    op(measured: Parameters<Ticker['op']>[0]): void;
    visit(due_ms: number, came: boolean): void;
  };
}

export function showLoad(plan: Plan, out: NodeJS.WriteStream): LoadProgress {
  const moving = out.isTTY === true && process.env['CI'] === undefined;
  const of_s = plan.load === undefined ? 0 : Math.ceil(durationOf(plan.load.demand) / 1000);
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
