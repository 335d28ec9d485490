/**
 * The servers of a scenario that work together: all stand on one block, start at once, and are told of each other, and of the
 * proxies between them where there are any.
 */
import type { Agent } from '../model/live.ts';
import { serverNames } from '../model/op.ts';
import type { Blocks } from './blocks.ts';
import type { Cast, Via } from './cast.ts';
import type { Links } from './links.ts';
import { othersThan } from './stand-session.ts';
import { howToStart, type StartOptions, startAgent } from './start-agent.ts';

export interface Servers extends AsyncDisposable {
  readonly agents: readonly Agent[];
  /** Their base addresses. */
  readonly urls: readonly string[];
}

/** Throws what the first start that failed throws; then none of them is left. */
export async function standServers(
  options: StartOptions,
  blocks: Blocks,
  cast: Cast,
  {
    count,
    links,
    viaTo,
  }: { readonly count: number; readonly links: Links; readonly viaTo: (name: string) => Via | undefined },
): Promise<Servers> {
  const names = serverNames(count);
  const how = howToStart(options);
  const stopAll = async (): Promise<void> => {
    for (const name of names) await cast.stop(name);
  };
  const { started: agents, lease } = await blocks.startOn('servers', async (block) => {
    const ports = block.ports.slice(0, count);
    const ways = await links.lay(new Map(names.map((name, index) => [name, ports[index] ?? 0])));
    const starts = names.map((name, index) => {
      const port = ports[index] ?? 0;
      const told = { peers: othersThan(port, ports), env: ways.get(name) };
      const start = () => startAgent(options, name, { lease: block, ports: [port] }, told);
      return cast.stand(name, how, start, viaTo(name));
    });
    const settled = await Promise.allSettled(starts);
    const failed = settled.find((each) => each.status === 'rejected');
    if (failed === undefined) return Promise.all(starts);
    await stopAll();
    throw failed.reason;
  });
  return {
    agents,
    urls: othersThan(0, lease.ports.slice(0, count)),
    async [Symbol.asyncDispose]() {
      await stopAll();
      await blocks.giveBack(lease);
    },
  };
}
