/**
 * How much the agent takes at once: a large message, a few calls at the same time, its own descriptors. The messages are for a task
 * that there is not (§3.4.2), so that nobody has to do any work for them.
 */
import { randomUUID } from 'node:crypto';
import type { CheckupFinding } from '../../../model/checkup.ts';
import type { Agent, ProcessAgent } from '../../../model/live.ts';
import type { Outcome } from '../../../model/op.ts';
import { oneLine } from '../../init/card-hints.ts';
import { note, ok, problem } from '../findings.ts';
import { letGo } from './calls.ts';
import { askInVain, codeOf } from './interfaces.ts';
import { type AgentExamination, ignoreEvent, type Talking } from './patient.ts';

const KB = 1024;
const SIZES_KB = [64, 1024] as const;
const AT_ONCE = 8;
/** What an agent needs for itself; each user takes at least one more. */
const DESCRIPTORS_FREE_MIN = 64;

export const limits: AgentExamination = {
  area: 'limits',
  title: 'Limits',
  looks_at: 'large messages, calls at the same time, and descriptors where muster starts the agent',
  sends: `messages of ${SIZES_KB.join(' KB and ')} KB to a task that there is not, and ${AT_ONCE} GetTask at once`,
  async examine(patient) {
    const findings = [...(await largeMessages(patient)), await atOnce(patient), ...descriptors(patient.agent)];
    return { findings };
  },
};

async function largeMessages(patient: Talking): Promise<readonly CheckupFinding[]> {
  const taken: string[] = [];
  for (const kb of SIZES_KB) {
    const outcome = await sendLarge(patient, kb);
    const wrong = await largeFinding(patient, `${kb} KB`, outcome);
    if (wrong !== undefined) return [...(taken.length > 0 ? [takenFinding(taken)] : []), wrong];
    taken.push(`${kb} KB`);
  }
  return [takenFinding(taken)];
}

const takenFinding = (sizes: readonly string[]): CheckupFinding =>
  ok('limits/message', 'large messages', `read to the end: ${sizes.join(', ')}`);

function sendLarge({ main, caller, signal, patience }: Talking, kb: number): Promise<Outcome> {
  const token = randomUUID();
  return main.wire.perform(
    {
      op: 'SendMessage',
      agent: 'agent',
      behaviour: 'short',
      messageId: randomUUID(),
      text: `${token} ${'.'.repeat(kb * KB)}`,
      token,
      echoes: false,
      taskId: randomUUID(),
    },
    { headers: caller.headers, signal, timeout_ms: patience.answer_ms_max, onEvent: ignoreEvent },
  );
}

/** Nothing where it was read and answered as it should be. */
async function largeFinding(patient: Talking, size: string, outcome: Outcome): Promise<CheckupFinding | undefined> {
  const id = 'limits/message-refused';
  const what = `a message of ${size}`;
  const code = codeOf(outcome);
  if (outcome.type === 'ok') {
    const { task } = outcome.value;
    const talk = {
      ask: (op: Parameters<typeof patient.main.wire.perform>[0]) =>
        patient.main.wire.perform(op, {
          headers: patient.caller.headers,
          signal: patient.signal,
          timeout_ms: patient.patience.call_ms_max,
          onEvent: ignoreEvent,
        }),
    };
    const cancelled = task === undefined ? '' : await letGo(talk, { taskId: task.id, state: task.status.state });
    const seen = `sent to a task that there is not, and answered as if there were${cancelled}`;
    const advice =
      "Answer a message to an unknown task with TaskNotFoundError, and begin no task under a client's id (§3.4.2).";
    return problem('limits/unknown-task', what, { seen, advice });
  }
  if (code === 'TaskNotFoundError') return undefined;
  if (
    /^http-(413|414|431)$/.test(code) ||
    /InvalidParams|InvalidRequest|ContentType|OtherProtocol|http-(400|429)/.test(code)
  ) {
    const advice =
      'Raise the limit of its server if users send files; otherwise leave it, and scenarios with long texts out.';
    return note(id, what, `refused: ${oneLine(code)}`, advice);
  }
  const advice =
    'Refuse what is too large with HTTP 413 or an error of the protocol: a client cannot tell this from a crash.';
  return problem(id, what, { seen: oneLine(`${code}: ${outcome.error.message}`), advice });
}

async function atOnce(patient: Talking): Promise<CheckupFinding> {
  const id = 'limits/at-once';
  const what = `${AT_ONCE} calls at once`;
  const { main, caller } = patient;
  const began_ms = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: AT_ONCE }, () => askInVain(patient, main.wire, caller.headers)),
  );
  const took = `in ${Math.ceil(performance.now() - began_ms)} ms`;
  const usual = codeOf(main.tried.at(-1)?.outcome ?? { type: 'ok', value: {} });
  const others = outcomes.map(codeOf).filter((code) => code !== usual);
  if (others.length === 0) return ok(id, what, `all answered as one alone, ${took}`);
  const counted = [...Map.groupBy(others, (code) => code)].map(([code, all]) => `${all.length} times ${oneLine(code)}`);
  const seen = `${others.length} of ${AT_ONCE} were not answered as one alone: ${counted.join(', ')}`;
  if (others.every((code) => code === 'http-429')) {
    const advice = 'Raise its rate limit for the time of the tests, or give several users with --users-file.';
    return note(id, what, seen, advice);
  }
  const advice =
    'Let it serve several callers at once: every scenario has several users, and these answers are lost to them.';
  return problem(id, what, { seen, advice, hinders: 'part' });
}

function descriptors(agent: Agent): readonly CheckupFinding[] {
  if (!('descriptors' in agent)) return [];
  const found = (agent as ProcessAgent).descriptors();
  if (found === undefined) return [];
  const { open, limit, pid } = found;
  const seen = `${open} of ${limit} are open (pid ${pid})`;
  const id = 'limits/descriptors';
  if (limit - open >= DESCRIPTORS_FREE_MIN) return [ok(id, 'its descriptors', seen)];
  const advice = `Raise \`ulimit -n\` where it is started: each user takes at least one, and less than ${DESCRIPTORS_FREE_MIN} are left.`;
  return [problem(id, 'its descriptors', { seen, advice, hinders: 'part' })];
}
