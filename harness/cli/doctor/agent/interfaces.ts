/**
 * Whether each interface of the card answers, asked for a task that there is not: nothing comes of that. An address that is not the
 * agent's own is not asked, for nobody there has agreed to it.
 */
import { randomUUID } from 'node:crypto';
import { type CardInterface, interfacesOn, isOf10, isUsable, transportOf } from '../../../model/card-interfaces.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import type { Outcome } from '../../../model/op.ts';
import { reasonOf } from '../../../model/reason-of.ts';
import { oneLine } from '../../init/card-hints.ts';
import { openTalk } from '../../init/open-talk.ts';
import { note, ok, problem } from '../findings.ts';
import { ignoreEvent, type Met, type Patient, watched } from './patient.ts';

/** A card with hundreds of them would make this no short look. */
const INTERFACES_MAX = 8;
const CONNECTIONS_MAX = 16;
const SEEN_MAX = 300;

export interface Meeting {
  readonly met: readonly Met[];
  readonly findings: readonly CheckupFinding[];
}

/** The wires stay open until `open` is disposed. */
export async function meetInterfaces(patient: Patient, open: AsyncDisposableStack): Promise<Meeting> {
  const faces = interfacesOn(patient.agent.card).filter(isUsable);
  const met: Met[] = [];
  const findings: CheckupFinding[] = [];
  for (const [index, face] of faces.slice(0, INTERFACES_MAX).entries()) {
    const one = await meet(patient, { face, name: nameOf(faces, index) }, open);
    if ('status' in one) findings.push(one);
    else met.push(one);
  }
  const isAnswered = met.some(({ state }) => state === 'answers');
  findings.push(...met.map((one) => tell(one, isAnswered)));
  return { met, findings: isAnswered ? findings : [...findings, nobody(met, patient)] };
}

/** Two of the same kind are told apart. */
function nameOf(faces: readonly CardInterface[], index: number): string {
  const names = faces.slice(0, index + 1).map(({ binding, version }) => oneLine(`${binding} ${version}`.trim()));
  const name = names[index] ?? '';
  const earlier = names.slice(0, index).filter((each) => each === name).length;
  return earlier === 0 ? name : `${name} (${earlier + 1})`;
}

interface Named {
  readonly face: CardInterface;
  readonly name: string;
}

async function meet(
  patient: Patient,
  { face, name }: Named,
  open: AsyncDisposableStack,
): Promise<Met | CheckupFinding> {
  const { agent, sent } = patient;
  const id = `interfaces/answers:${name}`;
  const transport = transportOf(face);
  if (transport === undefined) throw new Error(`Failed to speak ${name}: it is no transport of muster's`);
  // With this one alone on the card, it is the one that is spoken to.
  const { binding, version, url, tenant } = face;
  const only = { url, tenant, protocolBinding: binding, protocolVersion: version };
  const wire = await openTalk(agent, {
    transport,
    card: { ...agent.card, supportedInterfaces: [only] },
    connections_max: CONNECTIONS_MAX,
  }).catch(reasonOf);
  if (typeof wire === 'string') {
    const advice = 'Give each interface a url that can be read, such as https://agent.example.com/a2a.';
    return problem(id, name, { seen: oneLine(wire), advice, hinders: 'part' });
  }
  open.use(wire);
  if (!agent.owns(wire.address)) {
    const seen = `the card sends clients to ${wire.address.host}, which is not the agent's own address; nobody there was asked`;
    const advice =
      'Put the address on the card at which the agent itself is reached, or examine that one by its own URL.';
    return problem(id, name, { seen, advice, hinders: 'part' });
  }
  return ask(patient, { face, name, transport, is03: !isOf10(face), wire: watched(wire, sent) });
}

async function ask(patient: Patient, face: Omit<Met, 'state' | 'tried' | 'took_ms'>): Promise<Met> {
  const tried: { caller: Met['tried'][number]['caller']; outcome: Outcome }[] = [];
  for (const caller of patient.callers) {
    const outcome = await askInVain(patient, face.wire, caller.headers);
    tried.push({ caller, outcome });
    if (isDoor(outcome)) continue;
    const { took_ms } = face.wire.latest();
    return { ...face, tried, took_ms, state: isOfProtocol(outcome) ? 'answers' : 'other' };
  }
  return { ...face, tried, took_ms: face.wire.latest().took_ms, state: 'guarded' };
}

