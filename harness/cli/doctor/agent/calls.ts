/**
 * A short message, read back a few times, and another one as a stream: what they bring, and how long that takes. What is not over
 * by then is cancelled.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../../model/a2a.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { oneLine } from '../../init/card-hints.ts';
import { type Answered, type Conversation, converse } from '../../init/conversation.ts';
import { note, ok, problem } from '../findings.ts';
import { askInVain, codeOf } from './interfaces.ts';
import type { AgentExamination, Talking } from './patient.ts';

const READS = 5;
const BETWEEN_READS_MS = 20;

export const calls: AgentExamination = {
  area: 'calls',
  title: 'Calls',
  sends: `a short message, ${READS} GetTask, and the message once more as a stream; CancelTask for what is not over`,
  async examine(patient) {
    const { main, caller, signal, patience } = patient;
    const talk = converse(main.wire, caller.headers, signal, patience);
    const answer = await talk.say(patient.phrase);
    const { took_ms } = main.wire.latest();
    const message = await messageFinding(answer, took_ms, talk);
    const reads = await readBack(patient, answer.taskId);
    const stream = answer.outcome.type === 'ok' ? await streamFinding(patient, talk) : [];
    const findings = [message, ...reads, ...stream];
    return { findings, ...(answer.taskId === undefined ? {} : { taskId: answer.taskId }) };
  },
};

const SENT = 'a short message';

async function messageFinding(answer: Answered, took_ms: number, talk: Conversation): Promise<CheckupFinding> {
  const id = 'calls/message';
  const { outcome, state, taskId } = answer;
  const took = `in ${Math.ceil(took_ms)} ms`;
  if (outcome.type !== 'ok') {
    const seen = `${oneLine(`${outcome.error.code}: ${outcome.error.message}`)} (${took})`;
    const advice =
      outcome.error.code === 'timeout'
        ? 'Raise policy.answer_ms_max in the config if its answers take that long; otherwise find out what it waits for.'
        : 'Look into the log of the agent: a message that is to be repeated is the least that scenarios send.';
    return problem(id, SENT, { seen, advice, hinders: 'all' });
  }
  if (taskId === undefined) {
    const advice = 'Nothing needs to be done; what is about tasks, most checks, finds nothing to judge then.';
    return note(id, SENT, `answered with a message and no task ${took}`, advice);
  }
  if (state === 'TASK_STATE_COMPLETED') return ok(id, SENT, `COMPLETED ${took}`);
  const cancelled = await letGo(talk, answer);
  const seen = `${shortState(state)} ${took}${cancelled}`;
  const advice =
    state !== undefined && TERMINAL_STATES.has(state)
      ? 'Tell muster words that it does answer: \'short\' of the phrasebook, such as { "short": { "text": "say {token}" } }.'
      : "Nothing needs to be done if that is meant; otherwise give it words that it answers at once as 'short' of the phrasebook.";
  return note(id, SENT, seen, advice);
}

const shortState = (state: string | undefined): string => oneLine((state ?? 'no state').replace('TASK_STATE_', ''));

/** What came of the cancel, for the end of a sentence; nothing where there was nothing to cancel. */
export async function letGo(
  talk: Pick<Conversation, 'ask'>,
  { state, taskId }: Pick<Answered, 'state' | 'taskId'>,
): Promise<string> {
  if (taskId === undefined || state === undefined || TERMINAL_STATES.has(state)) return '';
  const outcome = await talk.ask({ op: 'CancelTask', agent: 'agent', taskId });
  return outcome.type === 'ok' ? ', and cancelled' : `, and not cancelled: ${oneLine(codeOf(outcome))}`;
}

async function readBack(patient: Talking, taskId: string | undefined): Promise<readonly CheckupFinding[]> {
  const { main, caller, signal, patience } = patient;
  const { wire } = main;
  const times: number[] = [];
  let failed: string | undefined;
  for (let read = 0; read < READS; read += 1) {
    if (read > 0) await delay(BETWEEN_READS_MS, undefined, { signal });
    const outcome =
      taskId === undefined
        ? await askInVain(patient, wire, caller.headers)
        : await converse(wire, caller.headers, signal, { ...patience, answer_ms_max: patience.call_ms_max }).ask({
            op: 'GetTask',
            agent: 'agent',
            taskId,
          });
    times.push(wire.latest().took_ms);
    if (taskId !== undefined && outcome.type !== 'ok') failed ??= codeOf(outcome);
    if (codeOf(outcome) === 'timeout') break;
  }
  return [latency(times), ...(taskId === undefined ? [] : [readable(failed)])];
}

function latency(times: readonly number[]): CheckupFinding {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const told = `median ${median.toFixed(1)} ms, slowest ${(sorted.at(-1) ?? 0).toFixed(1)} ms (n = ${sorted.length})`;
  return ok('calls/latency', 'latency of GetTask', told);
}

function readable(failed: string | undefined): CheckupFinding {
  const id = 'calls/read-back';
  const what = 'its task read back';
  if (failed === undefined) return ok(id, what, 'GetTask gives it to who began it');
  const advice =
    'Keep tasks at least for as long as their users may ask: GetTask must give a task to who began it (§3.1.3).';
  return problem(id, what, { seen: oneLine(failed), advice, hinders: 'part' });
}

async function streamFinding(patient: Talking, talk: Conversation): Promise<readonly CheckupFinding[]> {
  const id = 'calls/stream';
  const what = 'the message as a stream';
  const { main, agent } = patient;
  if (!agent.summary.streaming) {
    const advice = 'Nothing needs to be done; scenarios about streams are not applicable then.';
    return [note(id, what, 'the card claims no streaming', advice)];
  }
  const answer = await talk.say(patient.phrase, { stream: true });
  const { took_ms, first_event_ms, events } = main.wire.latest();
  const told = `first event after ${Math.ceil(first_event_ms ?? took_ms)} ms, ${events} in ${Math.ceil(took_ms)} ms`;
  const { outcome, state } = answer;
  if (outcome.type === 'ok' && events > 0) {
    const cancelled = await letGo(talk, answer);
    // Without a state it was a message, and nothing more is to come.
    if (state === undefined || TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state))
      return [ok(id, what, `${told}${cancelled}`)];
    const advice = 'End a stream only when its task is over or waits for its user (§3.1.2).';
    return [problem(id, what, { seen: `${told}; it ended with the task ${shortState(state)}${cancelled}`, advice })];
  }
  const cancelled = await letGo(talk, answer);
  const why = outcome.type === 'ok' ? 'it ended without an event' : `${outcome.error.code}: ${outcome.error.message}`;
  const advice =
    'Make SendStreamingMessage answer with events, or take streaming off the card: clients go by it (§3.3.4).';
  return [problem(id, what, { seen: `${oneLine(why)}${cancelled}`, advice, hinders: 'part' })];
}
