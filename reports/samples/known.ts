/** A run with a baseline: one finding is accepted, one was until lately and was shrunk, and of two entries nothing was seen. */
import type { BaselineEntryRecord, KnownRecord, RunRecord } from '../../harness/model/record.ts';
import type { ShrunkRecord } from '../../harness/model/shrunk-record.ts';
import { BOB_READS_ALICE, CANCELLED_CAME_BACK } from './cancelled-came-back.ts';
import { failing } from './failing.ts';

const RACE: KnownRecord = {
  finding: 'terminal-is-final/terminal-left/GetTask',
  reason: 'the store writes behind; https://tracker.example/travel/118, to be mended in 2.2',
  until: '2026-12-31',
  expired: false,
};
const MIXED: KnownRecord = {
  finding: 'user-isolation/foreign-canary/SendMessage',
  reason: 'one cache for all, to be split',
  until: '2026-11-20',
  expired: true,
};

const SMALLEST: ShrunkRecord = {
  folder: 'shrunk/2',
  replay: `${BOB_READS_ALICE.replay} --only u1:0,u2:0,at-once`,
  users: 2,
  ops: 2,
  faults: 0,
  of: { users: 50, ops: 300, faults: 0 },
  reproduced: 4,
  tries: 5,
  tries_all: 31,
  took_ms: 8_200,
  ended: 'smallest',
};

const entry = (known: KnownRecord, status: BaselineEntryRecord['status']): BaselineEntryRecord => ({
  ...known,
  status,
});

export const known: RunRecord = {
  ...failing,
  scenarios: failing.scenarios.map((scenario) =>
    scenario.name === 'cancel-race'
      ? {
          ...scenario,
          findings: [
            { ...CANCELLED_CAME_BACK, accepted: true, known: [RACE] },
            { ...BOB_READS_ALICE, known: [MIXED], shrunk: SMALLEST },
          ],
        }
      : scenario,
  ),
  baseline: {
    path: 'muster.baseline.json',
    findings: [
      entry({ ...RACE, finding: 'recovers/recovers-late/freeze on agent' }, 'not-seen'),
      entry({ ...MIXED, finding: 'access-matrix/existence-revealed/CancelTask fail InternalError' }, 'not-judged'),
      entry(RACE, 'seen'),
      entry(MIXED, 'seen'),
    ],
  },
};
