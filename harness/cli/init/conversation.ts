/** A few words with an agent, and what came of them: how `muster init` and `muster doctor` find out what an agent can be asked to do. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTED_STATES, type StreamResponse, type Task, TERMINAL_STATES } from '../../model/a2a.ts';
import type { Wire } from '../../model/live.ts';
import type { Outcome, ProtocolOp } from '../../model/op.ts';
import type { BehaviourName } from '../../model/phrasebook.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Answered {
  readonly outcome: Outcome;
  /** Everything that the agent said, joined. */
  readonly said: string;
  readonly token: string;
  readonly state?: string;
  readonly taskId?: string;
  readonly contextId?: string;
  /** How many events of a stream brought words, and how long it took from the first to the last. */
  readonly pieces: number;
  readonly lasted_ms: number;
}

export interface Manner {
  readonly stream?: true;
  readonly contextId?: string;
  readonly returnImmediately?: true;
}

export interface Conversation {
  say(text: string, how?: Manner): Promise<Answered>;
  ask(op: ProtocolOp): Promise<Outcome>;
}

const ANSWER_MS_MAX = 30_000;
const POLLS_MAX = 40;
const BETWEEN_POLLS_MS = 100;
const CHUNKS = 4;
export const GAP_MS = 60;

export interface Patience {
  readonly answer_ms_max: number;
  /** How often a task that is not over yet is looked at again. */
  readonly polls_max: number;
}

const PATIENCE: Patience = { answer_ms_max: ANSWER_MS_MAX, polls_max: POLLS_MAX };

export function converse(
  wire: Pick<Wire, 'perform'>,
  headers: Headers,
  signal: AbortSignal,
  { answer_ms_max, polls_max }: Patience = PATIENCE,
): Conversation {
  const perform = (op: ProtocolOp, onEvent: (payload: StreamResponse) => void = () => {}): Promise<Outcome> =>
    wire.perform(op, { headers, signal, timeout_ms: answer_ms_max, onEvent });

  /** A send may be answered before the task is over (§3.2.2). */
  const settled = async (task: Task): Promise<Task> => {
    let latest = task;
    for (let polls = 0; polls < polls_max && isGoingOn(latest); polls += 1) {
      await delay(BETWEEN_POLLS_MS, undefined, { signal });
      const outcome = await perform({ op: 'GetTask', agent: 'agent', taskId: task.id });
      if (outcome.type !== 'ok' || outcome.value.task === undefined) return latest;
      latest = outcome.value.task;
    }
    return latest;
  };

  return {
    ask: (op) => perform(op),
    async say(text, { stream, contextId, returnImmediately } = {}) {
      const token = `mq${randomUUID().replaceAll('-', '').slice(0, 12)}`;
      const words = text
        .replaceAll('{token}', token)
        .replaceAll('{chunks}', `${CHUNKS}`)
        .replaceAll('{gap_ms}', `${GAP_MS}`);
      const pieces: { readonly at_ms: number; readonly event: StreamResponse }[] = [];
      const op = stream ? 'SendStreamingMessage' : 'SendMessage';
      const outcome = await perform(
        {
          op,
          agent: 'agent',
          behaviour: 'short' satisfies BehaviourName,
          messageId: `muster-${randomUUID()}`,
          text: words,
          token,
          echoes: false,
          ...(contextId === undefined ? {} : { contextId }),
          ...(returnImmediately && { returnImmediately }),
        },
        (event) => pieces.push({ at_ms: performance.now(), event }),
      );
      const events = pieces.map(({ event }) => event);
      const value = outcome.type === 'ok' ? outcome.value : {};
      const task = value.task && (await settled(value.task));
      const told = [...events, { ...value, ...(task && { task }) }];
      const spoken = pieces.filter(({ event }) => saidIn(event) !== '');
      return {
        outcome,
        token,
        said: told.map(saidIn).join(''),
        pieces: spoken.length,
        lasted_ms: (spoken.at(-1)?.at_ms ?? 0) - (spoken[0]?.at_ms ?? 0),
        ...idsOf(told),
      };
    },
  };
}

const isGoingOn = ({ status }: Task): boolean =>
  !TERMINAL_STATES.has(status.state) && !INTERRUPTED_STATES.has(status.state);

/** Not what the history repeats of the question. */
function saidIn({ task, message, statusUpdate, artifactUpdate }: StreamResponse): string {
  const replies = (task?.history ?? []).filter(({ role }) => role === 'ROLE_AGENT');
  const holders = [
    ...replies,
    ...(task?.artifacts ?? []),
    artifactUpdate?.artifact,
    task?.status.message,
    statusUpdate?.status.message,
    message,
  ];
  const parts = holders.flatMap((holder) => holder?.parts ?? []);
  return parts.map(({ text, data }) => text ?? (data === undefined ? '' : JSON.stringify(data))).join('');
}

function idsOf(told: readonly StreamResponse[]): Pick<Answered, 'state' | 'taskId' | 'contextId'> {
  let ids: Pick<Answered, 'state' | 'taskId' | 'contextId'> = {};
  for (const { task, message, statusUpdate } of told) {
    const state = statusUpdate?.status.state ?? task?.status.state;
    const taskId = task?.id ?? statusUpdate?.taskId;
    const contextId = task?.contextId ?? message?.contextId ?? statusUpdate?.contextId;
    ids = { ...ids, ...(state && { state }), ...(taskId && { taskId }), ...(contextId && { contextId }) };
  }
  return ids;
}
