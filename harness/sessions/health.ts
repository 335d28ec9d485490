/**
 * Asks every agent of every session whether it is well, a few at a time, and has it started again when it is not. No
 * question is asked of a session that is ending, and none goes on when the watch has been closed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../model/reason-of.ts';
import type { HealthPolicy, SessionEvent } from '../model/session.ts';
import type { Life, Seat } from './life.ts';

const PROBES_AT_ONCE = 8;

export interface HealthOptions {
  readonly policy: HealthPolicy;
  readonly lives: () => Iterable<Life>;
  readonly tell: (event: SessionEvent) => void;
}

/** Disposing waits for what is under way: end the sessions first, or together with it. */
export function watchHealth({ policy, lives, tell }: HealthOptions): AsyncDisposable {
  const closing = new AbortController();
  const revivals = new Set<Promise<void>>();

  const revive = async (life: Life, index: number, seat: Seat): Promise<void> => {
    const { session } = life;
    const agent = session.agents[index]?.name ?? '';
    seat.health = 'starting';
    let last: unknown = `Agent "${agent}" does not answer, and was restarted ${seat.restarts} times before.`;
    while (life.isReady() && seat.restarts < policy.restarts_max) {
      seat.restarts += 1;
      try {
        await life.restart(index);
        seat.failures = 0;
        seat.health = 'healthy';
        if (life.isReady()) tell({ phase: 'restarted', session: session.view(), agent });
        return;
      } catch (error) {
        last = error;
        if (life.isReady()) tell({ phase: 'failing', session: session.view(), agent, message: reasonOf(error) });
      }
    }
    seat.health = 'failing';
    if (life.isReady()) life.end('failed', last).catch(() => {});
  };

  const examine = async (life: Life, index: number, seat: Seat): Promise<void> => {
    const agent = life.session.agents[index];
    const isAsked = (): boolean => life.isReady() && seat.health !== 'starting';
    if (!isAsked() || agent === undefined) return;
    const { answers, reason = 'it does not answer' } = await agent
      .probe(policy.timeout_ms)
      .catch((error: unknown) => ({ answers: false, reason: reasonOf(error) }));
    if (!isAsked()) return;
    if (answers) {
      seat.failures = 0;
      seat.health = 'healthy';
      return;
    }
    seat.failures += 1;
    seat.health = 'failing';
    tell({ phase: 'failing', session: life.session.view(), agent: agent.name, message: reason });
    if (seat.failures < policy.failures_max) return;
    // A start may take long, and the others are not to wait for it.
    const revival = revive(life, index, seat).finally(() => revivals.delete(revival));
    revivals.add(revival);
  };

  const round = async (): Promise<void> => {
    const due = [...lives()].flatMap((life) => life.seats.map((seat, index) => ({ life, seat, index })));
    const next = due.values();
    const lane = async (): Promise<void> => {
      for (const { life, seat, index } of next) {
        if (closing.signal.aborted) return;
        await examine(life, index, seat);
      }
    };
    await Promise.all(Array.from({ length: PROBES_AT_ONCE }, lane));
  };

  const watch = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await round();
      await delay(policy.every_ms, undefined, { signal: closing.signal, ref: false }).catch(() => {
        // Closed while it waited: the loop ends by its condition.
      });
    }
  };
  const watching = watch();

  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await watching;
      await Promise.all(revivals);
    },
  };
}
