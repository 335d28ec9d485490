/** What every wire of a plan is opened with, in whatever thread. */
import type { Plan } from '../model/plan.ts';
import { userAgentOf } from '../model/user-agent.ts';
import type { WireOptions } from '../wire/wire.ts';

export function wireOptionsOf(plan: Plan): Omit<WireOptions, 'card' | 'url'> {
  const { limits, load } = plan;
  const { answer_bytes_max, stream_events_max, in_flight_max } = limits;
  return {
    answer_bytes_max,
    stream_events_max,
    // Each script may hold a stream while it asks something else; fewer connections would let ops wait for one another.
    connections_max: load?.connections_max ?? 2 * in_flight_max,
    ...(load && { source_addresses: load.source_addresses, http2: load.http2 }),
    user_agent: userAgentOf(plan),
  };
}
