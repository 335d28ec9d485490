/** One agent in a process of its own, a fixture or what the SDK makes without muster's kit; told to, it says what it has used so far. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { A2A_PROTOCOL_VERSION, type AgentCard, TaskState } from '@a2a-js/sdk';
import { AgentEvent, type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import { findFixture } from '../fixtures/table.ts';

/** Who is no fixture. */
export type Bare = 'bare SDK';
const BARE: Bare = 'bare SDK';

export interface AgentUse {
  readonly cpu_s: number;
  readonly rss_bytes: number;
}

/** From before its modules were loaded until it answers. */
export interface AgentUp {
  readonly url: string;
  readonly boot_ms: number;
}

const name: string = JSON.parse(process.argv[2] ?? '""');
const url = name === BARE ? await startBare() : await startFixture();
const up: AgentUp = { url, boot_ms: performance.now() };
process.stdout.write(`${JSON.stringify(up)}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  const use: AgentUse = { cpu_s: (user + system) / 1e6, rss_bytes: process.memoryUsage.rss() };
  process.stdout.write(`${JSON.stringify(use)}\n`);
}

async function startFixture(): Promise<string> {
  const fixture = findFixture(name);
  if (fixture === undefined) throw new Error(`Failed to measure the fixture "${name}": there is none of that name.`);
  const running = await fixture.start({ port: 0 });
  return `${running.url}/a2a/jsonrpc`;
}

/** What echo says, with the SDK's own store and handler, and nothing else in the way. */
async function startBare(): Promise<string> {
  const executor: AgentExecutor = {
    async execute({ taskId, contextId, userMessage }, bus) {
      const stamp = (state: TaskState) => ({ state, message: undefined, timestamp: new Date().toISOString() });
      const status = stamp(TaskState.TASK_STATE_WORKING);
      const task = { id: taskId, contextId, status, artifacts: [], history: [userMessage], metadata: undefined };
      bus.publish(AgentEvent.task(task));
      const artifact = {
        artifactId: 'answer',
        name: 'answer',
        description: '',
        parts: userMessage.parts,
        metadata: undefined,
        extensions: [],
      };
      const told = { taskId, contextId, metadata: undefined };
      bus.publish(AgentEvent.artifactUpdate({ ...told, artifact, append: false, lastChunk: true }));
      bus.publish(AgentEvent.statusUpdate({ ...told, status: stamp(TaskState.TASK_STATE_COMPLETED) }));
      bus.finished();
    },
    async cancelTask() {},
  };
  const face = {
    protocolBinding: 'JSONRPC',
    protocolVersion: A2A_PROTOCOL_VERSION,
    tenant: '',
    url: 'http://127.0.0.1/',
  };
  const capabilities = { streaming: true, extensions: [] };
  const card = { name: BARE, supportedInterfaces: [face], capabilities } as unknown as AgentCard;
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
  const app = express().use(jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
