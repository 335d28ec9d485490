/** Watches the harness itself: a harness that was late, or out of breath, must not accuse anybody. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Unstamped, VitalsEvent } from '../model/history.ts';

const RESOLUTION_MS = 10;
const EVERY_MS = 1_000;

export interface Vitals extends Disposable {
  /** Takes what has gathered since the last time. */
  take(): Unstamped<VitalsEvent>;
  /** Tells nothing until `wake`: agents that boot in this process keep it busy, and nobody is waiting then. */
  rest(): void;
  /** Lets go of what has gathered, and tells again; `further` is told as well, for as long as it is not at rest. */
  wake(further?: () => Partial<Unstamped<VitalsEvent>>): void;
}

export function watchVitals(emit: (event: Unstamped<VitalsEvent>) => void, openOps: () => number): Vitals {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let cpu = process.cpuUsage();
  let since_ms = performance.now();
  let scheduled = readSchedule();
  let tellFurther: () => Partial<Unstamped<VitalsEvent>> = () => ({});
  const take = (): Unstamped<VitalsEvent> => {
    const now_ms = performance.now();
    const used = process.cpuUsage(cpu);
    const before = scheduled;
    scheduled = readSchedule();
    // The histogram holds the time between two ticks of its own timer, which is never less than the resolution.
    const delay_ms = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS);
    const event: Unstamped<VitalsEvent> = {
      type: 'vitals',
      loop_delay_ms_p99: round(Number.isFinite(delay_ms) ? delay_ms : 0),
      cpu_percent: round((used.user + used.system) / 10 / Math.max(1, now_ms - since_ms)),
      rss_mb: round(process.memoryUsage.rss() / 1024 / 1024),
      open_ops: openOps(),
      ...(before &&
        scheduled && {
          scheduled: {
            ran_ms: round(scheduled.ran_ms - before.ran_ms),
            waited_ms: round(scheduled.waited_ms - before.waited_ms),
          },
        }),
      ...tellFurther(),
    };
    delays.reset();
    cpu = process.cpuUsage();
    since_ms = now_ms;
    return event;
  };
  let isResting = false;
  const timer = setInterval(() => {
    if (!isResting) emit(take());
  }, EVERY_MS);
  timer.unref();
  return {
    take,
    rest: () => {
      isResting = true;
      tellFurther = () => ({});
    },
    wake: (further = () => ({})) => {
      isResting = false;
      tellFurther = further;
      take();
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      delays.disable();
    },
  };
}

/** Of the main thread since it began (proc_pid_schedstat in the kernel's documentation of scheduler statistics: nanoseconds). */
function readSchedule(): VitalsEvent['scheduled'] {
  let text: string;
  try {
    text = readFileSync('/proc/self/schedstat', 'utf8');
  } catch {
    return undefined;
  }
  const [ran = Number.NaN, waited = Number.NaN] = text.split(' ').map(Number);
  return Number.isNaN(ran + waited) ? undefined : { ran_ms: ran / 1e6, waited_ms: waited / 1e6 };
}

const round = (value: number): number => Math.round(value * 10) / 10;
