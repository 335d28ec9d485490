/**
 * Something that is started by its first user and stopped when it has had none for a while. A call always meets it awake: while it
 * is being stopped callers wait for that, and then for the next start. It is never stopped under a call, but for being closed.
 */
import type { Gate } from './isolation.ts';

export interface SleeperOptions {
  readonly wake: () => Promise<void>;
  readonly sleep: () => Promise<void>;
  readonly idle_ms: number;
}

export interface Sleeper extends AsyncDisposable {
  readonly gate: Gate;
}

export function openSleeper({ wake, sleep, idle_ms }: SleeperOptions): Sleeper {
  let awake: Promise<void> | undefined;
  let asleep: Promise<void> = Promise.resolve();
  let calls = 0;
  let idle: NodeJS.Timeout | undefined;
  let closed: Promise<void> | undefined;

  const doze = (): Promise<void> => {
    const before = awake;
    awake = undefined;
    // What could not be started has nothing to stop.
    const stand = before?.then(
      () => true,
      () => false,
    );
    if (stand !== undefined) asleep = stand.then((stands) => (stands ? sleep() : undefined));
    return asleep;
  };
  const rouse = (): Promise<void> => {
    if (awake !== undefined) return awake;
    const woken = asleep.then(wake);
    awake = woken;
    woken.catch(() => {
      if (awake === woken) awake = undefined;
    });
    return woken;
  };

  return {
    async gate(call) {
      if (closed !== undefined) throw new Error('its session has ended');
      calls += 1;
      clearTimeout(idle);
      try {
        await rouse();
        return await call();
      } finally {
        calls -= 1;
        // What could not be stopped is told by the next who needs it, or by the close.
        if (calls === 0 && closed === undefined) idle = setTimeout(() => doze().catch(() => {}), idle_ms);
      }
    },
    [Symbol.asyncDispose]: () => {
      clearTimeout(idle);
      closed ??= doze();
      return closed;
    },
  };
}
