/**
 * The user's own Toxiproxy server. Behind muster's proxy stands one of its proxies for each address of an agent, so that cards
 * are still rewritten and calls counted. What was made on the server is taken off it again, and nothing else is touched.
 */
import { randomUUID } from 'node:crypto';
import { type Proxy as RemoteProxy, Toxiproxy } from 'toxiproxy-node-client';
import { reasonOf } from '../../model/reason-of.ts';
import { FaultFailed } from '../fault.ts';
import type { Route } from '../proxy/connection.ts';
import type { Toxic } from './toxics.ts';

export interface ToxiproxyServer {
  /** Stands before all addresses of one agent; `name` is for whoever looks at the server meanwhile. */
  front(name: string): ToxicFront;
}

/** Disposing takes its proxies off the server, with all that is on them. */
export interface ToxicFront extends AsyncDisposable {
  /** Where a connection to this address has to go; a proxy is made on the server for each. */
  route(address: URL): Promise<Route>;
  /** In force for open connections and new ones once it resolves; so is its end. */
  add(toxics: readonly Toxic[]): Promise<AsyncDisposable>;
  /** Nobody is let in, and whoever is inside is thrown out, until it is disposed. */
  shut(): Promise<AsyncDisposable>;
}

interface Active {
  readonly name: string;
  readonly toxic: Toxic;
}

/** A proxy on the server, and what was put on it: one that was asked for while the proxy was being made is put on it once. */
interface Standing {
  readonly proxy: RemoteProxy;
  readonly toxics: Map<Active, Promise<void>>;
}

/** `url` is that of its HTTP API. Throws `FaultFailed` where nobody answers there. */
export async function openToxiproxy(url: string, signal: AbortSignal): Promise<ToxiproxyServer> {
  const base = url.replace(/\/+$/, '');
  const server = new Toxiproxy(base);
  try {
    const answer = await fetch(`${base}/version`, { signal });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  } catch (error) {
    signal.throwIfAborted();
    throw new FaultFailed(
      `Failed to reach a Toxiproxy server at ${url}: ${reasonOf(error)}. ` +
        'Start one (toxiproxy-server), or give the address of its HTTP API, as http://127.0.0.1:8474.',
      { cause: error },
    );
  }
  const { hostname } = new URL(base);
  return { front: (name) => openFront(server, name, hostname) };
}

function openFront(server: Toxiproxy, name: string, host: string): ToxicFront {
  const proxies = new Map<string, Promise<Standing>>();
  const active = new Set<Active>();
  let shuts = 0;

  const create = async ({ hostname, port, protocol }: URL): Promise<Standing> => {
    const upstream = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
    const called = `muster-${name}-${randomUUID()}`;
    const proxy = await told(`make a proxy to ${upstream}`, () =>
      server.createProxy({ name: called, listen: `${host}:0`, upstream, enabled: true }),
    );
    const standing: Standing = { proxy, toxics: new Map() };
    try {
      for (const each of active) await addTo(standing, each);
      if (shuts > 0) await enable(proxy, false);
    } catch (error) {
      await proxy.remove().catch(() => undefined);
      throw error;
    }
    return standing;
  };
  const each = async (act: (standing: Standing) => Promise<unknown>): Promise<void> => {
    const done = await Promise.allSettled([...proxies.values()].map(async (standing) => act(await standing)));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  return {
    async route(address) {
      const standing = proxies.get(address.host) ?? create(address);
      proxies.set(address.host, standing);
      standing.catch(() => proxies.delete(address.host));
      const { listen } = (await standing).proxy;
      const at = listen.lastIndexOf(':');
      return { host: listen.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(listen.slice(at + 1)) };
    },
    async add(toxics) {
      const added = toxics.map((toxic) => ({ name: `muster-${randomUUID()}`, toxic }));
      const remove = async (): Promise<void> => {
        for (const one of added) active.delete(one);
        await each((standing) => Promise.all(added.map((one) => removeFrom(standing, one))));
      };
      for (const one of added) active.add(one);
      try {
        await each((standing) => Promise.all(added.map((one) => addTo(standing, one))));
      } catch (error) {
        await remove().catch(() => undefined);
        throw error;
      }
      return { [Symbol.asyncDispose]: remove };
    },
    async shut() {
      shuts += 1;
      if (shuts === 1) await each(({ proxy }) => enable(proxy, false));
      return {
        async [Symbol.asyncDispose]() {
          shuts -= 1;
          if (shuts === 0) await each(({ proxy }) => enable(proxy, true));
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await each(({ proxy }) => told(`remove the proxy "${proxy.name}"`, () => proxy.remove()));
    },
  };
}

async function addTo({ proxy, toxics }: Standing, active: Active): Promise<void> {
  const { name, toxic } = active;
  const added =
    toxics.get(active) ??
    told(`add a toxic ${toxic.type}`, async () => {
      await proxy.addToxic({ ...toxic, name, toxicity: 1 });
    });
  toxics.set(active, added);
  await added;
}

async function removeFrom({ proxy, toxics }: Standing, active: Active): Promise<void> {
  if (!toxics.delete(active)) return;
  await told(`remove a toxic ${active.toxic.type}`, async () => (await proxy.getToxic(active.name)).remove());
}

async function enable(proxy: RemoteProxy, enabled: boolean): Promise<void> {
  const { listen, upstream } = proxy;
  await told(`${enabled ? 'enable' : 'disable'} the proxy "${proxy.name}"`, () =>
    proxy.update({ enabled, listen, upstream }),
  );
}

/** Its client says little of what went wrong. */
async function told<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new FaultFailed(
      `Failed to ${what} on the Toxiproxy server: ${reasonOf(error)}. Look there for proxies whose names begin with "muster-".`,
      { cause: error },
    );
  }
}
