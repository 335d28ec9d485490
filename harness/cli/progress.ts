/** Tells how a run is going: a line that moves on a terminal, a plain line per scenario in CI and in files. */
import type { HistoryEvent } from '../model/history.ts';
import type { Measures } from '../model/measurement.ts';
import { isProtocolOp, READING_BACK } from '../model/op.ts';
import type { Plan } from '../model/plan.ts';

const EVERY_MS = 100;

export interface Progress extends Disposable {
  readonly onEvent: (event: HistoryEvent) => void;
  /** Of users of a load who are not written down. */
  readonly measures?: Measures;
}

export function showProgress(plan: Plan, out: NodeJS.WriteStream): Progress {
  const moving = out.isTTY === true && process.env['CI'] === undefined;
  const width = Math.max(...plan.scenarios.map(({ name }) => name.length));
  let state = { name: '', ops: 0, began_ms: 0, at: 0, note: '' };
  let shown_ms = 0;
  const line = (now_ms: number): string => {
    const seconds = ((now_ms - state.began_ms) / 1000).toFixed(1);
    const head = `  ${String(state.at).padStart(2)}/${plan.scenarios.length} ${state.name.padEnd(width)}`;
    return state.note === '' ? `${head} ${state.ops} ops, ${seconds} s` : `${head} ${state.note}`;
  };
  const clear = (): void => {
    if (moving) out.write('\r\u001b[2K');
  };
  return {
    onEvent(event) {
      if (event.type === 'invoke' && isProtocolOp(event.op) && event.step !== READING_BACK) state.ops += 1;
      if (event.type === 'scenario') {
        if (event.phase === 'started') {
          state = { name: event.scenario, ops: 0, began_ms: event.time_ms, at: state.at + 1, note: '' };
        } else if (event.phase === 'not-applicable') {
          state.note = 'not applicable';
        } else if (event.phase === 'broken') {
          state.note = 'could not be carried out';
        } else if (event.phase === 'ended') {
          clear();
          out.write(`${line(event.time_ms)}\n`);
          return;
        }
      }
      if (moving && event.time_ms - shown_ms > EVERY_MS && state.name !== '') {
        shown_ms = event.time_ms;
        clear();
        out.write(line(event.time_ms));
      }
    },
    [Symbol.dispose]: clear,
  };
}
