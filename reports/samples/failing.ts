/** A failing run: a cancelled task comes back, two users' texts mix, a fault heals, ports are stolen, a gate is missed. */
import type { RunRecord } from '../../harness/model/record.ts';
import { checks, EMPTY, scenario } from './base.ts';
import { BOB_READS_ALICE, CANCELLED_CAME_BACK } from './cancelled-came-back.ts';
import { CALM, DELAYED, FROZEN } from './load.ts';

const REPLAY = "npx muster run --command 'node travel.js' --seed 7 --users 50";
const HELD = { 'answer-is-mine': 820, 'stream-shape': 410, 'same-story': 205, 'no-stuck-task': 410, 'stays-up': 1 };

const ranges = Array.from({ length: 58 }, (_, block) => 5000 + block * 10).filter((first) => first !== 5070);

export const failing: RunRecord = {
  ...EMPTY,
  run: {
    ...EMPTY.run,
    name: 'travel',
    duration_ms: 61_400,
    target: { kind: 'command', command: 'node travel.js' },
    transport: 'jsonrpc',
    agent: 'travel-assistant 2.1.0',
    events: 48_210,
    operations: 18_204,
    replay: REPLAY,
  },
  verdict: 'fail',
  exit_code: 1,
  reasons: [],
  scenarios: [
    scenario('many-users', 'Many users at once get their own answers', {
      checks: checks({ 'user-isolation': 1640, ...HELD, 'terminal-is-final': 410, recovers: 'no-evidence' }),
      metrics: CALM,
    }),
    scenario('cancel-race', 'A cancel that races a completion has one winner, for good', {
      verdict: 'fail',
      findings: [CANCELLED_CAME_BACK, BOB_READS_ALICE],
      checks: [
        { check: 'user-isolation', status: 'violated', evidence: 412 },
        ...checks(HELD),
        { check: 'terminal-is-final', status: 'violated', evidence: 50 },
        { check: 'recovers', status: 'no-evidence', evidence: 0, note: 'nothing had to recover' },
      ],
      metrics: DELAYED,
    }),
    scenario('freeze-thaw', 'A frozen agent answers again soon after it thaws', {
      family: 'recovery',
      checks: checks({ 'user-isolation': 1300, ...HELD, 'terminal-is-final': 'no-evidence', recovers: 1 }),
      metrics: FROZEN,
    }),
    scenario('same-task-two-senders', 'Two devices send to one task at the same time', {
      verdict: 'inconclusive',
      reasons: ['same-story met no evidence: 0 of 20 sends overlapped'],
      checks: checks({ ...HELD, 'same-story': 'no-evidence' }),
    }),
    scenario('push-under-load', 'Every webhook gets its events while others hang', {
      verdict: 'not-applicable',
      applicable: false,
      reasons: ['the agent card does not claim pushNotifications'],
    }),
  ],
  gates: [
    { gate: 'p95_ms(SendMessage) < 250', status: 'met', value: 96.4, samples: 1180 },
    { gate: 'error_rate < 0.1%', status: 'missed', value: 9.8, samples: 1308 },
    { gate: 'p99_ms(GetTask) < 50', status: 'no-samples', value: null, samples: 61 },
  ],
  agents: [
    {
      scenario: 'freeze-thaw',
      agent: 'agent',
      events: [
        {
          seq: 2000,
          time_ms: 19_000,
          scenario: 'freeze-thaw',
          type: 'agent',
          agent: 'agent',
          phase: 'starting',
          how: 'process',
        },
        {
          seq: 2001,
          time_ms: 19_240,
          scenario: 'freeze-thaw',
          type: 'agent',
          agent: 'agent',
          phase: 'ready',
          url: 'http://127.0.0.1:5010',
          transport: 'jsonrpc',
          card: {
            name: 'travel-assistant',
            version: '2.1.0',
            streaming: true,
            pushNotifications: false,
            transports: ['jsonrpc', 'rest'],
          },
          boot_ms: 238,
          pid: 4242,
        },
        {
          seq: 2950,
          time_ms: 48_000,
          scenario: 'freeze-thaw',
          type: 'agent',
          agent: 'agent',
          phase: 'exited',
          asked: false,
          code: 1,
          signal: null,
          log_tail: ['TypeError: task is undefined', '    at cancel (travel.js:88:14)'],
        },
      ],
    },
  ],
  ports: {
    plan: { from: 'range', first: 5000, last: 5999, block: 5, spacing: 10, exclude: [5070] },
    held_max: 285,
    events: [
      ...ranges.map((first, index) => ({
        seq: 3000 + index,
        time_ms: 30_000 + index,
        scenario: 'freeze-thaw',
        type: 'port' as const,
        holder: `session-${index}`,
        phase: 'leased' as const,
        ports: [first, first + 1, first + 2, first + 3, first + 4],
      })),
      {
        seq: 3100,
        time_ms: 31_000,
        scenario: 'freeze-thaw',
        type: 'port',
        holder: 'session-58',
        phase: 'stolen',
        ports: [5620, 5621, 5622, 5623, 5624],
        by: 'a server that is no A2A agent',
      },
      {
        seq: 3101,
        time_ms: 31_200,
        scenario: 'freeze-thaw',
        type: 'port',
        holder: 'session-99',
        phase: 'refused',
        blocks_held: 57,
        blocks_all: 99,
        message: 'No block of 5 ports is left in 5000–5999.',
      },
    ],
  },
  vitals: Array.from({ length: 61 }, (_, second) => ({
    seq: 4000 + second,
    time_ms: second * 1000,
    scenario: '',
    type: 'vitals' as const,
    loop_delay_ms_p99: 1 + (second % 4) * 0.3,
    cpu_percent: 30 + (second % 12),
    rss_mb: 140 + second / 4,
    open_ops: 20 + (second % 9),
  })),
  environment: { node: '24.21.0', platform: 'linux x64', cpus: 2, memory_mb: 7812 },
};
