/** Every default that a plan writes out: what the specification leaves open, what muster allows itself, which ports. */

import type { Phrasebook } from '../model/phrasebook.ts';
import type { Limits, Policy, PortsPlan } from '../model/plan.ts';
import type { HealthPolicy, SessionLimits } from '../model/session.ts';

export const DEFAULT_POLICY: Policy = {
  answer_ms_max: 10_000,
  cancel_ms_max: 5_000,
  stream_close_ms_max: 5_000,
  settle_ms_max: 5_000,
  recovery_ms_max: 10_000,
  join_ms_max: 2_000,
  peer_attempts_max: 20,
  sent_again: 'any',
  after_leaving: 'any',
  contexts: 'of-one-user',
  durable: 'not-promised',
  fair_index_min: 0.4,
  stall_ms_max: 400,
  kept_kb_max: 256,
  push_ms_max: 10_000,
  private_hooks: 'any',
  harness_lag_ms_max: 500,
  harness_wait_percent_max: 75,
};

export const DEFAULT_LIMITS: Limits = {
  in_flight_max: 2_000,
  answer_bytes_max: 4 * 1024 * 1024,
  stream_events_max: 100_000,
  scenario_ms_max: 120_000,
  ready_ms_max: 20_000,
};

/** Ports that other programs of a developer's machine like to have. */
const WELL_KNOWN_PORTS = [
  5000, 5173, 5432, 5672, 5900, 6006, 6379, 6443, 7000, 7474, 8000, 8080, 8081, 8443, 8888, 9000,
];

/** "Bad ports" of the Fetch standard within the default range: no `fetch`, of an agent that calls its peer, gets there. */
const PORTS_NO_FETCH_REACHES = [5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697];

export const DEFAULT_PORTS: PortsPlan = {
  from: 'range',
  first: 5000,
  last: 9000,
  block: 5,
  spacing: 10,
  exclude: [...WELL_KNOWN_PORTS, ...PORTS_NO_FETCH_REACHES],
};

/** Suits any agent: it makes no promise about the answer. */
export const DEFAULT_PHRASEBOOK: Phrasebook = { short: { text: 'Please repeat this word: {token}' } };

/** Generous for one machine; what they keep out is a client that has run wild. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  sessions_max: 1_000,
  sessions_per_user_max: 10,
  sessions_per_address_max: 100,
  starts_per_s_max: 200,
  idle_ms_max: 30 * 60_000,
};

export const DEFAULT_HEALTH: HealthPolicy = {
  every_ms: 15_000,
  timeout_ms: 5_000,
  failures_max: 3,
  restarts_max: 3,
};

/** A session has up to six agents. */
export const SESSION_BLOCK = 6;
