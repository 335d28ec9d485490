/** Nobody listens, as while a server is replaced: who comes now is refused, and who was inside is served to the end. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ProxyFault } from './fault.ts';
import { inflict } from './inflict.ts';
import type { FaultProxy, ProxyRuleHandle } from './proxy/proxy.ts';

export const refuse: ProxyFault<'refuse'> = {
  title: 'New connections are refused, and open ones live on; healing lets new ones in',
  needs: 'proxy',
  about: 'ports',
  attributes: {},
  apply: (plan, proxy, signal) => {
    let handle: ProxyRuleHandle | undefined;
    let shut_ms = 0;
    const bite = async (): Promise<string> => {
      handle = proxy.add({ name: plan.fault, connections: 'refuse' });
      await proxy.settled();
      shut_ms = performance.now();
      return `knocked at ${new URL(proxy.url).host}: ${await knock(proxy)}`;
    };
    // The kernel refuses without telling the proxy, so nobody knows how many came.
    const heal = async (): Promise<string> => {
      if (handle === undefined) return 'it was never in force';
      const told = await knock(proxy);
      handle[Symbol.dispose]();
      await proxy.settled();
      return `knocked again after ${Math.round(performance.now() - shut_ms)} ms: ${told}, and ${await knock(proxy)} once healed`;
    };
    return inflict(`shut the port of the proxy ${proxy.url}`, { bite, heal }, signal);
  },
};

async function knock(proxy: FaultProxy): Promise<string> {
  const { hostname, port } = new URL(proxy.url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return 'let in';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : String(error);
  } finally {
    socket.destroy();
  }
}
