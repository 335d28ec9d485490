/** A passing run, with what it did not prove: one check without evidence and one scenario that does not apply. */
import type { RunRecord } from '../../harness/model/record.ts';
import { checks, scenario } from './base.ts';
import { failing } from './failing.ts';
import { CALM } from './load.ts';

const HELD = { 'user-isolation': 1640, 'answer-is-mine': 820, 'stream-shape': 410, 'terminal-is-final': 410 };

export const passing: RunRecord = {
  ...failing,
  verdict: 'pass',
  exit_code: 0,
  run: { ...failing.run, duration_ms: 14_900, events: 9210, operations: 3204 },
  scenarios: [
    scenario('many-users', 'Many users at once get their own answers', {
      checks: checks({ ...HELD, recovers: 'no-evidence' }),
      metrics: CALM,
    }),
    scenario('subscribe-late', 'Who subscribes late misses nothing', {
      checks: checks({ ...HELD, recovers: 'no-evidence' }),
      metrics: CALM,
    }),
    scenario('access-matrix', 'Nobody reaches a task of somebody else', {
      verdict: 'not-applicable',
      applicable: false,
      reasons: ['all users are anonymous; give identities with --identity or --users-file'],
    }),
  ],
  gates: failing.gates.slice(0, 1),
  agents: failing.agents.map((agent) => ({ ...agent, events: agent.events.slice(0, 2) })),
  ports: { ...failing.ports, held_max: 5, events: failing.ports.events.slice(0, 1) },
  vitals: failing.vitals.slice(0, 15),
};
