/**
 * The proxies of a scenario: one in front of each agent whose wire its faults hurt, so that its clients really go through
 * it. Where no proxy can stand there is none, and the fault is told as failed; nobody is led past it in secret.
 */
import { type FaultProxy, openProxy } from '../faults/proxy/proxy.ts';
import { FAULTS } from '../faults/table.ts';
import type { Transport } from '../model/a2a.ts';
import type { FaultPlan } from '../model/scenario.ts';

export type Hurt = FaultPlan['target'];

export interface Fronts extends AsyncDisposable {
  /** The base address of a proxy in front of this one, which is told to clients in its place. */
  open(name: Hurt, upstream: string): Promise<string>;
  /**
   * For `openWire`: the same for the one address that a wire speaks to, or now speaks to; nothing where the wire is not to be
   * hurt.
   */
  viaTo(name: string): ((address: URL, transport: Transport) => Promise<string | undefined>) | undefined;
  proxyOf(name: Hurt): FaultProxy | undefined;
}

export function openFronts(faults: readonly FaultPlan[], signal: AbortSignal): Fronts {
  const proxies = new Map<Hurt, FaultProxy>();
  const opened = new AsyncDisposableStack();
  const openProxyTo = async (name: Hurt, upstream: string): Promise<FaultProxy> => {
    const proxy = opened.use(await openProxy({ upstream, signal }));
    proxies.set(name, proxy);
    return proxy;
  };
  return {
    open: async (name, upstream) => new URL((await openProxyTo(name, upstream)).url).origin,
    viaTo(name) {
      const hurts = faults.some(({ fault, target }) => target === name && FAULTS[fault].needs === 'proxy');
      if (!hurts || name !== 'agent') return undefined;
      return async (address, transport) => {
        // The certificate is the agent's, and says nothing of the proxy's address.
        if (transport === 'grpc' && address.protocol === 'https:') return undefined;
        const known = proxies.get(name);
        known?.moveTo(address.origin);
        const proxy = known ?? (await openProxyTo(name, address.origin));
        return transport === 'grpc' ? await proxy.tunnelTo(address) : new URL(proxy.url).origin;
      };
    },
    proxyOf: (name) => proxies.get(name),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
