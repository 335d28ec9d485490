/** How proxy faults say what they did: one wording for all, with counts, and an honest sentence when there were none. */
import type { ProxyRule, RuleEffect } from './proxy/rules.ts';

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function proofOf(rule: ProxyRule, effect: RuleEffect): string {
  const hits = { down: effect.connections_reset, latency: effect.answers_held, cut: effect.streams_cut }[rule.kind];
  if (hits === 0) return 'no traffic met it';
  switch (rule.kind) {
    case 'down':
      return `reset ${plural(hits, 'connection')}`;
    case 'latency':
      return `held back ${plural(effect.bytes_held, 'byte')} of ${plural(hits, 'answer')}`;
    case 'cut':
      return `cut ${plural(hits, 'stream')} after event ${rule.after_events}`;
  }
}
