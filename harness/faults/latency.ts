/** A slow way back: the agent works at its own pace, and its answers arrive later, whole and in order. */
import type { ProxyFault } from './fault.ts';
import { applyRule } from './ruled.ts';

export const latency: ProxyFault<'latency'> = {
  title: 'Every byte of every answer is held back so long; healing releases what is held at once',
  needs: 'proxy',
  apply: ({ latency_ms }, proxy, signal) =>
    applyRule(proxy, { kind: 'latency', latency_ms }, () => `holds back every answer by ${latency_ms} ms`, signal),
};
