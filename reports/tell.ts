/**
 * History events in a few words, for people: what a user asked, what the agent answered. JUnit's evidence text and the
 * diagrams of the HTML report say the same thing because both ask here. The result is still hostile text; only long
 * ids and texts are shortened.
 */
import type { Task } from '../harness/model/a2a.ts';
import type {
  AgentEvent,
  HistoryEvent,
  InvokeEvent,
  NeighbourEvent,
  PortEvent,
  PushEvent,
  SessionHistoryEvent,
  UserEvent,
} from '../harness/model/history.ts';
import type { HookBehaviour } from '../harness/model/hooks.ts';
import { linksOf } from '../harness/model/links.ts';
import { type Op, type OpValue, READING_BACK } from '../harness/model/op.ts';
import type { TargetPlan } from '../harness/model/plan.ts';
import type { FaultPlan } from '../harness/model/scenario.ts';
import type { PeerCallRecord, Whereabouts } from '../harness/model/whereabouts.ts';
import { count, duration } from './measure.ts';
import { quoted, tellParts, tellPayload, tellTask } from './tell-task.ts';
import { clip, shortId } from './visible.ts';

/** What a user asks of an agent, or does. */
export function tellOp(op: Op): string {
  switch (op.op) {
    case 'SendMessage':
    case 'SendStreamingMessage':
      return `${op.op} ${quoted(op.text)}${op.taskId === undefined ? '' : ` to task ${shortId(op.taskId)}`}`;
    case 'ListTasks':
      return op.pageToken === undefined ? op.op : `${op.op}, page ${clip(op.pageToken, 12)}`;
    case 'HostileRequest':
      return `${op.op} ${op.request}`;
    case 'pause':
      return `waits ${duration(op.ms)}`;
    case 'barrier':
      return `waits for ${op.parties} at ${quoted(op.name)}`;
    case 'share':
      return `passes on ${op.name}`;
    case 'await':
      return `waits for ${op.name}`;
    case 'read':
      return op.count === undefined ? 'reads on to the end' : `reads ${count(op.count, 'more event', 'more events')}`;
    case 'expect':
      return `${op.holds ? 'finds' : 'misses'} what it expects: ${quoted(op.seen)}`;
    case 'leave':
      return 'stops listening';
    case 'transports':
      return `asks what ${shortId(op.agent)} speaks`;
    case 'hold':
      return 'reads no more, and stays';
    case 'letGo':
      return 'throws away what has waited, and leaves';
    case 'openHook':
      return `opens webhook ${shortId(op.hook)}${tellBehaviour(op.behaviour)}`;
    case 'awaitPush':
      return `waits for webhook ${shortId(op.hook)} to be told the end`;
    case 'CreateTaskPushNotificationConfig':
      return `${op.op} of task ${shortId(op.taskId)}${op.hook === undefined ? '' : ` for webhook ${shortId(op.hook)}`}`;
    case 'measure':
      return `measures ${op.of}`;
    case 'openSession':
      return `opens session ${shortId(op.session)}`;
    case 'closeSession':
      return `closes session ${shortId(op.session)}`;
    default:
      return `${op.op} ${shortId(op.taskId)}`;
  }
}

function tellBehaviour(behaviour: HookBehaviour): string {
  switch (behaviour.does) {
    case 'take':
      return '';
    case 'hang':
      return ', which never answers';
    case 'fail':
      return `, which fails ${count(behaviour.times, 'time')}`;
    case 'redirect':
      return ', which redirects';
    case 'answer-slowly':
      return `, which answers after ${duration(behaviour.after_ms)}`;
  }
}

/** To which webhook, with whose credentials, what, and what it was answered. */
function tellPush(event: PushEvent): string {
  const what = 'payload' in event ? tellPayload(event.payload) : `what cannot be read: ${clip(event.problem, 60)}`;
  const shown =
    event.credentials === 'right'
      ? ''
      : event.credentials === 'of-another'
        ? `, with the credentials of ${shortId(event.credentials_of ?? 'another')}`
        : `, credentials ${event.credentials}`;
  const answered = event.answered === 'none' ? 'not answered' : `answered ${event.answered}`;
  return `push to ${shortId(event.hook)}: ${what}${shown}, ${answered}`;
}

function tellValue(value: OpValue): string {
  if (value.task !== undefined) return tellTask(value.task);
  if (value.message !== undefined) return `Message ${tellParts(value.message.parts)}`;
  if (value.tasks !== undefined) return tellTasks(value.tasks, value.nextPageToken);
  if (value.answer !== undefined) {
    const { status, refusal, head } = value.answer;
    return `${refusal === undefined ? `status ${status}` : `refusal ${refusal}`} ${quoted(head)}`;
  }
  if (value.configs !== undefined) return count(value.configs.length, 'push config');
  if (value.config !== undefined) return 'a push config';
  if (value.bytes !== undefined) return `${count(value.bytes, 'byte')} had waited`;
  if (value.events !== undefined) {
    const who = value.ended === 'by-reader' ? ', the reader left' : '';
    return `stream ends after ${count(value.events, 'event')}${who}`;
  }
  return value.value === undefined ? 'done' : quoted(value.value);
}

