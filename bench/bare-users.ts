/**
 * The calls of the scenario many-users without muster: the same agent in the same process, the official client over Node's
 * fetch, the same arrivals, nothing recorded and nothing judged. Tells what it used.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Message, Role, type SendMessageRequest } from '@a2a-js/sdk';
import { ClientFactory, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { findFixture } from '../fixtures/table.ts';

export interface BareQuestion {
  readonly users: number;
  readonly rate_per_s: number;
}

export interface BareAnswer {
  readonly calls: number;
  readonly cpu_s: number;
  readonly seconds: number;
}

const { users, rate_per_s } = JSON.parse(process.argv[2] ?? '') as BareQuestion;
const tasks: { readonly user: number; readonly id: string }[] = [];
let calls = 0;
{
  await using agent = await findFixture('echo')?.start({ port: 0 });
  if (agent === undefined) throw new Error('Failed to start the fixture echo: there is none of that name.');
  const client = await new ClientFactory({
    transports: [new JsonRpcTransportFactory()],
    preferredTransports: ['JSONRPC'],
  }).createFromUrl(agent.url);
  const optionsOf = (user: number) => ({ serviceParameters: { authorization: `Bearer user-${user}` } });

  const send = async (user: number, contextId = ''): Promise<{ taskId: string; contextId: string }> => {
    const answer = await client.sendMessage(messageOf(`word-${user}-${calls}`, contextId), optionsOf(user));
    calls += 1;
    const taskId = 'messageId' in answer ? answer.taskId : answer.id;
    tasks.push({ user, id: taskId });
    return { taskId, contextId: answer.contextId };
  };
  const get = async (user: number, id: string): Promise<void> => {
    await client.getTask({ tenant: '', id }, optionsOf(user));
    calls += 1;
  };
  const talk = async (user: number): Promise<void> => {
    await delay((user * 1000) / rate_per_s);
    const first = await send(user);
    const second = await send(user, first.contextId);
    await get(user, second.taskId);
    await send(user);
  };
  await Promise.all(Array.from({ length: users }, (_, user) => talk(user)));
  // Muster reads every task once more, and that is part of its price.
  for (const { user, id } of tasks) await get(user, id);
}
const { user, system } = process.cpuUsage();
const answer: BareAnswer = { calls, cpu_s: (user + system) / 1e6, seconds: process.uptime() };
process.stdout.write(`${JSON.stringify(answer)}\n`);

function messageOf(text: string, contextId: string): SendMessageRequest {
  const message: Message = {
    messageId: randomUUID(),
    contextId,
    taskId: '',
    role: Role.ROLE_USER,
    parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: '' }],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
  return { tenant: '', metadata: undefined, configuration: undefined, message };
}
