/**
 * Messages that users sent again under the same id, because the first answer got lost, and whether that made more than one task.
 * A task that nobody listed is not known of. Memory: an entry for each of the latest 10,000 messages.
 */
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { tasksOfMessages } from '../model/tasks-of-messages.ts';

const MESSAGES_MAX = 10_000;

export interface SentAgain {
  readonly user: string;
  readonly agent: string;
  /** When it was sent first, and when that was known to be lost. */
  readonly sent_seq: number;
  readonly lost_seq: number;
  readonly isDoubled: boolean;
}

export interface SentAgains {
  /** Invokes, too. */
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  list(): readonly SentAgain[];
}

interface Message {
  readonly user: string;
  readonly agent: string;
  readonly first: InvokeEvent;
  lost_seq: number | undefined;
  attempts: number;
  readonly tasks: Set<string>;
}

export function startSentAgain(): SentAgains {
  const messages = new Map<string, Message>();
  const keyOf = (user: string, agent: string, id: string): string => JSON.stringify([user, agent, id]);

  const begin = (invoke: InvokeEvent): void => {
    const { op, user } = invoke;
    if (!('messageId' in op)) return;
    const key = keyOf(user, op.agent, op.messageId);
    const known = messages.get(key);
    if (known !== undefined) known.attempts += 1;
    else
      messages.set(key, { user, agent: op.agent, first: invoke, lost_seq: undefined, attempts: 1, tasks: new Set() });
    const [oldest] = messages.keys();
    if (messages.size > MESSAGES_MAX && oldest !== undefined) messages.delete(oldest);
  };

  return {
    add(event, invoke) {
      if (event.type === 'invoke') begin(event);
      if (invoke === undefined || !('agent' in invoke.op)) return;
      const { op, user } = invoke;
      for (const { messageId, taskId } of tasksOfMessages(event, invoke)) {
        messages.get(keyOf(user, op.agent, messageId))?.tasks.add(taskId);
      }
      if (!('messageId' in op) || (event.type !== 'fail' && event.type !== 'info')) return;
      const message = messages.get(keyOf(user, op.agent, op.messageId));
      if (message?.first.op_id === invoke.op_id) message.lost_seq ??= event.seq;
    },
    list: () =>
      [...messages.values()].flatMap(({ user, agent, first, lost_seq, attempts, tasks }) =>
        attempts < 2 || lost_seq === undefined
          ? []
          : [{ user, agent, sent_seq: first.seq, lost_seq, isDoubled: tasks.size > 1 }],
      ),
  };
}
