/**
 * The agents that the one under test has its work done by: one that is just its peer, or a crew, each known by what it does. A fault
 * on one of them is a fault on a peer.
 */
import type { AgentName, Op } from './op.ts';

export type PeerName = 'peer' | `peer-${string}`;

export const isPeer = (name: AgentName): name is PeerName => /^peer(-|$)/.test(name);

/** What one of a crew is called in plans, histories and reports. */
export const crewName = (role: string): PeerName => `peer-${role}`;

/** The variable that tells a command where one of its crew is found: `PEER_KITCHEN_URL`. */
export const crewVariable = (role: string): string => `PEER_${role.toUpperCase().replaceAll('-', '_')}_URL`;

/** Those that an agent needs to do what it is asked, as its phrasebook has it. */
export function peersNeeded(op: Op): readonly PeerName[] {
  if (op.op !== 'SendMessage' && op.op !== 'SendStreamingMessage') return NOBODY;
  const crew = op.crew?.map(crewName) ?? NOBODY;
  return op.behaviour === 'delegates' ? ['peer', ...crew] : crew;
}

const NOBODY: readonly PeerName[] = [];
