/**
 * Puts a guard between a load and the world, whatever engine makes the load: no request leaves without its leave, and it sees what is
 * written down as well as what is only measured.
 */
import type { World } from '../engines/node/world.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Wire } from '../model/live.ts';
import type { Outcome } from '../model/op.ts';
import type { LoadGuard } from './load-guard.ts';

type Speaking = Exclude<ReturnType<World['wireOf']>, undefined>;

export interface Guarded<M> {
  readonly guard: LoadGuard<M>;
  /** Gives an op of a user when it is over, and nothing for all other events. */
  readonly measuring: (event: HistoryEvent) => M | undefined;
}

export function guardWorld<M>(world: World, { guard, measuring }: Guarded<M>): World {
  const guarded = new WeakMap<Speaking, Speaking>();
  const withLeave = (wire: Speaking): Speaking => {
    const perform: Wire['perform'] = (op, options) =>
      guard.maySend(op.op === 'HostileRequest' ? 'SendMessage' : op.op)
        ? wire.perform(op, options)
        : Promise.resolve(notSent(op.op));
    return { ...wire, perform };
  };
  return {
    ...world,
    signal: AbortSignal.any([world.signal, guard.signal]),
    emit: (event) => {
      const stamped = world.emit(event);
      if (stamped.type === 'user' && (stamped.phase === 'arrived' || stamped.phase === 'dropped')) {
        guard.visit(stamped.due_ms, stamped.phase === 'arrived');
      }
      const measurement = measuring(stamped);
      if (measurement !== undefined) guard.add(measurement);
      return stamped;
    },
    wireOf: (agent, over) => {
      const wire = world.wireOf(agent, over);
      if (wire === undefined) return undefined;
      const known = guarded.get(wire);
      if (known !== undefined) return known;
      const asking = withLeave(wire);
      guarded.set(wire, asking);
      return asking;
    },
  };
}

const notSent = (op: string): Outcome => ({
  type: 'info',
  error: { code: 'aborted', message: `muster did not send ${op}, for the load was stopped` },
});

/** Of users who are not written down. */
export interface Measures<M> {
  op(measurement: M): void;
  visit(due_ms: number, came: boolean, user: number): void;
}

export function guardMeasures<M>(measures: Measures<M>, guard: LoadGuard<M>): Measures<M> {
  return {
    op: (measurement) => {
      measures.op(measurement);
      guard.add(measurement);
    },
    visit: (due_ms, came, user) => {
      measures.visit(due_ms, came, user);
      guard.visit(due_ms, came);
    },
  };
}
