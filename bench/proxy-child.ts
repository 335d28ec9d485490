/** Muster's fault proxy in a process of its own; told to, it says what it has used so far. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openProxy } from '../harness/faults/proxy/proxy.ts';

export interface ProxyUse {
  readonly cpu_s: number;
  /** The same once it was asked, which costs a collection: where the next measurement begins. */
  readonly from_cpu_s: number;
  readonly rss_bytes: number;
  /** Heap and buffers after a collection. */
  readonly held_bytes: number;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const usedCpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const upstream: string = JSON.parse(process.argv[2] ?? '""');
const proxy = await openProxy({ upstream, signal: new AbortController().signal });
const { hostname, port } = new URL(upstream);
/** The floor: what comes on one socket goes out on the other. */
const bare = createServer({ noDelay: true }, (client) => {
  const agent = connect({ host: hostname, port: Number(port), noDelay: true });
  client.pipe(agent).pipe(client);
  client.on('error', () => agent.destroy());
  agent.on('error', () => client.destroy());
});
bare.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(bare, 'listening');
const ways = {
  http: proxy.url,
  bytes: await proxy.tunnelTo(new URL(upstream)),
  bare: `http://127.0.0.1:${(bare.address() as AddressInfo).port}`,
};
process.stdout.write(`${JSON.stringify(ways)}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  const cpu_s = usedCpu();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  const use: ProxyUse = { cpu_s, from_cpu_s: usedCpu(), rss_bytes: rss, held_bytes: heapUsed + external };
  process.stdout.write(`${JSON.stringify(use)}\n`);
}
process.exit(0);
