/** To whom and what a finding is put down: who, what of whom, about what, and what it made an agent ask of its peer. */
import type { Transport } from './a2a.ts';
import type { AgentName, Op } from './op.ts';

/** Where the last event of a finding's evidence stands, the one that cannot be. What the evidence does not say is missing. */
export interface Whereabouts {
  /** Its line in the history. */
  readonly seq: number;
  readonly user?: string;
  /** From 0. */
  readonly device?: number;
  /** Of the device's script, from 0; -1 where muster itself read a task back. */
  readonly step?: number;
  readonly agent?: AgentName;
  readonly operation?: Op['op'];
  /** Where it was chosen for this op. */
  readonly transport?: Transport;
  /** The id of the message that it is about: its own, or the one that made its task. */
  readonly message?: string;
  readonly task?: string;
  readonly context?: string;
  /** Its place in its stream, from 0. */
  readonly index?: number;
}

/** A request to a peer that holds the token of a message in a finding's evidence: the turn that this message began caused it. */
export interface PeerCallRecord {
  /** Its line in the history. */
  readonly seq: number;
  readonly peer: AgentName;
  readonly operation: string;
  readonly token: string;
  /** Of the message that the peer was sent. */
  readonly message?: string;
}
