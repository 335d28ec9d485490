/**
 * One agent, one peer, and everything that can go wrong between the two: the same users ask for the same short work again and
 * again, enough before the fault and after it to tell rates from, so that what differs is the fault. What an agent cannot
 * know (an event that got lost, or came twice) is no reason to accuse it; that it answers, ends its tasks and recovers is.
 */
import type { FaultPlan, Scenario } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

const USERS = 8;
/** Work is asked for, read to its end, and looked at: three ops a round. A rate and a p95 need 20 rounds before the fault. */
const OPS_BEFORE = 3 * 24;
/**
 * About three rounds of each user come before the fault, and who fails pauses. The others must last until it has healed, and then
 * for more than a second: so long an agent must fail before it is said not to have recovered.
 */
const ROUNDS = 14;
const RETRY_MS = 250;

type Unscheduled<F extends FaultPlan> = F extends FaultPlan ? Omit<F, 'target' | 'begins'> : never;

interface Failure {
  readonly name: string;
  readonly title: string;
  readonly faults: readonly (Unscheduled<FaultPlan> & {
    readonly times?: number;
    readonly every_ms?: number;
  })[];
  /** Besides what all of them must show. */
  readonly mustExercise?: readonly string[];
  /** Where the users have left when it heals, and nobody is there to see a recovery. */
  readonly untilUsersLeave?: true;
  readonly rounds?: number;
  readonly chunks?: number;
}

/** Cards pass: a match of any kind is about calls only. */
const CALLS = { match: { probability: 1 } };

const failures: readonly Failure[] = [
  {
    name: 'peer-down',
    title: 'When its peer is down an agent says so, leaves no task open, and recovers with it',
    faults: [{ fault: 'down', for_ms: 500 }],
  },
  {
    name: 'peer-outage',
    title:
      'When its peer is away for so long that a circuit breaker opens and probes in vain, it closes again all the same',
    faults: [{ fault: 'down', for_ms: 1_500 }],
    rounds: 17,
  },
  {
    name: 'peer-flaps',
    title: 'When its peer comes and goes an agent takes it back each time as the first time',
    faults: [{ fault: 'down', for_ms: 250, times: 2, every_ms: 1_000 }],
    rounds: 30,
  },
  {
    name: 'peer-slow',
    title: 'When its peer is slow an agent answers all the same, and recovers with it',
    faults: [{ fault: 'latency', for_ms: 1_000, latency_ms: 3_000 }],
  },
  {
    name: 'peer-hangs',
    title: 'When its peer never answers an agent does not keep its user waiting for ever',
    faults: [{ fault: 'blackhole', for_ms: 60_000, match: { nth: 1 } }],
    mustExercise: ['answers-anyway'],
    untilUsersLeave: true,
    rounds: 8,
  },
  {
    name: 'peer-half-open',
    title: 'When its peer is gone without a word an agent recovers with it',
    faults: [{ fault: 'half-open', for_ms: 700 }],
  },
  {
    name: 'peer-resets',
    title:
      'When its peer resets every connection in the middle of an answer an agent passes no half answer on as whole',
    faults: [{ fault: 'reset', for_ms: 500, after_bytes: 900, ...CALLS }],
    mustExercise: ['passes-on-whole'],
  },
  {
    name: 'peer-cut',
    title: 'When its peer is cut off in the middle of a stream an agent ends its own in order',
    faults: [{ fault: 'cut', for_ms: 500, after_events: 2 }],
    mustExercise: ['passes-on-whole'],
  },
  {
    name: 'peer-json-cut',
    title: 'When what its peer says ends in the middle of its JSON an agent passes no half answer on as whole',
    faults: [{ fault: 'limit-bytes', for_ms: 500, after_bytes: 900, ...CALLS }],
    mustExercise: ['passes-on-whole'],
  },
  {
    name: 'peer-mislabelled',
    title: 'When an error page seems to answer in place of its peer an agent does not take it for an answer',
    faults: [{ fault: 'wrong-content-type', for_ms: 500, content_type: 'text/html', ...CALLS }],
    mustExercise: ['passes-on-whole'],
  },
  {
    name: 'peer-busy',
    title: 'A peer that has too much to do and says when to come back is not asked again before',
    faults: [{ fault: 'status', for_ms: 500, status: 429, retry_after_s: 1, ...CALLS }],
    mustExercise: ['heeds-retry-after'],
  },
  {
    name: 'peer-unavailable',
    title: 'A peer that is being repaired and says when to come back is not asked again before',
    faults: [{ fault: 'status', for_ms: 500, status: 503, retry_after_s: 1, ...CALLS }],
    mustExercise: ['heeds-retry-after'],
  },
  {
    name: 'peer-event-lost',
    title: 'When the last word of its peer gets lost an agent does not wait for it for ever',
    faults: [{ fault: 'drop', for_ms: 500, event: 3 }],
    chunks: 1,
  },
  {
    name: 'peer-event-doubled',
    title: 'When an event of its peer comes twice an agent serves its users afterwards as before',
    faults: [{ fault: 'double', for_ms: 500, event: 1 }],
    rounds: 20,
  },
  {
    name: 'peer-event-late',
    title: 'When an event of its peer comes late an agent waits for it or says that it did not',
    faults: [{ fault: 'delay', for_ms: 1_300, event: 3, delay_ms: 1_200 }],
    mustExercise: ['passes-on-whole'],
  },
  {
    name: 'peer-event-garbled',
    title: 'When a character of its peer is cut in half an agent ends its tasks in order',
    faults: [{ fault: 'corrupt', for_ms: 250, event: 2, what: 'utf-8' }],
  },
  {
    name: 'peer-sliced',
    title:
      'However an answer of its peer is cut into packets, also in the middle of a character, it is passed on unchanged',
    faults: [{ fault: 'slice', for_ms: 900, slice_bytes: 20, gap_ms: 5, ...CALLS }],
    mustExercise: ['passes-on-whole'],
  },
];

function peerScenario({
  name,
  title,
  faults,
  mustExercise = [],
  untilUsersLeave,
  rounds = ROUNDS,
  chunks = 2,
}: Failure): Scenario {
  return defineScenario({
    name,
    title,
    family: 'peer failure',
    needs: ['delegates'],
    capabilities: ['streaming'],
    users: USERS,
    load: { shape: 'closed' },
    faults: faults.map((fault) => ({ ...fault, target: 'peer', begins: { after_events: OPS_BEFORE, of: 'ok' } })),
    mustExercise: [...mustExercise, ...(untilUsersLeave ? [] : ['recovers']), 'retries-bounded', 'no-stuck-task'],
    script: (context) =>
      streamRounds(context, 'delegates', { rounds, retry_ms: RETRY_MS, words: { chunks, gap_ms: 20 } }),
  });
}

export const peerScenarios: readonly Scenario[] = failures.map(peerScenario);
