/** A run stopped with Ctrl-C in its second scenario: what was judged stands, and nothing else may sound judged. */
import type { RunRecord } from '../../harness/model/record.ts';
import { checks, scenario } from './base.ts';
import { passing } from './passing.ts';

export const interrupted: RunRecord = {
  ...passing,
  verdict: 'inconclusive',
  exit_code: 130,
  reasons: ['the run was interrupted after 6.2 s'],
  run: { ...passing.run, ended: 'interrupted', duration_ms: 6200, events: 2210, operations: 804 },
  scenarios: [
    ...passing.scenarios.slice(0, 1),
    scenario('subscribe-late', 'Who subscribes late misses nothing', {
      verdict: 'inconclusive',
      reasons: ['the scenario did not end'],
      checks: [
        ...checks({ 'user-isolation': 12, 'stream-shape': 'no-evidence' }),
        { check: 'same-story', status: 'crashed', evidence: 0, note: 'Cannot read properties of undefined' },
      ],
    }),
  ],
};
