/** Muster's own promise to the agents it starts: a port has one holder at a time, and none is refused while one is free. */
import type { Check } from '../model/check.ts';
import type { PortEvent } from '../model/history.ts';
import { startFindings } from './findings.ts';

export const portsHold: Check = {
  name: 'ports-hold',
  title: 'No port is held twice, and none is refused while one is free',
  section: 'policy',
  memory: 'One event per port that is held.',
  judges: 'harness',
  start: () => {
    const findings = startFindings();
    const holders = new Map<number, PortEvent>();
    let evidence = 0;
    let blocksStolen = 0;

    const lease = (event: PortEvent & { readonly phase: 'leased' }): void => {
      evidence += 1;
      const taken = event.ports.find((port) => holders.has(port));
      const before = taken === undefined ? undefined : holders.get(taken);
      if (before !== undefined) {
        findings.report({
          kind: 'port-held-twice',
          message: 'One port was leased to two holders at a time',
          expected: `Port ${taken} is leased again only after ${before.holder} has returned it.`,
          seen: `${event.holder} was given port ${taken} while ${before.holder} held it.`,
          users: [],
          tasks: [],
          evidence: [before, event],
        });
      }
      for (const port of event.ports) holders.set(port, event);
    };

    const giveUp = (event: PortEvent & { readonly phase: 'returned' | 'stolen' }): void => {
      for (const port of event.ports) {
        if (holders.get(port)?.holder === event.holder) holders.delete(port);
      }
    };

    const refuse = (event: PortEvent & { readonly phase: 'refused' }): void => {
      evidence += 1;
      // A block with a stranger on it is held by nobody, and yet cannot be given.
      if (event.blocks_held === event.blocks_all || event.blocks_held + blocksStolen === event.blocks_all) return;
      findings.report({
        kind: 'refused-while-free',
        message: 'A block of ports was refused although not all were held',
        expected: `A block is refused only when all ${event.blocks_all} are held.`,
        seen: `${event.holder} was refused while ${event.blocks_held} of ${event.blocks_all} were held.`,
        users: [],
        tasks: [],
        evidence: [event],
      });
    };

    return {
      add(event) {
        if (event.type !== 'port') return;
        if (event.phase === 'leased') lease(event);
        if (event.phase === 'refused') refuse(event);
        if (event.phase === 'stolen') blocksStolen += 1;
        if (event.phase === 'returned' || event.phase === 'stolen') giveUp(event);
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(blocksStolen > 0 && {
          note: `${blocksStolen} times a stranger answered on a leased port, and another block was taken.`,
        }),
      }),
    };
  },
};
