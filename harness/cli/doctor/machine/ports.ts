/** The ports that agents would get: how many are free, who has the others, and whether loopback works at all. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { busyPorts, whoListens } from '../../../agents/listeners.ts';
import type { CheckupFinding, Hindrance } from '../../../model/checkup.ts';
import type { PortsPlan } from '../../../model/plan.ts';
import { reasonOf } from '../../../model/reason-of.ts';
import { ephemeralRange, type PortRange } from '../../../ports/ephemeral-range.ts';
import { type Survey, surveyPorts } from '../../../ports/survey.ts';
import { ephemeralWarning } from '../../ports-settings.ts';
import { note, ok, problem } from '../findings.ts';
import type { MachineExamination } from './machine.ts';

/** The standard suite has no more agents and peers up at once. */
const BLOCKS_MIN = 12;
const HOLDERS_SHOWN_MAX = 4;
/** Connections to one destination that time out keep a port for a minute each. */
const EPHEMERAL_MIN = 10_000;
const LOOPBACK_MS_MAX = 2_000;

export const ports: MachineExamination = {
  area: 'ports',
  title: 'Ports',
  looks_at: 'free blocks of the range and other muster processes, ports for outgoing connections, loopback',
  examine: async ({ ports: plan, without_ports, signal }) => {
    const survey = await surveyPorts(plan, { busy: busyPorts, who: whoListens });
    return [
      ...rangeFindings(plan, survey, without_ports),
      ...ephemeralFindings(plan, ephemeralRange()),
      loopbackFinding('127.0.0.1', await whyNoLoopback('127.0.0.1', signal)),
      loopbackFinding('::1', await whyNoLoopback('::1', signal)),
    ];
  },
};

export function rangeFindings(plan: PortsPlan, { blocks, elsewhere }: Survey, hinders: Hindrance) {
  const findings: CheckupFinding[] = [];
  const id = 'ports/range';
  if (plan.from === 'os') findings.push(ok(id, 'ports', 'given by the operating system'));
  else {
    const usable = blocks.filter(({ state }) => state === 'free' || state === 'abandoned').length;
    const what = `ports ${plan.first}-${plan.last}`;
    const seen = `${usable} of ${blocks.length} blocks of ${plan.block} are free`;
    const advice = 'See `npx muster ports` for who has them; end these programs, or give another range with --ports.';
    if (usable === 0) findings.push(problem(id, what, { seen, advice, hinders }));
    else if (usable < BLOCKS_MIN) findings.push(note(id, what, seen, advice));
    else findings.push(ok(id, what, seen));
  }
  const holders = [...blocks.flatMap(({ holders }) => holders), ...elsewhere.map(({ holder }) => holder)].filter(
    ({ alive }) => alive,
  );
  const others = [
    ...Map.groupBy(holders, ({ pid, run }) => `${pid ?? 'unknown'}${run === undefined ? '' : ` (${run})`}`),
  ];
  const id_others = 'ports/others';
  const what_others = 'other muster processes';
  if (others.length === 0) return [...findings, ok(id_others, what_others, 'none holds a port')];
  const shown = others.slice(0, HOLDERS_SHOWN_MAX).map(([name]) => name);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  const advice =
    'Nothing needs to be done: their ports are kept out of. They share the processors, so measure when they are done.';
  return [...findings, note(id_others, what_others, `${others.length} hold ports: ${shown.join(', ')}${more}`, advice)];
}

export function ephemeralFindings(plan: PortsPlan, range: PortRange | undefined): readonly CheckupFinding[] {
  if (range === undefined) return [];
  const id = 'ports/ephemeral';
  const what = 'ports for outgoing connections';
  const seen = `${range.first}-${range.last}`;
  if (ephemeralWarning(plan, range) !== undefined) {
    const advice = `Give a range with --ports that lies outside of it: any program may have one of these when an agent wants it.`;
    return [note(id, what, `${seen}, which overlap those for agents, ${plan.first}-${plan.last}`, advice)];
  }
  if (range.last - range.first + 1 >= EPHEMERAL_MIN) return [ok(id, what, seen)];
  const advice =
    'Widen net.ipv4.ip_local_port_range for loads: each connection that was closed keeps one for a minute.';
  return [note(id, what, `${seen}, which are few`, advice)];
}

function loopbackFinding(host: string, why: string | undefined): CheckupFinding {
  const id = host === '::1' ? 'ports/loopback-6' : 'ports/loopback';
  if (why === undefined) return ok(id, host, 'a byte came back');
  if (host === '::1') {
    const advice = 'Nothing needs to be done, unless an agent listens on ::1 only.';
    return note(id, host, why, advice);
  }
  const advice =
    'Bring the loopback device up (`ip link set lo up`), and let no firewall close it: all agents answer there.';
  return problem(id, host, { seen: why, advice, hinders: 'all' });
}

/** Nothing where a byte gets there and back. */
async function whyNoLoopback(host: string, stop: AbortSignal): Promise<string | undefined> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(LOOPBACK_MS_MAX)]);
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  try {
    server.listen(0, host);
    await once(server, 'listening', { signal });
    const socket = connect({ host, port: (server.address() as AddressInfo).port });
    try {
      socket.write('x');
      await once(socket, 'data', { signal });
    } finally {
      socket.destroy();
    }
    return undefined;
  } catch (error) {
    return signal.aborted ? `no byte came back within ${LOOPBACK_MS_MAX} ms` : reasonOf(error);
  } finally {
    server.close();
  }
}
