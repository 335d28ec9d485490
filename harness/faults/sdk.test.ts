/** What the official client meets when a fault hits the agent it talks to, over each transport that the proxy carries. */
import {
  AgentCard,
  Message,
  SendMessageRequest,
  Task,
  TaskArtifactUpdateEvent,
  TaskState,
  TaskStatusUpdateEvent,
} from '@a2a-js/sdk';
import { ClientFactory, ClientFactoryOptions } from '@a2a-js/sdk/client';
import { AgentEvent, type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler, restHandler } from '@a2a-js/sdk/server/express';
import express from 'express';
import { expect, test } from 'vitest';
import { applyFault } from './apply.ts';
import { type FaultProxy, openProxy } from './proxy/proxy.ts';
import { noAbort, type Served, serve } from './testing.ts';

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

/** Six events: the task, WORKING, three chunks, COMPLETED. */
const chunks: AgentExecutor = {
  async execute({ taskId, contextId, userMessage }, bus) {
    const status = (state: string) =>
      bus.publish(AgentEvent.statusUpdate(TaskStatusUpdateEvent.fromJSON({ taskId, contextId, status: { state } })));
    const history = [Message.toJSON(userMessage)];
    const task = Task.fromJSON({ id: taskId, contextId, status: { state: 'TASK_STATE_SUBMITTED' }, history });
    bus.publish(AgentEvent.task(task));
    status('TASK_STATE_WORKING');
    for (const n of [0, 1, 2]) {
      const artifact = { artifactId: 'a', parts: [{ text: `chunk ${n}` }] };
      const update = { taskId, contextId, artifact, append: n > 0, lastChunk: n === 2 };
      bus.publish(AgentEvent.artifactUpdate(TaskArtifactUpdateEvent.fromJSON(update)));
      await new Promise(setImmediate);
    }
    status('TASK_STATE_COMPLETED');
  },
  cancelTask: async () => undefined,
};

async function serveAgent(): Promise<Served> {
  const app = express();
  const agent = await serve(app);
  const card = AgentCard.fromJSON({
    name: 'chunks',
    description: 'three chunks',
    version: '1',
    supportedInterfaces: [
      { url: '127.0.0.1:1', protocolBinding: 'GRPC', protocolVersion: '1.0' },
      { url: `${agent.url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${agent.url}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
    capabilities: { streaming: true },
  });
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), chunks);
  const userBuilder = async () => ({ isAuthenticated: false, userName: '' });
  app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler }));
  app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder }));
  app.use('/rest', restHandler({ requestHandler, userBuilder }));
  return agent;
}

async function clientOf(proxy: FaultProxy, transport: 'JSONRPC' | 'HTTP+JSON') {
  const preferred = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { preferredTransports: [transport] });
  return await new ClientFactory(preferred).createFromUrl(proxy.url);
}

type Client = Awaited<ReturnType<typeof clientOf>>;

async function readStream(client: Client): Promise<{ events: string[]; taskId: string; failed: boolean }> {
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text: 'go' }] };
  const events: string[] = [];
  let taskId = '';
  try {
    for await (const { payload } of client.sendMessageStream(SendMessageRequest.fromJSON({ message }))) {
      events.push(payload?.$case ?? 'nothing');
      if (payload?.$case === 'task') taskId = payload.value.id;
    }
    return { events, taskId, failed: false };
  } catch {
    return { events, taskId, failed: true };
  }
}

const WHOLE = ['task', 'statusUpdate', 'artifactUpdate', 'artifactUpdate', 'artifactUpdate', 'statusUpdate'];

test.each(['JSONRPC', 'HTTP+JSON'] as const)(
  'the official client over %s meets a cut, and its task is done all the same',
  async (transport) => {
    await using agent = await serveAgent();
    await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
    const client = await clientOf(proxy, transport);
    expect(await readStream(client)).toMatchObject({ events: WHOLE, failed: false });

    const fault = await applyFault({ ...plan, fault: 'cut', after_events: 3 }, { proxy }, noAbort);
    const broken = await readStream(client);
    expect(broken).toMatchObject({ events: WHOLE.slice(0, 3), failed: true });
    expect(await fault.heal()).toBe('cut 1 stream after event 3');

    const state = async () => (await client.getTask({ tenant: '', id: broken.taskId, historyLength: 0 })).status?.state;
    await expect.poll(state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(await readStream(client)).toMatchObject({ events: WHOLE, failed: false });
    expect(proxy.counters()).toMatchObject({ streams: 3, effects: { cut: { hits: 1 } } });
  },
);

test('the official client finds no agent while it is down, and finds it when healed', async () => {
  await using agent = await serveAgent();
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const client = await clientOf(proxy, 'JSONRPC');
  const fault = await applyFault({ ...plan, fault: 'down' }, { proxy }, noAbort);
  expect(await readStream(client)).toEqual({ events: [], taskId: '', failed: true });
  await expect(clientOf(proxy, 'JSONRPC')).rejects.toThrow();
  await fault.heal();
  expect(await readStream(client)).toMatchObject({ events: WHOLE, failed: false });
});
