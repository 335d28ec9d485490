/**
 * The proxies of a scenario: one in front of each agent whose wire its faults hurt, so that its clients really go through
 * it. Where no proxy can stand there is none, and the fault is told as failed; nobody is led past it in secret.
 */

import { type FaultProxy, type OnCall, openProxy } from '../faults/proxy/proxy.ts';
import { FAULTS } from '../faults/table.ts';
import { openToxiproxy, type ToxicFront } from '../faults/toxiproxy/server.ts';
import type { Transport } from '../model/a2a.ts';
import type { PeerName } from '../model/peers.ts';
import type { FaultPlan } from '../model/scenario.ts';

export type Hurt = FaultPlan['target'];

export interface Fronts extends AsyncDisposable {
  /** The base address of a proxy in front of this one, which is told to clients in its place. */
  open(name: Hurt, upstream: string, onCall?: OnCall): Promise<string>;
  /**
   * For `openWire`: the same for the one address that a wire speaks to, or now speaks to; nothing where the wire is not to be
   * hurt.
   */
  viaTo(name: string): ((address: URL, transport: Transport) => Promise<string | undefined>) | undefined;
  proxyOf(name: Hurt): FaultProxy | undefined;
  /** Behind the proxy; nothing where the plan names no Toxiproxy server. */
  toxicsOf(name: Hurt): ToxicFront | undefined;
}

/** `toxiproxy` is the address of the API of a Toxiproxy server. Throws `FaultFailed` where it is to be used and does not answer. */
export async function openFronts(
  faults: readonly FaultPlan[],
  toxiproxy: string | undefined,
  signal: AbortSignal,
): Promise<Fronts> {
  const proxies = new Map<Hurt, FaultProxy>();
  const toxics = new Map<Hurt, ToxicFront>();
  const opened = new AsyncDisposableStack();
  const hurtsWire = (name: string): boolean =>
    faults.some(({ fault, target }) => target === name && FAULTS[fault].needs === 'proxy');
  const isUsed = faults.some(({ target }) => hurtsWire(target));
  const server = toxiproxy !== undefined && isUsed ? await openToxiproxy(toxiproxy, signal) : undefined;
  const openProxyTo = async (name: Hurt, upstream: string, onCall?: OnCall): Promise<FaultProxy> => {
    const front = hurtsWire(name) ? server?.front(name) : undefined;
    // Before its first use: whatever is made on the server is taken off it, even if no more comes of it.
    if (front !== undefined) toxics.set(name, opened.use(front));
    const proxy = opened.use(await openProxy({ upstream, signal, onCall, ...(front && { route: front.route }) }));
    proxies.set(name, proxy);
    return proxy;
  };
  return {
    open: async (name, upstream, onCall) => new URL((await openProxyTo(name, upstream, onCall)).url).origin,
    viaTo(name) {
      if (!isServer(name) || !hurtsWire(name)) return undefined;
      return async (address, transport) => {
        // The certificate is the agent's, and says nothing of the proxy's address.
        if (transport === 'grpc' && address.protocol === 'https:') return undefined;
        const known = proxies.get(name);
        await known?.moveTo(address.origin);
        const proxy = known ?? (await openProxyTo(name, address.origin));
        return transport === 'grpc' ? await proxy.tunnelTo(address) : new URL(proxy.url).origin;
      };
    },
    proxyOf: (name) => proxies.get(name),
    toxicsOf: (name) => toxics.get(name),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** One of the agents that users speak to; those of sessions have names of their own. */
function isServer(name: string): name is Exclude<Hurt, PeerName> {
  return name === 'agent' || /^agent-\d+$/.test(name);
}
