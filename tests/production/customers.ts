/**
 * Users of the agent `production` who do what a careful client does when the answer gets lost: they send the same message again. Each
 * keeps what he was told, so that it can be held against what is there in the end.
 */
import type { SendMessageRequest, Task } from '@a2a-js/sdk';
import { type Client, ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';
import { foldTask } from '../../fixtures/agents/caller.ts';
import { newMessage } from '../../fixtures/agents/turn.ts';

export interface Receipt {
  readonly user: string;
  readonly taskId: string;
  /** What the answer has to be, to the letter. */
  readonly answer: string;
}

export interface Crowd {
  /** What somebody was told of. */
  readonly receipts: readonly Receipt[];
  /** How many messages were given up, and why. */
  readonly failures: readonly string[];
  /** Nobody begins anything new; resolves when all have ended. */
  leave(): Promise<void>;
}

const PIECES = 4;
const GAP_MS = 15;

export interface Habits {
  readonly users: number;
  /** How often a message is sent in all, if no answer comes. */
  readonly tries_max: number;
  readonly retry_ms: number;
}

export async function openCrowd(url: string, { users, ...habits }: Habits): Promise<Crowd> {
  const receipts: Receipt[] = [];
  const failures: string[] = [];
  const leaving = new AbortController();
  const one = async (client: Client, user: string): Promise<void> => {
    for (let count = 1; !leaving.signal.aborted; count += 1) {
      const token = `${user}-${count}`;
      const isSlow = count % 2 === 0;
      const request = newMessage(isSlow ? `slow ${PIECES} ${GAP_MS} ${token}` : token);
      const answer = isSlow ? slowAnswer(token) : token;
      const note = (taskId: string): void => {
        if (!receipts.some((receipt) => receipt.taskId === taskId)) receipts.push({ user, taskId, answer });
      };
      const speak = isSlow ? watch : send;
      const problem = await insist(() => speak(client, user, request, note), habits);
      if (problem !== undefined) failures.push(`${token}: ${problem}`);
    }
  };
  const clients = await Promise.all(Array.from({ length: users }, () => clientAt(url)));
  const all = clients.map((client, index) => one(client, `secret-of-user-${index + 1}`));
  return {
    receipts,
    failures,
    async leave() {
      leaving.abort();
      await Promise.all(all);
    },
  };
}

const slowAnswer = (token: string): string =>
  Array.from({ length: PIECES }, (_, index) => `${index + 1}/${PIECES} ${token}\n`).join('');

export const clientAt = (url: string): Promise<Client> =>
  new ClientFactory({ transports: [new JsonRpcTransportFactory(), new RestTransportFactory()] }).createFromUrl(url);

export const as = (user: string) => ({ serviceParameters: { authorization: `Bearer ${user}` } });

type Note = (taskId: string) => void;

async function send(client: Client, user: string, request: SendMessageRequest, note: Note): Promise<void> {
  const answer = await client.sendMessage(request, as(user));
  if ('messageId' in answer) throw new Error('it answered with a message');
  note(answer.id);
}

async function watch(client: Client, user: string, request: SendMessageRequest, note: Note): Promise<void> {
  const events = [];
  for await (const event of client.sendMessageStream(request, as(user))) {
    events.push(event);
    if (event.payload?.$case === 'task') note(event.payload.value.id);
  }
  const task: Task | undefined = foldTask(events);
  if (task === undefined || task.artifacts.length === 0) throw new Error('the stream ended before its task');
}

async function insist(attempt: () => Promise<void>, { tries_max, retry_ms }: Omit<Habits, 'users'>) {
  for (let tries = 1; ; tries += 1) {
    try {
      await attempt();
      return undefined;
    } catch (error) {
      if (tries === tries_max) return (error as Error).message;
      await new Promise((resolve) => setTimeout(resolve, retry_ms));
    }
  }
}
