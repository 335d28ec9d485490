/**
 * What is around a scenario: the part of the range that is its own to lease from, and its neighbours there. A part of the range
 * is found by leasing it for a moment, so it lies where no other process of muster is just then.
 */
import type { Warden } from '../../agents/warden.ts';
import type { Unstamped } from '../../model/history.ts';
import type { HeadersOf } from '../../model/live.ts';
import type { Plan, PortsPlan, ScenarioPlan } from '../../model/plan.ts';
import { onlyBlocks } from '../../ports/blocks.ts';
import { openPortPool } from '../../ports/port-pool.ts';
import { openNeighbours } from './open-neighbours.ts';

export interface SurroundingsOptions {
  readonly plan: Plan;
  readonly scenario: ScenarioPlan;
  readonly warden: Warden;
  readonly log_folder: string;
  readonly headersOf: HeadersOf;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
}

export interface Surroundings extends AsyncDisposable {
  /** Where the scenario leases. */
  readonly ports: PortsPlan;
  /** An agent is about to be started on a port. */
  agentStarts(port: number): Promise<void>;
}

export async function openSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { plan, scenario, headersOf } = options;
  await using opening = new AsyncDisposableStack();
  const overheard = scenario.neighbours === undefined ? 0 : scenario.users;
  const headers = await Promise.all(Array.from({ length: overheard }, (_, index) => headersOf(index)));
  const names = headers.flatMap((each) => Object.keys(each));
  const user_headers = [...new Set(names.map((name) => name.toLowerCase()))];
  const neighbours = opening.use(
    await openNeighbours({ ...options, plan: scenario.neighbours ?? [], user_headers, prefix: `${scenario.name}-` }),
  );
  const ports = await findRange(plan.ports, scenario.range, neighbours.moveIn);
  await neighbours.shareRange(ports);
  const closers = opening.move();
  return { ports, agentStarts: neighbours.agentStarts, [Symbol.asyncDispose]: () => closers.disposeAsync() };
}

async function findRange(
  ports: PortsPlan,
  blocks: number | undefined,
  moveIn: Awaited<ReturnType<typeof openNeighbours>>['moveIn'],
): Promise<PortsPlan> {
  if (blocks === undefined) {
    await moveIn([]);
    return ports;
  }
  await using pool = await openPortPool(ports);
  const leases = [];
  for (let count = 0; count < blocks; count += 1) leases.push(await pool.lease('a range of its own'));
  await moveIn(leases);
  const firsts = leases.map((lease) => lease.ports[0] ?? 0);
  return onlyBlocks(ports, firsts);
}
