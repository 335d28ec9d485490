/**
 * How a leased port comes to a process of its own. Who takes a socket over is handed the very one that has held the port; who
 * has to bind it itself finds it free, from the last moment before its start.
 */
import type { HeldPort, PortLease } from '../model/live.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { holdPort } from '../ports/hold-port.ts';
import type { LiveTarget } from './options.ts';

type Startable = Exclude<LiveTarget, { readonly kind: 'url' }>;

/**
 * `ports` are those of the lease that are the agent's; it answers on the first. With `bound-by-agent` also who could take a
 * socket over binds his port. Gives what `startProcess` needs.
 */
export async function handOver(
  target: Startable,
  lease: PortLease,
  ports: readonly number[],
  socket?: ScenarioPlan['socket'],
): Promise<{ readonly openSocket?: (port: number) => Promise<HeldPort | undefined> }> {
  const [port = 0] = ports;
  const canTakeSocket = target.kind === 'fixture' || target.socket_activation === true;
  const takesSocket = canTakeSocket && socket !== 'bound-by-agent';
  await Promise.all(ports.map((each) => (takesSocket && each === port ? undefined : lease.free(each))));
  // A second life gets a new socket: muster keeps none while an agent runs, or a dead one would never refuse anybody.
  return takesSocket ? { openSocket: async (each) => lease.take(each) ?? holdPort(each) } : {};
}
