/**
 * The other programs on the machine that a scenario's plan asks for: each is a real process, each act of it is told in the
 * history with proof, and all of them are gone when the scenario is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Warden } from '../../agents/warden.ts';
import type { Heard, NeighbourEvent, Unstamped } from '../../model/history.ts';
import type { PortLease } from '../../model/live.ts';
import type { PortsPlan } from '../../model/plan.ts';
import type { NeighbourPlan, StrangerAnswer } from '../../model/scenario.ts';
import { type Neighbour, openSwitchboard, type Switchboard } from './call-neighbours.ts';

export interface NeighboursOptions {
  readonly plan: readonly NeighbourPlan[];
  readonly warden: Warden;
  readonly log_folder: string;
  /** What the names of their logs begin with. */
  readonly prefix: string;
  /** Headers that only users send. */
  readonly user_headers: readonly string[];
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
}

export interface Neighbours extends AsyncDisposable {
  /** Those who were there first, on ports of blocks that are leased for them until they listen. */
  moveIn(blocks: readonly PortLease[]): Promise<void>;
  /** Those who lease on the same range; resolves when each of them has, and they go on. */
  shareRange(ports: PortsPlan): Promise<void>;
  /** An agent is being started on a port, which it has perhaps not bound yet. */
  agentStarts(port: number): Promise<void>;
}

/** How long one of them holds a block, and how long it then waits: long enough for the others to come between. */
const HOLD_MS = 60;
const HOLD_STEP_MS = 5;

type Told<E> = E extends NeighbourEvent ? Omit<Unstamped<E>, 'type' | 'neighbour'> : never;

export async function openNeighbours(options: NeighboursOptions): Promise<Neighbours> {
  const { plan, user_headers, emit } = options;
  const board: Switchboard | undefined = plan.length > 0 ? await openSwitchboard(options) : undefined;
  const strangers: Neighbour[] = [];
  const leaving = new AbortController();
  const under_way: Promise<void>[] = [];
  const told: Promise<void>[] = [];
  /** What is still to be grabbed, and by whom. */
  const thefts: { readonly thief: Neighbour; readonly answers: StrangerAnswer }[] = [];

  const tell = ({ name }: Neighbour, event: Told<NeighbourEvent>): void =>
    emit({ type: 'neighbour', neighbour: name, ...event } as Unstamped<NeighbourEvent>);

  const call = async (what: NeighbourPlan['neighbour'], number: number): Promise<Neighbour> => {
    if (board === undefined) throw new Error(`Failed to call a ${what}: the scenario has no neighbours.`);
    const neighbour = await board.call(`${what}-${number}`);
    tell(neighbour, { phase: 'came', what, pid: neighbour.pid });
    return neighbour;
  };
  const callStranger = async (what: 'squatter' | 'thief'): Promise<Neighbour> => {
    const stranger = await call(what, strangers.length + 1);
    strangers.push(stranger);
    let heard: readonly Heard[] = [];
    leaving.signal.addEventListener('abort', () => {
      under_way.push(
        stranger.ask({ ask: 'heard', user_headers }).then((reply) => {
          heard = reply.heard ?? [];
        }),
      );
    });
    told.push(stranger.ended.then((end) => tell(stranger, { phase: 'left', ...end, heard })));
    return stranger;
  };

  const grab = async (stranger: Neighbour, port: number, answers: StrangerAnswer): Promise<void> => {
    const { refused } = await stranger.ask({ ask: 'grab', port, answers });
    const who = `process ${stranger.pid}`;
    const proof = stranger.listensOn(port) ? `${who} listens on it` : `${who} says that it listens on it`;
    if (refused === undefined) tell(stranger, { phase: 'took', port, answers, proof });
    else tell(stranger, { phase: 'kept-out', port, proof: `${who} was refused the port: ${refused}` });
  };

  const leaseOne = async (neighbour: Neighbour, ports: PortsPlan): Promise<readonly number[] | undefined> => {
    const reply = await neighbour.ask({ ask: 'lease', ports });
    if (reply.ports !== undefined) emit({ type: 'port', phase: 'leased', holder: neighbour.name, ports: reply.ports });
    return reply.ports;
  };
  const giveBack = async (neighbour: Neighbour, ports: readonly number[]): Promise<void> => {
    emit({ type: 'port', phase: 'returned', holder: neighbour.name, ports });
    await neighbour.ask({ ask: 'return' });
  };

  /** Leases and returns until the users have left. */
  const comeAndGo = async (neighbour: Neighbour, place: number, ports: PortsPlan, held: readonly number[]) => {
    const pause_ms = HOLD_MS + HOLD_STEP_MS * place;
    for (let block: readonly number[] | undefined = held; ; block = await leaseOne(neighbour, ports)) {
      await delay(pause_ms, undefined, { signal: leaving.signal }).catch(() => {});
      if (block !== undefined) await giveBack(neighbour, block);
      if (leaving.signal.aborted) return;
      await delay(pause_ms, undefined, { signal: leaving.signal }).catch(() => {});
      if (leaving.signal.aborted) return;
    }
  };
  const callLessee = async (place: number, ports: PortsPlan): Promise<void> => {
    const lessee = await call('lessee', place + 1);
    told.push(lessee.ended.then((end) => tell(lessee, { phase: 'left', ...end, heard: [] })));
    const held = await leaseOne(lessee, ports);
    if (held === undefined) throw new Error(`Failed to let "${lessee.name}" share the range: it got no block at all.`);
    under_way.push(comeAndGo(lessee, place, ports, held));
  };
  const callCasualty = async (ports: PortsPlan): Promise<void> => {
    const casualty = await call('casualty', 1);
    while ((await leaseOne(casualty, ports)) !== undefined);
    const proof = await casualty.kill();
    const { asked } = await casualty.ended;
    tell(casualty, { phase: 'left', asked, proof, heard: [] });
  };

  return {
    async moveIn(blocks) {
      for (const each of plan) {
        if (each.neighbour === 'thief') {
          const thief = await callStranger('thief');
          thefts.push(...each.answers.map((answers) => ({ thief, answers })));
        }
        if (each.neighbour !== 'squatter') continue;
        const squatter = await callStranger('squatter');
        const chosen = blocks.filter((_, index) => index % 2 === 1).slice(0, each.blocks);
        for (const block of chosen) {
          const port = block.ports[Math.floor(block.ports.length / 2)] ?? 0;
          await block.free(port);
          await grab(squatter, port, 'page');
        }
      }
    },
    async shareRange(ports) {
      for (const each of plan) {
        if (each.neighbour === 'casualty') await callCasualty(ports);
        if (each.neighbour !== 'lessee') continue;
        await Promise.all(Array.from({ length: each.processes }, (_, place) => callLessee(place, ports)));
      }
    },
    async agentStarts(port) {
      const theft = thefts.shift();
      if (theft !== undefined) await grab(theft.thief, port, theft.answers);
    },
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await Promise.allSettled(under_way);
      await board?.[Symbol.asyncDispose]();
      await Promise.all(told);
    },
  };
}
