/**
 * Over rounds of the same, after each of which everything is over, an agent comes back to what it had: descriptors, answer times,
 * memory. Descriptors are exact, so a few rounds tell; answer times and memory are not, and are held against an agent only where
 * they rise steadily and far. Tasks may be kept, so how much memory each may take is policy.
 */
import type { Check } from '../model/check.ts';
import type { AgentEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { isReadBack, isSend, SENDS } from './parts/reading.ts';
import { medianOf, risingIn, slopeOf } from './parts/slopes.ts';

const ROUNDS_MIN = 6;
const ROUNDS_MAX = 1_000;
/** The first round opens what stays open. */
const WARM_UP = 1;
/** Of the steps from round to round, so many go up. */
const STEADY = 0.8;
/** The fastest answer of a round becomes so many times slower, by so much. */
const SLOWER_TIMES = 2;
const SLOWER_MS = 25;
/** So much memory comes and goes by itself, in a process that collects its garbage late. */
const NOISE_MB = 128;
const KB_PER_MB = 1024;

type Measured = AgentEvent & { readonly phase: 'measured' };

interface Round {
  readonly measured: Measured;
  /** Users who asked for something in it, and messages until its end. */
  readonly users: number;
  readonly messages: number;
  /** Of its unary answers. */
  readonly fastest_ms: number;
}

interface Course {
  rounds: Round[];
  readonly users: Set<string>;
  messages: number;
  fastest_ms: number;
}

export const noLeak: Check = {
  name: 'no-leak',
  title: 'Over rounds of the same neither descriptors, nor answer times, nor memory rise',
  section: 'policy',
  memory: 'An event and four numbers for each of the first 1,000 rounds of each agent that is measured.',
  aspects: ['memory'],
  judges: 'agent',
  reads: ['fault', 'agent', 'invoke', 'ok'],
  ops: SENDS,
  start: ({ plan }) => {
    const findings = startFindings();
    const courses = new Map<string, Course>();
    let hasFaults = false;

    const courseOf = (agent: string): Course => {
      const course = courses.get(agent) ?? newCourse();
      courses.set(agent, course);
      return course;
    };

    /** What was measured is judged, and what the agent has in its next life is another matter. */
    const endLife = ({ agent, seq }: AgentEvent): void => {
      const course = courses.get(agent);
      courses.delete(agent);
      if (course !== undefined && course.rounds.length > ROUNDS_MIN) courses.set(`${agent} until ${seq}`, course);
    };

    const onAgent = (event: AgentEvent): void => {
      if (event.phase === 'exited' || event.phase === 'starting') endLife(event);
      if (event.phase !== 'measured') return;
      const course = courseOf(event.agent);
      const { users, messages, fastest_ms } = course;
      if (course.rounds.length < ROUNDS_MAX)
        course.rounds.push({ measured: event, users: users.size, messages, fastest_ms });
      users.clear();
      course.fastest_ms = Number.POSITIVE_INFINITY;
    };

    const onAnswer = (event: HistoryEvent, { op, time_ms }: InvokeEvent): void => {
      if (event.type !== 'ok' || op.op !== 'SendMessage' || op.behaviour !== 'short') return;
      const course = courseOf(op.agent);
      course.fastest_ms = Math.min(course.fastest_ms, event.time_ms - time_ms);
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault') hasFaults = true;
        if (event.type === 'agent') onAgent(event);
        if (event.type === 'invoke' && isSend(event.op) && !isReadBack(event)) {
          const course = courseOf(event.op.agent);
          course.users.add(event.user);
          course.messages += 1;
        }
        if (invoke !== undefined) onAnswer(event, invoke);
      },
      close() {
        const notes: string[] = [];
        let evidence = 0;
        let memory = 0;
        for (const { rounds: all } of courses.values()) {
          const rounds = all.slice(WARM_UP);
          if (hasFaults || rounds.length < ROUNDS_MIN) continue;
          evidence += rounds.length;
          if (canShowMemory(rounds, plan.policy.kept_kb_max)) memory += rounds.length;
          for (const leak of [
            descriptorLeak(rounds),
            slowerAnswers(rounds),
            memoryLeak(rounds, plan.policy.kept_kb_max),
          ])
            if (leak !== undefined) findings.report(leak);
          notes.push(noteOf(rounds));
        }
        return {
          evidence,
          findings: findings.list(),
          aspects: { memory },
          ...(notes.length > 0 && { note: notes.join(' ') }),
        };
      },
    };
  },
};

