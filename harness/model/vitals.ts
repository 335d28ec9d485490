/** How muster itself and its machine are doing, so that what they lack is not taken for the agent's doing. */

export interface Vitals {
  /** p99 of the event loop's delay since the last one. */
  readonly loop_delay_ms_p99: number;
  /** Of the whole process, in percent of one core. */
  readonly cpu_percent: number;
  readonly rss_mb: number;
  /** Of the main thread since the last one: how long it ran, and how long it had work and waited for a core. Where Linux tells it. */
  readonly scheduled?: { readonly ran_ms: number; readonly waited_ms: number };
  readonly open_ops: number;
  /** The thread of a load that tells this, from 1; without it, the whole process. */
  readonly worker?: number;
  /** How busy each core of the machine was since the last one, with whatever. */
  readonly cores_percent?: readonly number[];
  readonly descriptors?: { readonly open: number; readonly limit: number };
  /** Local ports of connections that time out, and how many ports the system has to give for one destination. */
  readonly ports?: { readonly time_wait: number; readonly range: number };
  /** Of a load, since it began. */
  readonly traffic?: Traffic;
}

/** Connections to the agent, and bytes as they were on these. */
export interface Traffic {
  readonly connections_opened: number;
  readonly connections_open: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  /** Sent, and not over. */
  readonly ops_open: number;
}
