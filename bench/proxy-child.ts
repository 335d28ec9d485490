/** Muster's fault proxy in a process of its own; told to, it says what it has used so far. */
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
process.stdout.write(`${JSON.stringify({ http: proxy.url, bytes: await proxy.tunnelTo(new URL(upstream)) })}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  const cpu_s = usedCpu();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  const use: ProxyUse = { cpu_s, from_cpu_s: usedCpu(), rss_bytes: rss, held_bytes: heapUsed + external };
  process.stdout.write(`${JSON.stringify(use)}\n`);
}
process.exit(0);
