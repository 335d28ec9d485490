/**
 * A short message as a stream, one that waits for its answer, and its task read back a few times: what they bring, and how long that
 * takes. The stream comes first, for it tells the id of a task that has not ended; whatever is not over in time is cancelled.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../../model/a2a.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { oneLine } from '../../init/card-hints.ts';
import { type Answered, type Conversation, converse } from '../../init/conversation.ts';
import { note, ok, problem } from '../findings.ts';
import { askInVain, codeOf } from './interfaces.ts';
import { type AgentExamination, ignoreEvent, type Talking } from './patient.ts';

const READS = 5;
const BETWEEN_READS_MS = 20;

export const calls: AgentExamination = {
  area: 'calls',
  title: 'Calls',
  looks_at: 'a message and a stream, what states they come to, and how long they and GetTask take',
  sends: `a short message as a stream if the card claims that, the same without, ${READS} GetTask; CancelTask for what is not over`,
  async examine(patient) {
    const { main, caller, signal, patience } = patient;
    const talk = converse(main.wire, caller.headers, signal, patience);
    const stream = await tryStream(patient, talk);
    const message = stream.isSlow ? unsent() : await tryMessage(patient, talk, stream.isWell);
    const taskId = message.taskId ?? stream.taskId;
    const reads = await readBack(patient, taskId);
    const findings = [stream.finding, message.finding, ...reads];
    return { findings, ...(taskId === undefined ? {} : { taskId }) };
  },
};

interface Tried {
  readonly finding: CheckupFinding;
  readonly taskId?: string | undefined;
}

const STREAMED = 'a short message, streamed';

async function tryStream(patient: Talking, talk: Conversation): Promise<Tried & { isWell: boolean; isSlow: boolean }> {
  const id = 'calls/stream';
  const { main, agent, caller, signal, patience } = patient;
  if (!agent.summary.streaming) {
    const advice = 'Nothing needs to be done; scenarios about streams are not applicable then.';
    const finding = note(id, STREAMED, 'the card claims no streaming', advice);
    return { finding, isWell: false, isSlow: false };
  }
  // A stream may go on for ever without ever being late.
  const leaving = AbortSignal.any([signal, AbortSignal.timeout(patience.answer_ms_max)]);
  const answer = await converse(main.wire, caller.headers, leaving, patience).say(patient.phrase, { stream: true });
  const { took_ms, first_event_ms, events } = main.wire.latest();
  const { outcome, state, taskId } = answer;
  const cancelled = await letGo(talk, answer);
  const came = `first event after ${Math.ceil(first_event_ms ?? took_ms)} ms, ${events} in ${Math.ceil(took_ms)} ms`;
  const isLeft = outcome.type === 'ok' && outcome.value.ended === 'by-reader';
  const isSlow = isLeft || codeOf(outcome) === 'timeout';
  const tried = { taskId, isSlow, isWell: outcome.type === 'ok' && !isLeft && events > 0 };
  if (isSlow && events > 0) {
    const seen = `${came}, and still ${shortState(state)}${cancelled}`;
    const advice = `Give it words that it answers within ${patience.answer_ms_max} ms as 'short' of the phrasebook, or raise policy.answer_ms_max.`;
    return { ...tried, finding: problem(id, STREAMED, { seen, advice, hinders: 'part' }) };
  }
  if (!tried.isWell) {
    const why = outcome.type === 'ok' ? 'it ended without an event' : `${outcome.error.code}: ${outcome.error.message}`;
    const advice =
      'Make SendStreamingMessage answer with events, or take streaming off the card: clients go by it (§3.3.4).';
    return {
      ...tried,
      finding: problem(id, STREAMED, { seen: `${oneLine(why)}${cancelled}`, advice, hinders: 'part' }),
    };
  }
  // Without a state it was a message, and nothing more is to come.
  const isOver = state === undefined || TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state);
  if (isOver) return { ...tried, finding: ok(id, STREAMED, `${came}${cancelled}`) };
  const seen = `${came}; it ended with the task ${shortState(state)}${cancelled}`;
  const advice = 'End a stream only when its task is over or waits for its user (§3.1.2).';
  return { ...tried, finding: problem(id, STREAMED, { seen, advice }) };
}

const SENT = 'a short message';

function unsent(): Tried {
  const advice = 'See what is said of the stream; the same without one would be a task that nobody can cancel in time.';
  return { finding: note('calls/message', SENT, 'not sent, for the stream did not end in time', advice) };
}

/** To an agent that may be slow for all that is known, it goes without waiting: then its task has an id to be cancelled by. */
async function tryMessage(patient: Talking, talk: Conversation, isQuick: boolean): Promise<Tried> {
  const id = 'calls/message';
  const answer = await talk.say(patient.phrase, isQuick ? {} : { returnImmediately: true });
  const { took_ms } = patient.main.wire.latest();
  const { outcome, state, taskId } = answer;
  const took = isQuick ? ` in ${Math.ceil(took_ms)} ms` : '';
  if (outcome.type !== 'ok') {
    const seen = `${oneLine(`${outcome.error.code}: ${outcome.error.message}`)}${took}`;
    const advice =
      outcome.error.code === 'timeout'
        ? 'Raise policy.answer_ms_max in the config if its answers take that long; otherwise find out what it waits for.'
        : 'Look into the log of the agent: a message that is to be repeated is the least that scenarios send.';
    return { finding: problem(id, SENT, { seen, advice, hinders: 'all' }) };
  }
  if (taskId === undefined) {
    const advice = 'Nothing needs to be done; what is about tasks, most checks, finds nothing to judge then.';
    return { finding: note(id, SENT, `answered with a message and no task${took}`, advice) };
  }
  if (state === 'TASK_STATE_COMPLETED') return { taskId, finding: ok(id, SENT, `COMPLETED${took}`) };
  const cancelled = await letGo(talk, answer);
  const advice =
    state !== undefined && TERMINAL_STATES.has(state)
      ? 'Tell muster words that it does answer: \'short\' of the phrasebook, such as { "short": { "text": "say {token}" } }.'
      : "Nothing needs to be done if that is meant; otherwise give it words that it answers at once as 'short' of the phrasebook.";
  return { taskId, finding: note(id, SENT, `${shortState(state)}${took}${cancelled}`, advice) };
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
  const how = { headers: caller.headers, signal, timeout_ms: patience.call_ms_max, onEvent: ignoreEvent };
  const times: number[] = [];
  let failed: string | undefined;
  for (let read = 0; read < READS; read += 1) {
    if (read > 0) await delay(BETWEEN_READS_MS, undefined, { signal });
    const outcome =
      taskId === undefined
        ? await askInVain(patient, wire, caller.headers)
        : await wire.perform({ op: 'GetTask', agent: 'agent', taskId }, how);
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
