/** Blocks of ports, leased and returned where the history can see it. */
import { StrangerOnPort } from '../agents/agent-errors.ts';
import type { Unstamped } from '../model/history.ts';
import type { PortLease, PortPool } from '../model/live.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';

/** So many blocks are tried before the strangers on them are taken for a reason to stop. */
const BLOCKS_TRIED_MAX = 5;

export interface Blocks {
  /**
   * Leases a block and starts something on it. A stranger on one of its ports costs the block, which nobody else gets while
   * the scenario lasts, and another is tried. Throws `PortsExhausted`, or what the start threw; then nothing stays leased.
   */
  startOn<T>(
    holder: string,
    start: (lease: PortLease) => Promise<T>,
  ): Promise<{ readonly started: T; readonly lease: PortLease }>;
  giveBack(lease: PortLease): Promise<void>;
}

/** `lingeringOn` counts connections of former holders, where somebody wants to know. */
export function openBlocks(
  pool: PortPool,
  emit: (event: Unstamped) => void,
  lingeringOn?: (ports: readonly number[]) => number,
): Blocks {
  const lease = async (holder: string): Promise<PortLease> => {
    try {
      const block = await pool.lease(holder);
      const { ports } = block;
      const lingering = lingeringOn?.(ports);
      emit({ type: 'port', phase: 'leased', holder, ports, ...(lingering === undefined ? {} : { lingering }) });
      return block;
    } catch (error) {
      if (error instanceof PortsExhausted) {
        const { held, all, message } = error;
        emit({ type: 'port', phase: 'refused', holder, blocks_held: held, blocks_all: all, message });
      }
      throw error;
    }
  };
  const giveBack = async (block: PortLease): Promise<void> => {
    // Told before it is done: once the ports are free, the next lease of them may be told at any moment.
    emit({ type: 'port', phase: 'returned', holder: block.holder, ports: block.ports });
    await block[Symbol.asyncDispose]();
  };
  return {
    giveBack,
    async startOn(holder, start) {
      for (let tried = 1; ; tried += 1) {
        const block = await lease(holder);
        try {
          return { started: await start(block), lease: block };
        } catch (error) {
          if (!(error instanceof StrangerOnPort) || tried >= BLOCKS_TRIED_MAX) {
            await giveBack(block);
            throw error;
          }
          emit({ type: 'port', phase: 'stolen', holder, ports: block.ports, by: error.by });
        }
      }
    },
  };
}
