/**
 * Where scripts meet: barriers and shared values of one scenario. Nobody waits for ever: when every script that is
 * still there waits for another, all are let go with a failure, and so they are when the run is stopped.
 */
import type { Outcome } from '../../model/op.ts';
import { onceStopped, type Stop } from '../../model/stop.ts';

export interface Meeting {
  /** A script begins; call the result when it has ended. */
  enter(): () => void;
  barrier(name: string, parties: number): Promise<Outcome>;
  share(name: string, value: string): Outcome;
  awaitShared(name: string): Promise<Outcome>;
  /** Until so many more scripts have begun, nobody is taken to wait in vain; negative for those that will not come. */
  expect(scripts: number): void;
}

interface Waiter {
  readonly what: string;
  readonly release: (outcome: Outcome) => void;
}

const DONE: Outcome = { type: 'ok', value: {} };

/** `scripts_max`: so many come in all; a barrier for more waits for no more than that. */
export function openMeeting(signal: Stop, scripts_max = Number.POSITIVE_INFINITY): Meeting {
  const shared = new Map<string, string>();
  const awaiting = new Map<string, Waiter[]>();
  const barriers = new Map<string, Waiter[]>();
  let expected = 0;
  let present = 0;
  let waiting = 0;

  const releaseAll = (waiters: readonly Waiter[], outcome: (waiter: Waiter) => Outcome): void => {
    for (const waiter of waiters) {
      waiting -= 1;
      waiter.release(outcome(waiter));
    }
  };
  const releaseEveryone = (why: string): void => {
    const everyone = [...awaiting.values(), ...barriers.values()].flat();
    awaiting.clear();
    barriers.clear();
    releaseAll(everyone, ({ what }) => ({
      type: 'fail',
      error: { code: 'nobody-came', message: `waited for ${what}, but ${why}` },
    }));
  };
  const letGoIfStuck = (): void => {
    if (expected === 0 && present > 0 && waiting === present) {
      releaseEveryone('everyone who is left waits for somebody else');
    }
  };
  onceStopped(signal, () => releaseEveryone('the scenario was stopped'));

  const wait = (waiters: Map<string, Waiter[]>, name: string, what: string): Promise<Outcome> =>
    new Promise((release) => {
      const list = waiters.get(name) ?? [];
      list.push({ what, release });
      waiters.set(name, list);
      waiting += 1;
    });

  return {
    expect: (scripts) => {
      expected += scripts;
      letGoIfStuck();
    },
    enter: () => {
      expected -= 1;
      present += 1;
      return () => {
        present -= 1;
        letGoIfStuck();
      };
    },
    barrier: async (name, parties) => {
      const outcome = wait(barriers, name, `${parties} at the barrier "${name}"`);
      const waiters = barriers.get(name) ?? [];
      if (waiters.length >= Math.min(parties, scripts_max)) {
        barriers.delete(name);
        releaseAll(waiters, () => DONE);
      } else {
        letGoIfStuck();
      }
      return outcome;
    },
    share: (name, value) => {
      shared.set(name, value);
      const waiters = awaiting.get(name) ?? [];
      awaiting.delete(name);
      releaseAll(waiters, () => ({ type: 'ok', value: { value } }));
      return DONE;
    },
    awaitShared: (name) => {
      const value = shared.get(name);
      if (value !== undefined) return Promise.resolve({ type: 'ok', value: { value } });
      const outcome = wait(awaiting, name, `the shared value "${name}"`);
      letGoIfStuck();
      return outcome;
    },
  };
}