/** For a task that nobody was given. */
export function askInVain(
  { signal, patience }: Pick<Patient, 'signal' | 'patience'>,
  wire: Pick<Met['wire'], 'perform'>,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const op = { op: 'GetTask', agent: 'agent', taskId: randomUUID() } as const;
  return wire.perform(op, { headers, signal, timeout_ms: patience.call_ms_max, onEvent: ignoreEvent });
}

export const codeOf = (outcome: Outcome): string => (outcome.type === 'ok' ? 'ok' : outcome.error.code);

/** Turned away for want of credentials. */
export const isDoor = (outcome: Outcome): boolean => /^http-(401|403|407)$/.test(codeOf(outcome));

/** Any error that A2A has is an answer of somebody who speaks it. */
const isOfProtocol = (outcome: Outcome): boolean =>
  outcome.type === 'ok' || /Error$/.test(outcome.error.code) || outcome.error.code === 'http-429';

/** That all turn everybody away is one problem, and told elsewhere. */
function tell({ name, is03, state, tried, took_ms, wire }: Met, isAnswered: boolean): CheckupFinding {
  const id = `interfaces/answers:${name}`;
  const last = tried.at(-1);
  if (last === undefined) throw new Error(`Failed to look at ${name}: nobody was there to ask it`);
  const { outcome, caller } = last;
  const at = oneLine(wire.address.href);
  if (state === 'guarded') {
    const advice = 'Give the headers of a user whom it lets in, with --users-file FILE.';
    const seen = `${at} turns away ${whoOf(tried)} (${codeOf(outcome)})`;
    return isAnswered ? problem(id, name, { seen, advice, hinders: 'part' }) : note(id, name, seen, advice);
  }
  if (state === 'answers' && !/^(VersionNotSupported|MethodNotFound|Internal)Error$/.test(codeOf(outcome))) {
    const whom = Object.keys(caller.headers).length === 0 ? '' : ` to ${caller.who}`;
    return ok(id, name, `answers${whom} in ${Math.ceil(took_ms)} ms, at ${at}`);
  }
  const seen = `${at}: ${outcome.type === 'ok' ? 'ok' : oneLine(`${outcome.error.code}, ${outcome.error.message}`, SEEN_MAX)}`;
  return problem(id, name, { seen, advice: adviceFor(codeOf(outcome), is03), hinders: 'part' });
}

const whoOf = (tried: Met['tried']): string => tried.map(({ caller }) => caller.who).join(' and ');

function adviceFor(code: string, is03: boolean): string {
  switch (code) {
    case 'connection-refused':
      return 'Start what is to listen there, or take the interface off the card.';
    case 'timeout':
      return 'Find out what holds it up: to ask for a task that there is not needs no work.';
    case 'VersionNotSupportedError':
      return 'Make the version on the card the one that the interface speaks, as major and minor, such as 1.0.';
    case 'MethodNotFoundError':
      return is03
        ? 'Serve the methods of A2A 0.3 there (tasks/get, message/send), or name another protocolVersion on the card.'
        : 'Serve GetTask there; one that knows tasks/get only speaks A2A 0.3, and its interface must say protocolVersion 0.3.';
    case 'InternalError':
      return 'Look into the log of the agent: a task that there is not is to be answered with TaskNotFoundError.';
    default:
      return 'Put the address on the card at which the agent speaks A2A: what answers there does not.';
  }
}

function nobody(met: readonly Met[], { real_users }: Patient): CheckupFinding {
  const id = 'interfaces/any';
  if (met.some(({ state }) => state === 'guarded')) {
    const seen = 'all that answer turn away whoever asks, so nothing more could be looked at';
    const advice = real_users
      ? 'Look whether the headers in the users file are still good.'
      : 'Write a file such as [{"id":"ann","headers":{"authorization":"Bearer …"}}], and give it with --users-file.';
    return problem(id, 'an interface that answers', { seen, advice, hinders: 'part' });
  }
  const advice = 'Make one interface of the card answer first; everything else waits for that.';
  return problem(id, 'an interface that answers', { seen: 'there is none', advice, hinders: 'all' });
}
