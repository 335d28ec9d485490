/** Muster's own promise to the agents it starts: a port has one holder at a time, and none is refused while one is free. */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, NeighbourEvent, PortEvent } from '../model/history.ts';
import { startFindings } from './parts/findings.ts';

type Leased = PortEvent & { readonly phase: 'leased' };
type Took = NeighbourEvent & { readonly phase: 'took' };

export const portsHold: Check = {
  name: 'ports-hold',
  title: 'No port is held twice, and none is refused while one is free',
  section: 'policy',
  memory:
    'One event per port that is held, the names of those who hold one, and the ports of processes that were killed.',
  aspects: ['passed-over', 'stolen', 'refused', 'lingering', 'reclaimed', 'shared'],
  judges: 'harness',
  reads: ['neighbour', 'invoke', 'fail', 'session', 'port'],
  ops: ['openSession'],
  start: () => {
    const findings = startFindings();
    const holders = new Map<number, PortEvent>();
    const strangers = new Map<number, Took>();
    const neighbours = new Set<string>();
    /** Leased by a process of muster that is gone and has not returned them. */
    const orphaned = new Set<number>();
    /** Holders of muster's own that may have a block: from the moment they ask until everything of theirs was returned. */
    const maybeHolding = new Set<string>();
    const seen = { 'passed-over': 0, stolen: 0, refused: 0, lingering: 0, reclaimed: 0, shared: 0 };
    let evidence = 0;

    const report = (kind: string, message: string, expected: string, seen: string, events: HistoryEvent[]): void =>
      findings.report({ kind, message, expected, seen, users: [], tasks: [], evidence: events });

    const lease = (event: Leased): void => {
      evidence += 1;
      const taken = event.ports.find((port) => holders.has(port));
      const before = taken === undefined ? undefined : holders.get(taken);
      if (before !== undefined) {
        report(
          'port-held-twice',
          'One port was leased to two holders at a time',
          `Port ${taken} is leased again only after ${before.holder} has returned it.`,
          `${event.holder} was given port ${taken} while ${before.holder} held it.`,
          [before, event],
        );
      }
      const stranger = event.ports.map((port) => strangers.get(port)).find((took) => took !== undefined);
      if (stranger !== undefined) {
        report(
          'port-of-a-stranger',
          'A port was leased on which another program listens',
          `Port ${stranger.port} is passed over as long as ${stranger.neighbour} listens there.`,
          `${event.holder} was given it.`,
          [stranger, event],
        );
      }
      noteAspects(event);
      if (!neighbours.has(event.holder)) maybeHolding.add(event.holder);
      for (const port of event.ports) holders.set(port, event);
    };

    const noteAspects = ({ holder, ports, lingering = 0 }: Leased): void => {
      if (lingering > 0) seen.lingering += 1;
      if (ports.some((port) => orphaned.delete(port))) seen.reclaimed += 1;
      if (neighbours.size === 0) return;
      const isOther = (other: string) => neighbours.has(other) !== neighbours.has(holder);
      if ([...holders.values()].some((held) => isOther(held.holder))) seen.shared += 1;
    };

    const giveUp = (event: PortEvent & { readonly phase: 'returned' | 'stolen' }): void => {
      for (const port of event.ports) {
        if (holders.get(port)?.holder === event.holder) holders.delete(port);
      }
    };

    const refuse = (event: PortEvent & { readonly phase: 'refused' }): void => {
      evidence += 1;
      seen.refused += 1;
      maybeHolding.delete(event.holder);
      if (maybeHolding.size + seen.stolen < event.blocks_all && event.blocks_held === event.blocks_all) {
        report(
          'refused-after-return',
          'A block of ports was refused although others had been returned',
          `A session that has ended holds no block, so there is one of ${event.blocks_all} for the next.`,
          `${event.holder} was refused while no more than ${maybeHolding.size} had any.`,
          [event],
        );
      }
      // A block with a stranger on it is held by nobody, and yet cannot be given.
      if (event.blocks_held === event.blocks_all || event.blocks_held + seen.stolen === event.blocks_all) return;
      report(
        'refused-while-free',
        'A block of ports was refused although not all were held',
        `A block is refused only when all ${event.blocks_all} are held.`,
        `${event.holder} was refused while ${event.blocks_held} of ${event.blocks_all} were held.`,
        [event],
      );
    };

    const onNeighbour = (event: NeighbourEvent): void => {
      if (event.phase === 'came') neighbours.add(event.neighbour);
      // On a port that is held it is a thief: of that the theft tells.
      if (event.phase === 'took' && !holders.has(event.port)) strangers.set(event.port, event);
      if (event.phase !== 'left') return;
      for (const [port, took] of strangers) if (took.neighbour === event.neighbour) strangers.delete(port);
      for (const [port, { holder }] of holders) {
        if (holder !== event.neighbour) continue;
        holders.delete(port);
        orphaned.add(port);
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'neighbour') onNeighbour(event);
        if (event.type === 'invoke' && event.op.op === 'openSession') maybeHolding.add(event.op.session);
        if (event.type === 'fail' && invoke?.op.op === 'openSession') maybeHolding.delete(invoke.op.session);
        if (event.type === 'session' && event.phase === 'ended') maybeHolding.delete(event.session);
        if (event.type !== 'port') return;
        if (event.phase === 'leased') lease(event);
        if (event.phase === 'refused') refuse(event);
        if (event.phase === 'stolen') seen.stolen += 1;
        if (event.phase === 'passed-over' && event.ports.some((port) => strangers.has(port))) seen['passed-over'] += 1;
        if (event.phase === 'returned' || event.phase === 'stolen') giveUp(event);
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        aspects: seen,
        ...(seen.stolen > 0 && {
          note: `${seen.stolen} times a stranger answered on a leased port, and another block was taken.`,
        }),
      }),
    };
  },
};
