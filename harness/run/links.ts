/**
 * The ways between servers that work together, which can be hurt while each of them stays open to its users. What a server
 * asks of the others goes out through a proxy of its own, that its process is told of as HTTP_PROXY; from there it goes through
 * the links of the one that asks and of the one that is asked, where these are to be hurt.
 */
import { type Egress, openEgress } from '../faults/proxy/egress.ts';
import { type FaultProxy, openProxy } from '../faults/proxy/proxy.ts';
import { linksOf } from '../model/links.ts';
import type { AgentName } from '../model/op.ts';
import type { FaultPlan } from '../model/scenario.ts';

export interface Links extends AsyncDisposable {
  /**
   * What the processes of servers are told, by name, that are about to stand on these ports. Nothing where no link is to be
   * hurt; what was laid before is taken up.
   */
  lay(ports: ReadonlyMap<AgentName, number>): Promise<ReadonlyMap<AgentName, Readonly<Record<string, string>>>>;
  proxyOf(target: FaultPlan['target']): FaultProxy | undefined;
}

export function openLinks(faults: readonly FaultPlan[], signal: AbortSignal): Links {
  const hurt = new Set(faults.map(({ target }) => linksOf(target)).filter((name) => name !== undefined));
  let laid = new AsyncDisposableStack();
  const proxies = new Map<AgentName, FaultProxy>();

  return {
    async lay(ports) {
      await laid.disposeAsync();
      laid = new AsyncDisposableStack();
      if (hurt.size === 0) return new Map();
      const names = new Map([...ports].map(([name, port]) => [port, name]));
      for (const name of hurt) {
        const upstream = `http://127.0.0.1:${ports.get(name)}`;
        if (ports.has(name)) proxies.set(name, laid.use(await openProxy({ upstream, signal })));
      }
      const wayFrom = async (asking: AgentName, address: URL): Promise<string> => {
        let way = address.origin;
        for (const name of [names.get(Number(address.port)), asking]) {
          const proxy = name === undefined ? undefined : proxies.get(name);
          if (proxy !== undefined) way = await proxy.tunnelTo(new URL(way));
        }
        return way;
      };
      const told = new Map<AgentName, Readonly<Record<string, string>>>();
      for (const name of ports.keys()) {
        const egress = laid.use(await openEgress((address) => wayFrom(name, address), signal));
        told.set(name, environmentFor(egress));
      }
      return told;
    },
    proxyOf: (target) => proxies.get(linksOf(target) ?? ''),
    [Symbol.asyncDispose]: () => laid.disposeAsync(),
  };
}

/** Each language has its own idea of how this is written. */
const environmentFor = ({ url }: Egress): Readonly<Record<string, string>> => ({
  HTTP_PROXY: url,
  http_proxy: url,
  NO_PROXY: '',
  no_proxy: '',
  NODE_USE_ENV_PROXY: '1',
});
