/**
 * Which faults a Toxiproxy server can do in the place of muster's own proxy, and with which of its toxics (toxiproxy 2.12.0). It
 * sees the bytes of connections and nothing else, so what is about calls, events or heads is not for it.
 */
import type { FaultPlan } from '../../model/scenario.ts';

/** As Toxiproxy's HTTP API takes it. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'slicer' | 'slow_close' | 'reset_peer' | 'limit_data';
  /** `downstream` is what the agent says. */
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** `shut` is to disable the proxy; where it cannot, `why` completes "Toxiproxy cannot do it: …". */
export type ToxicWork =
  | { readonly kind: 'toxics'; readonly toxics: readonly Toxic[] }
  | { readonly kind: 'shut' }
  | { readonly kind: 'cannot'; readonly why: string };

/** Longer than any fault lasts. */
const FOR_EVER_MS = 86_400_000;

export function toxicsFor(plan: FaultPlan): ToxicWork {
  if ('match' in plan && plan.match !== undefined) return cannot('it cannot tell one call from another');
  switch (plan.fault) {
    case 'latency': {
      const attributes = { latency: Math.round(plan.latency_ms), jitter: Math.round(plan.jitter_ms ?? 0) };
      return toxics({ type: 'latency', stream: 'downstream', attributes });
    }
    // Its `timeout` toxic throws away what it stops, and hangs up when it is taken off: healing would not let it go on.
    case 'blackhole': {
      const attributes = { latency: FOR_EVER_MS, jitter: 0 };
      return toxics(
        { type: 'latency', stream: 'upstream', attributes },
        { type: 'latency', stream: 'downstream', attributes },
      );
    }
    case 'bandwidth': {
      const rate = plan.bytes_per_s / 1_000;
      if (!Number.isInteger(rate)) return cannot('it counts in whole thousands of bytes a second');
      return toxics({ type: 'bandwidth', stream: 'downstream', attributes: { rate } });
    }
    case 'slice': {
      const attributes = { average_size: plan.slice_bytes, size_variation: 0, delay: Math.round(plan.gap_ms * 1_000) };
      return toxics({ type: 'slicer', stream: 'downstream', attributes });
    }
    case 'slow-close':
      return toxics({ type: 'slow_close', stream: 'downstream', attributes: { delay: Math.round(plan.delay_ms) } });
    case 'limit-bytes':
      return toxics({ type: 'limit_data', stream: 'downstream', attributes: { bytes: plan.after_bytes } });
    case 'reset':
      if (plan.after_bytes > 0) return cannot('it resets after a time, and not after so many bytes');
      return toxics({ type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } });
    case 'down':
      return { kind: 'shut' };
    default:
      return cannot('it sees bytes and connections only');
  }
}

function toxics(...all: readonly Toxic[]): ToxicWork {
  return { kind: 'toxics', toxics: all };
}

function cannot(why: string): ToxicWork {
  return { kind: 'cannot', why };
}