function tellTasks(tasks: readonly Task[], nextPageToken: string | undefined): string {
  const ids = tasks.slice(0, 3).map((task) => shortId(task.id));
  const more = nextPageToken === undefined || nextPageToken === '' ? '' : ', more to come';
  return `${count(tasks.length, 'task')}${ids.length === 0 ? '' : `: ${ids.join(', ')}`}${tasks.length > 3 ? ', …' : ''}${more}`;
}

/** What was tested, as the command line names it. */
export function targetWords(target: TargetPlan): string {
  if (target.kind === 'fixture') return `fixture ${target.name}`;
  return target.kind === 'command' ? target.command : target.url;
}

/** `agent frozen`, `latency of 200 ms at the peer`. */
export function tellFault(fault: FaultPlan): string {
  const server = linksOf(fault.target);
  const where = server === undefined ? fault.target : `links of ${server}`;
  if (fault.fault === 'latency') return `latency of ${duration(fault.latency_ms)} at the ${where}`;
  if (fault.fault === 'cut') return `streams of the ${where} cut after ${count(fault.after_events, 'event')}`;
  if (fault.fault === 'crowd') return `crowd of ${count(fault.connections, 'connection')} at the ${where}`;
  if (fault.fault === 'kill') return `${where} killed`;
  if (fault.fault === 'stop') return `${where} told to stop`;
  if (fault.fault === 'restart') return `${where} restarted${fault.port === 'other' ? ' on another port' : ''}`;
  if (fault.fault === 'slow-boot') return `${where} killed, and slow to boot`;
  if (fault.fault === 'crash-loop') return `${where} killed, and again after ${count(fault.starts, 'start')}`;
  if (fault.fault === 'stutter') return `${where} stopped and let go on, running ${fault.run_percent} %`;
  if (fault.fault === 'port-held') return `${where} killed, its port taken`;
  if (fault.fault === 'descriptors') return `${where} with ${count(fault.left, 'descriptor')} left`;
  if (fault.fault === 'memory') return `${where} with ${fault.left_mb} MB of memory left`;
  if (fault.fault === 'file-size') return `${where} with files of at most ${count(fault.bytes_max, 'byte')}`;
  if (fault.fault === 'freeze') return `${where} frozen`;
  if (fault.fault === 'down') return `${where} cut off`;
  if (fault.fault === 'lie') return `lie "${fault.which}" of the ${where}`;
  const { fault: name, target: _target, begins: _begins, for_ms: _for_ms, ...attributes } = fault;
  const { match, ...others } = { match: undefined, ...attributes };
  const told = Object.entries({ ...others, ...match }).map(([key, value]) => `${key} ${value}`);
  return `${name}${told.length === 0 ? '' : ` (${told.join(', ')})`} at the ${where}`;
}

/** `asked` or not, and with what code or signal an agent ended. */
export function tellExit(event: Extract<AgentEvent, { readonly phase: 'exited' }>): string {
  const how = event.signal === null ? `code ${event.code ?? 'unknown'}` : event.signal;
  return `exits with ${how}, ${event.asked ? 'as asked' : 'unasked'}`;
}

function tellAgent(event: AgentEvent): string {
  if (event.phase === 'ready') return `ready after ${duration(event.boot_ms)}`;
  if (event.phase === 'exited') return tellExit(event);
  if (event.phase === 'probed') return event.answers ? 'card answers' : `card does not answer: ${event.reason ?? ''}`;
  if (event.phase === 'measured')
    return `has ${count(event.descriptors, 'descriptor')}, ${event.connections} of them for clients, and ${Math.round(event.memory_mb)} MB`;
  return event.phase;
}

function tellPort(event: PortEvent): string {
  if (event.phase === 'refused') return `refused: ${event.message}`;
  const by = event.phase === 'stolen' ? ` by ${event.by}` : '';
  return `ports ${event.ports[0] ?? '?'}–${event.ports.at(-1) ?? '?'} ${event.phase}${by} (${shortId(event.holder)})`;
}

function tellNeighbour(event: NeighbourEvent): string {
  if (event.phase === 'came') return `comes, a ${event.what}`;
  if (event.phase === 'left') return event.asked ? 'leaves' : `ends unasked: ${event.proof}`;
  return event.phase === 'took' ? `listens on port ${event.port}` : `is kept out of port ${event.port}`;
}

