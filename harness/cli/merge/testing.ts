/**
 * Runs of shards without an agent: who comes, and when, is what the plan says; answers take a time of their own, the same in a shard and
 * in the whole. So what is merged can be held against the whole to the last number.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openHistory } from '../../history/write.ts';
import { startRecord } from '../../judge/record.ts';
import type { SegmentClock } from '../../judge/segment.ts';
import { smallLoad, smallPlan, smallScenario } from '../../judge/testing.ts';
import { HISTORY_SCHEMA, type Unstamped } from '../../model/history.ts';
import type { Shard } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { loadVisits } from '../../plan/load-visits.ts';
import { canaryOf } from '../../plan/random.ts';
import { userName } from '../../plan/visits.ts';
import { FILES, writePlan } from '../../run/folder.ts';
import { type SegmentEnd, writeSegment } from '../../run/segment-file.ts';

export const USERS = 7;

/** Three seconds of forty visits a second; `shard` is told among the flags, too, as the command line tells it. */
export function loadPlan(shard?: Shard, changes: Partial<Plan> = {}): Plan {
  const stages = [{ from_per_s: 20, to_per_s: 60, for_ms: 3_000 }];
  const plan = smallPlan([smallScenario('load', { users: USERS, family: 'load' })], {
    target: { kind: 'url', url: 'http://127.0.0.1:1' },
    load: smallLoad({ demand: { kind: 'open', stages, arrivals: 'poisson' }, ...(shard && { shard }) }),
    gates: ['p95_ms(SendMessage) < 500'],
    flags: ['--url', 'http://127.0.0.1:1', ...(shard ? ['--shard', `${shard.index}/${shard.of}`] : []), '--users', '7'],
  });
  return { ...plan, ...changes };
}

export interface Staging {
  /** When its clock was at 0, by the machine's; the load begins 100 ms later. */
  readonly at_ms: number;
  readonly boot?: string | null;
  /** Every answer to u1 holds the words of whoever of another shard asked last before him. */
  readonly leaks?: true;
  readonly ended?: SegmentEnd['ended'];
  readonly hasHistory?: false;
}

const BEGIN_MS = 100;
/** The machine's clock at time 0 of the run that began first, and the one on the wall; that is set back in the middle of it all. */
const BOOT_MS = 50_000;
const WALL_MS = 1_790_000_000_000;

/** Writes the run folder and returns it. */
export async function stage(folder: string, plan: Plan, staging: Staging): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await writePlan(folder, plan);
  const { at_ms, boot = 'machine', ended = 'finished' } = staging;
  const clock: SegmentClock = {
    wall_ms: WALL_MS + at_ms - (boot !== null && at_ms > 0 ? 90_000 : 0),
    boot: boot === null ? null : { id: boot, at_ms: BOOT_MS + at_ms },
  };
  let now_ms = 0;
  const record = startRecord(plan);
  let events = 0;
  {
    await using history = openHistory(join(folder, staging.hasHistory === false ? 'elsewhere' : FILES.history), {
      clock: () => now_ms,
    });
    for (const [time_ms, event] of eventsOf(plan, staging)) {
      now_ms = time_ms;
      record.add(history.append(event, event.type === 'run' ? '' : 'load'));
      events += 1;
    }
  }
  const end: SegmentEnd = { ended, events, metrics: record.counted('load'), vitals: [] };
  await writeSegment(folder, plan, clock, ended === 'running' ? undefined : end);
  return folder;
}

type Timed = readonly [time_ms: number, event: Unstamped];

function eventsOf(plan: Plan, { ended, leaks }: Staging): readonly Timed[] {
  const nonce = `n${plan.load?.shard?.index ?? 0}`;
  const visits = loadVisits({ ...plan, load: plan.load ?? smallLoad() });
  const said = leaks === true ? wordsInAll(plan) : [];
  const middle: Timed[] = [...visits].flatMap(({ index, device, after_ms }, place): Timed[] => {
    const due_ms = BEGIN_MS + after_ms;
    const user = userName(index);
    const canary = canaryOf(plan.seed, '', user);
    const [sent_ms, done_ms] = [due_ms + 0.5, due_ms + tookOf(index, device)];
    const token = `${canary}x${device}x0`;
    const stranger = index === 0 ? said.findLast(([at_ms]) => at_ms < after_ms)?.[1] : undefined;
    return [
      [due_ms, { type: 'user', phase: 'arrived', user, device, due_ms, canary, identity: 'bearer' }],
      [
        sent_ms,
        { type: 'invoke', op_id: place, user, device, step: 0, due_ms, op: sendOf(user, device, token, nonce) },
      ],
      [done_ms, { type: 'ok', op_id: place, value: answerOf(`${index}-${device}`, `${token} ${stranger ?? ''}`) }],
      [done_ms, { type: 'user', phase: 'left', user, device }],
    ];
  });
  const end_ms = Math.max(BEGIN_MS + 3_000, ...middle.map(([time_ms]) => time_ms));
  const all: Timed[] = [
    [
      0,
      {
        type: 'run',
        phase: 'started',
        schema: HISTORY_SCHEMA,
        started_at: '2026-11-22T00:00:00.000Z',
        nonce,
        environment: { node: 'v24', platform: 'linux', cpus: 2, memory_mb: 4096 },
      },
    ],
    [1, { type: 'scenario', phase: 'started' }],
    [BEGIN_MS, { type: 'scenario', phase: 'loading' }],
    ...middle.toSorted(([a], [b]) => a - b),
    [end_ms, vitalsAfter(middle.length)],
    [end_ms, { type: 'scenario', phase: 'load-over' }],
    [end_ms + 1, { type: 'scenario', phase: 'settling' }],
    [end_ms + 2, { type: 'scenario', phase: 'ended' }],
    [end_ms + 3, { type: 'run', phase: 'ended', reason: 'finished' }],
  ];
  return ended === 'running' ? all.slice(0, Math.floor(all.length / 2)) : all;
}

/** Each visit brought as much over the connections as every other. */
function vitalsAfter(visits: number): Unstamped {
  const traffic = {
    connections_opened: visits,
    connections_open: 0,
    bytes_in: 100 * visits,
    bytes_out: 50 * visits,
    ops_open: 0,
  };
  return { type: 'vitals', loop_delay_ms_p99: 1, cpu_percent: 5, rss_mb: 100, open_ops: 0, traffic };
}

/** Of those who are never in one of three shards with u1: what an agent has heard. */
function wordsInAll(plan: Plan): readonly (readonly [after_ms: number, token: string])[] {
  const { shard: _, ...load } = plan.load ?? smallLoad();
  return [...loadVisits({ ...plan, load })]
    .filter(({ index }) => index % 3 !== 0)
    .map(
      ({ index, device, after_ms }) => [after_ms, `${canaryOf(plan.seed, '', userName(index))}x${device}x0`] as const,
    );
}

const tookOf = (index: number, device: number): number => 20 + ((index * 31 + device * 17) % 200);

function sendOf(user: string, device: number, token: string, nonce: string) {
  const messageId = `${nonce}-${user}-${device}-0`;
  return {
    op: 'SendMessage',
    agent: 'agent',
    behaviour: 'short',
    messageId,
    text: `say ${token}`,
    token,
    echoes: true,
  } as const;
}

function answerOf(id: string, text: string) {
  const artifacts = [{ artifactId: 'a', parts: [{ text }] }];
  return { task: { id: `t${id}`, contextId: `c${id}`, status: { state: 'TASK_STATE_COMPLETED' as const }, artifacts } };
}
