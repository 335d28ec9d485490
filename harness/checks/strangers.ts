/**
 * Muster's own promise to whoever else is on the machine, and to its users: another program's port is not touched, and what
 * answers there is never taken for an agent, so no user's words or headers end up with it.
 */
import type { Check } from '../model/check.ts';
import type { Heard, HistoryEvent, NeighbourEvent } from '../model/history.ts';
import { startFindings } from './parts/findings.ts';

type Took = NeighbourEvent & { readonly phase: 'took' };
type Left = NeighbourEvent & { readonly phase: 'left' };

export const strangers: Check = {
  name: 'strangers',
  title: 'Other programs on the machine are not disturbed, and hear nothing that is meant for an agent',
  section: 'policy',
  memory: 'One event per port of another program.',
  aspects: ['asked', 'kept-out'],
  judges: 'harness',
  reads: ['agent', 'neighbour'],
  start: () => {
    const findings = startFindings();
    const took = new Map<number, Took>();
    const seen = { asked: 0, 'kept-out': 0 };
    let evidence = 0;

    const report = (
      kind: string,
      message: string,
      expected: string,
      seen: string,
      events: (HistoryEvent | undefined)[],
    ): void => findings.report({ kind, message, expected, seen, users: [], tasks: [], evidence: events });

    const onReady = (event: HistoryEvent, url: string): void => {
      const stranger = took.get(Number(URL.parse(url)?.port));
      if (stranger === undefined) return;
      evidence += 1;
      report(
        'taken-for-an-agent',
        'Another program was taken for an agent',
        `An agent is ready when it answers itself; on port ${stranger.port} ${stranger.neighbour} does.`,
        `The agent was told to be ready at ${url}.`,
        [stranger, event],
      );
    };

    const onHeard = (event: Left, heard: Heard): void => {
      evidence += 1;
      if (heard.card_requests > 0) seen.asked += 1;
      if (heard.other_requests === 0 && heard.user_headers.length === 0) return;
      const headers =
        heard.user_headers.length > 0 ? `, and the headers ${heard.user_headers.join(', ')} of users` : '';
      report(
        'told-what-users-say',
        'Another program was sent what was meant for an agent',
        'Whoever listens on a port is asked for its agent card and for nothing else, without any header of a user.',
        `On port ${heard.port} ${event.neighbour} was sent ${heard.other_requests} other requests${headers}.`,
        [took.get(heard.port), event],
      );
    };

    const onLeft = (event: Left): void => {
      for (const heard of event.heard) onHeard(event, heard);
      if (!event.asked) {
        evidence += 1;
        report(
          'disturbed',
          'Another program ended while muster was at work beside it',
          `${event.neighbour} goes on until the scenario is over.`,
          `It ended: ${event.proof}.`,
          [event],
        );
      }
      for (const [port, { neighbour }] of took) if (neighbour === event.neighbour) took.delete(port);
    };

    return {
      add(event) {
        if (event.type === 'agent' && event.phase === 'ready') onReady(event, event.url);
        if (event.type !== 'neighbour') return;
        if (event.phase === 'took') took.set(event.port, event);
        if (event.phase === 'kept-out') {
          evidence += 1;
          seen['kept-out'] += 1;
        }
        if (event.phase === 'left') onLeft(event);
      },
      close: () => ({ evidence, findings: findings.list(), aspects: seen }),
    };
  },
};