function tellSession(event: SessionHistoryEvent): string {
  switch (event.phase) {
    case 'asked':
      return `asks for a session of ${count(event.agents, 'agent')} (${event.isolation})`;
    case 'conflict':
      return `finds the agents of ${shortId(event.owner)} on its ports, and uses them`;
    case 'opened':
      return `session opened on ports ${event.ports[0] ?? '?'}–${event.ports.at(-1) ?? '?'}`;
    case 'refused':
    case 'failed':
      return `session ${event.phase}: ${event.message}`;
    case 'woken':
      return `wakes ${shortId(event.agent)}, ready after ${duration(event.boot_ms)}`;
    case 'measured':
      return `${count(event.processes, 'process', 'processes')} with ${Math.round(event.memory_mb)} MB`;
    case 'admitted':
      return 'session admitted';
    case 'ended':
      return `session ended: ${event.reason}`;
  }
}

/** The canary is what findings about isolation are about. */
function tellUser(event: UserEvent): string {
  if (event.phase === 'arrived') return `arrives, marked ${clip(event.canary, 24)}`;
  return event.phase === 'gave-up' ? `gives up: ${event.reason}` : event.phase;
}

/** Any event of a history in a few words; who and when are told elsewhere. */
export function tellEvent(event: HistoryEvent): string {
  switch (event.type) {
    case 'invoke':
      return `${tellOp(event.op)}${event.transport === undefined ? '' : ` over ${event.transport}`}`;
    case 'event':
      return tellPayload(event.payload);
    case 'ok':
      return tellValue(event.value);
    case 'fail':
      return `${event.error.code}${event.error.status === undefined ? '' : ` (${event.error.status})`}`;
    case 'info':
      return `nobody knows: ${event.error.code}`;
    case 'push':
      return tellPush(event);
    case 'agent':
      return tellAgent(event);
    case 'port':
      return tellPort(event);
    case 'neighbour':
      return tellNeighbour(event);
    case 'session':
      return tellSession(event);
    case 'fault':
      return `${tellFault(event.fault)}: ${event.phase}`;
    case 'peer-call':
      return `is asked ${event.operation} with ${clip(event.tokens.join(' '), 80) || 'no token'}`;
    case 'user':
      return tellUser(event);
    case 'scenario':
      return 'reason' in event ? `${event.phase}: ${event.reason}` : event.phase;
    case 'run':
      return event.phase === 'ended' ? `run ${event.reason}` : 'run started';
    case 'vitals':
      return `harness: loop ${duration(event.loop_delay_ms_p99)} late, CPU ${Math.round(event.cpu_percent)} %`;
  }
}

/** Who an event is about: `alice`, `alice · device 1`, the agent's name. `invoke` is the op that it answers. */
export function tellWho(event: HistoryEvent, invoke: InvokeEvent | undefined): string {
  const actor = event.type === 'invoke' || event.type === 'user' || event.type === 'push' ? event : invoke;
  if (actor !== undefined) return actor.device === 0 ? actor.user : `${actor.user} · device ${actor.device + 1}`;
  if (event.type === 'agent') return event.agent;
  if (event.type === 'peer-call') return event.peer;
  if (event.type === 'neighbour') return event.neighbour;
  if (event.type === 'session') return event.session;
  return event.type === 'port' ? event.holder : '';
}

/** Where the impossible event of a finding stands: `SendStreamingMessage of u1 · device 2, event 3 · to agent over rest · message m · seq 17`. */
export function tellWhere(at: Whereabouts): string {
  const device = at.device === undefined || at.device === 0 ? '' : ` · device ${at.device + 1}`;
  const index = at.index === undefined ? '' : `, event ${at.index + 1} of its stream`;
  const asked =
    at.operation === undefined ? [] : [`${at.operation}${at.step === READING_BACK ? ' in the reading back' : ''}`];
  const told = [
    [...asked, ...(at.user === undefined ? [] : [`${at.user}${device}`])].join(' of '),
    ...(at.agent === undefined ? [] : [`to ${at.agent}${at.transport === undefined ? '' : ` over ${at.transport}`}`]),
    ...(at.message === undefined ? [] : [`message ${at.message}`]),
    `line ${at.seq} of the history`,
  ].filter((part) => part !== '');
  const [first = '', ...rest] = told;
  return [`${first}${index}`, ...rest].join(' · ');
}

/** What a turn asked of a peer: `SendStreamingMessage to peer with mq…x0x1 · line 17 of the history`. */
export const tellPeerCall = ({ operation, peer, token, seq }: PeerCallRecord): string =>
  `${operation} to ${peer} with ${clip(token, 40)} · line ${seq} of the history`;

/** The ops that a list of events contains, by id: what its answers belong to. */
export function invokesOf(events: readonly HistoryEvent[]): ReadonlyMap<number, InvokeEvent> {
  const invokes = events.filter((event): event is InvokeEvent => event.type === 'invoke');
  return new Map(invokes.map((invoke) => [invoke.op_id, invoke]));
}

/** The op that an answer or a stream event belongs to, where the list has it. */
export function invokeOf(event: HistoryEvent, invokes: ReadonlyMap<number, InvokeEvent>): InvokeEvent | undefined {
  return 'op_id' in event ? invokes.get(event.op_id) : undefined;
}
