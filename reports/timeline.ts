/**
 * The evidence of a finding as lanes and rows, before anything is drawn: one lane per user and device, one per agent,
 * one row per event. The last event is the one that cannot be.
 */
import type { HistoryEvent, InvokeEvent } from '../harness/model/history.ts';
import type { FindingRecord } from '../harness/model/record.ts';
import { tellCalled } from './called.ts';
import { invokeOf, invokesOf, tellEvent, tellWho } from './tell.ts';
import { clip, visible } from './visible.ts';

/** Beyond this a picture says less than the recorded events below it. */
const ROWS_MAX = 40;

export interface Lane {
  readonly name: string;
  readonly kind: 'user' | 'agent';
}

export interface Row {
  /** Position among all of the evidence, from 1. */
  readonly number: number;
  readonly time_ms: number;
  /** Since the first row. */
  readonly since_ms: number;
  /** Lanes that act and are acted upon; the same where nothing is sent, undefined for what concerns no lane. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Without acting characters; as long as it is. */
  readonly label: string;
  /** Nobody knows whether it happened. */
  readonly unknown: boolean;
  readonly impossible: boolean;
}

export interface Timeline {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
  /** Earlier events without a row. */
  readonly left_out: number;
}

/** The agent that an event came from or went to; undefined for what happens within the harness. */
function agentOf(event: HistoryEvent, invoke: InvokeEvent | undefined): string | undefined {
  if (event.type === 'agent') return event.agent;
  if (event.type === 'fault') return event.fault.target;
  // Which one of several posted it, it does not say.
  if (event.type === 'push') return 'agent';
  const op = event.type === 'invoke' ? event.op : invoke?.op;
  if (op !== undefined) return 'agent' in op ? op.agent : undefined;
  return 'op_id' in event ? 'agent' : undefined;
}

/** An answer whose question is not among the events is taken for the first user's. */
function userOf(event: HistoryEvent, invoke: InvokeEvent | undefined, users: readonly string[]): string | undefined {
  if (event.type === 'agent' || event.type === 'port') return undefined;
  const who = tellWho(event, invoke);
  if (who !== '') return who;
  return 'op_id' in event ? (users[0] ?? 'a user') : undefined;
}

/** The name of who is told of by id, which a device may follow. */
function called(who: string, names: FindingRecord['names']): string {
  const [user = who, ...device] = who.split(' · ');
  return names?.[user] === undefined ? who : [tellCalled(user, names), ...device].join(' · ');
}

interface Placed {
  readonly event: HistoryEvent;
  readonly user: string | undefined;
  readonly agent: string | undefined;
}

function lanesOf(placed: readonly Placed[]): readonly Lane[] {
  const users = new Set(placed.map(({ user }) => user).filter((user) => user !== undefined));
  const agents = new Set(placed.map(({ agent }) => agent).filter((agent) => agent !== undefined));
  return [
    ...[...users].map((name) => ({ name: visible(name), kind: 'user' }) as const),
    ...[...agents].map((name) => ({ name: visible(name), kind: 'agent' }) as const),
  ];
}

function laneOf(lanes: readonly Lane[], kind: Lane['kind'], name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const lane = lanes.findIndex((each) => each.kind === kind && each.name === visible(name));
  return lane < 0 ? undefined : lane;
}

/** A word between quotation marks, as marks are. */
const QUOTED = /"([^"\s]{6,64})"/g;

/** A text is cut to its beginning, and what the finding says was seen in it may come later. */
function labelOf(event: HistoryEvent, quotes: readonly string[]): string {
  const label = clip(visible(tellEvent(event)), 360);
  const unseen = quotes.filter((word) => !label.includes(word));
  if (unseen.length === 0) return label;
  const recorded = JSON.stringify(event);
  const hidden = unseen.find((word) => recorded.includes(word));
  return hidden === undefined ? label : `${label} with “${clip(visible(hidden), 64)}” in it`;
}

export function timeline(finding: FindingRecord): Timeline {
  const shown = finding.evidence.slice(-ROWS_MAX);
  const left_out = finding.evidence.length - shown.length;
  const invokes = invokesOf(finding.evidence);
  const placed = shown.map((event): Placed => {
    const invoke = invokeOf(event, invokes);
    const user = userOf(event, invoke, finding.users);
    return { event, user: user && called(user, finding.names), agent: agentOf(event, invoke) };
  });
  const lanes = lanesOf(placed);
  const start_ms = shown[0]?.time_ms ?? 0;
  const quotes = [...finding.seen.matchAll(QUOTED)].map(([, word = '']) => word);
  const rows = placed.map(({ event, user, agent }, index): Row => {
    const [userLane, agentLane] = [laneOf(lanes, 'user', user), laneOf(lanes, 'agent', agent)];
    const asks = event.type === 'invoke' || event.type === 'user';
    return {
      number: left_out + index + 1,
      time_ms: event.time_ms,
      since_ms: event.time_ms - start_ms,
      from: asks ? (userLane ?? agentLane) : (agentLane ?? userLane),
      to: asks ? (agentLane ?? userLane) : (userLane ?? agentLane),
      label: labelOf(event, quotes),
      unknown: event.type === 'info',
      impossible: index === placed.length - 1,
    };
  });
  return { lanes, rows, left_out };
}
