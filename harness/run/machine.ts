/** What of the machine a load can run short of: cores, descriptors, and local ports. What a system does not tell is left out. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type CpuInfo, cpus } from 'node:os';
import type { VitalsEvent } from '../model/history.ts';

export type MachineVitals = Pick<VitalsEvent, 'cores_percent' | 'descriptors' | 'ports'>;

/** Each call tells of the time since the last one. */
export function watchMachine(): () => MachineVitals {
  let before = cpus();
  return () => {
    const now = cpus();
    const cores_percent = now.map((core, index) => busyPercent(before[index], core));
    before = now;
    const descriptors = descriptorsOf();
    const ports = portsOf();
    return { cores_percent, ...(descriptors && { descriptors }), ...(ports && { ports }) };
  };
}

function busyPercent(before: CpuInfo | undefined, now: CpuInfo): number {
  const sum = ({ times: { user, nice, sys, irq, idle } }: CpuInfo): number => user + nice + sys + irq + idle;
  const all = sum(now) - (before === undefined ? 0 : sum(before));
  const idle = now.times.idle - (before?.times.idle ?? 0);
  return all <= 0 ? 0 : Math.round((1000 * (all - idle)) / all) / 10;
}

function descriptorsOf(): MachineVitals['descriptors'] {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(read('/proc/self/limits'))?.[1]);
  if (!Number.isFinite(limit)) return undefined;
  try {
    // Newer kernels tell the count as the size; to list thousands of them takes milliseconds.
    const { size } = statSync('/proc/self/fd');
    return { open: size > 0 ? size : readdirSync('/proc/self/fd').length, limit };
  } catch {
    return undefined;
  }
}

function portsOf(): MachineVitals['ports'] {
  const time_wait = Number(/^TCP:.* tw (\d+)/m.exec(read('/proc/net/sockstat'))?.[1]);
  const [first = Number.NaN, last = Number.NaN] = read('/proc/sys/net/ipv4/ip_local_port_range')
    .split(/\s+/)
    .map(Number);
  const range = last - first + 1;
  return Number.isFinite(time_wait) && range > 0 ? { time_wait, range } : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