const newCourse = (): Course => ({ rounds: [], users: new Set(), messages: 0, fastest_ms: Number.POSITIVE_INFINITY });

/** Without the connections that clients still have open. */
const ownOf = ({ measured: { descriptors, connections } }: Round): number => descriptors - connections;

/** At least one for every second user, in nearly every round: what fills up a pool or a cache comes to an end. */
function descriptorLeak(rounds: readonly Round[]): Example | undefined {
  const own = rounds.map(ownOf);
  const steps = own.slice(1).map((now, index) => now - (own[index] ?? now));
  const users = medianOf(rounds.map((round) => round.users)) ?? 0;
  const slope = slopeOf(own.map((count, round) => [round, count]));
  const isSteady = steps.filter((step) => step > 0).length >= STEADY * steps.length;
  if (!isSteady || slope < Math.max(1, users / 2)) return undefined;
  return {
    kind: 'descriptors-leak',
    message: 'The descriptors of an agent became more with every round',
    expected: 'When everything that users began is over, an agent has as many descriptors open as before.',
    seen: `Beside the connections of its clients it had ${told(own)} open after ${own.length} rounds of the same: ${slope.toFixed(1)} more a round, with ${users} users.`,
    ...shown(rounds, 'descriptors'),
  };
}

/** The fastest answer of each round: a busy machine slows many down, and seldom all. */
function slowerAnswers(rounds: readonly Round[]): Example | undefined {
  const fastest = rounds.map(({ fastest_ms }) => fastest_ms).filter(Number.isFinite);
  if (fastest.length < ROUNDS_MIN || risingIn(fastest) < STEADY) return undefined;
  const third = Math.ceil(fastest.length / 3);
  const [before, after] = [medianOf(fastest.slice(0, third)) ?? 0, medianOf(fastest.slice(-third)) ?? 0];
  if (after < SLOWER_TIMES * before || after - before < SLOWER_MS) return undefined;
  return {
    kind: 'answers-slow-down',
    message: 'The answers of an agent became slower with every round',
    expected: 'When everything that users began is over, an agent answers as fast as before.',
    seen: `The fastest answer of a round took ${told(fastest.map(Math.round))} ms in ${fastest.length} rounds of the same.`,
    ...shown(rounds, 'answers'),
  };
}

/** In both halves: what has found its level does not rise any more. */
function memoryLeak(rounds: readonly Round[], kept_kb_max: number): Example | undefined {
  const memory = rounds.map(({ messages, measured }) => [messages, measured.memory_mb * KB_PER_MB] as const);
  const half = Math.ceil(memory.length / 2);
  const slopes = [memory, memory.slice(0, half), memory.slice(-half)].map(slopeOf);
  const [first, last] = [rounds[0]?.measured.memory_mb ?? 0, rounds.at(-1)?.measured.memory_mb ?? 0];
  if (last - first < NOISE_MB || slopes.some((slope) => slope <= kept_kb_max)) return undefined;
  return {
    kind: 'memory-leak',
    message: 'The memory of an agent became more with every round',
    expected: `Of each message that it has answered an agent keeps at most ${kept_kb_max} kB.`,
    seen: `It had ${told(rounds.map(({ measured }) => Math.round(measured.memory_mb)))} MB after ${rounds.length} rounds of the same: ${Math.round(slopes[0] ?? 0)} kB more a message.`,
    ...shown(rounds, 'memory'),
  };
}

/** Whether what the policy allows is more than what comes and goes. */
const canShowMemory = (rounds: readonly Round[], kept_kb_max: number): boolean =>
  (((rounds.at(-1)?.messages ?? 0) - (rounds[0]?.messages ?? 0)) * kept_kb_max) / KB_PER_MB >= NOISE_MB;

/** The first ones, and the last. */
const told = (values: readonly number[]): string => `${values.slice(0, 3).join(', ')} … ${values.at(-1)}`;

const shown = (rounds: readonly Round[], shape: string): Pick<Example, 'users' | 'tasks' | 'shape' | 'evidence'> => ({
  users: [],
  tasks: [],
  shape,
  evidence: [rounds[0], rounds[Math.floor(rounds.length / 2)], rounds.at(-1)].map((round) => round?.measured),
});

function noteOf(rounds: readonly Round[]): string {
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) return '';
  const from = `${ownOf(first)} descriptors of its own, ${Math.round(first.measured.memory_mb)} MB`;
  const to = `${ownOf(last)} and ${Math.round(last.measured.memory_mb)} MB`;
  return `In ${rounds.length} rounds it went from ${from} to ${to}; less than ${NOISE_MB} MB more proves nothing.`;
}
