/**
 * One client under load in a process of its own: it warms up, and then measures one round for each line that it is told: how much it did, and
 * with how much CPU. One process for all rounds, for what runs for the first time is compiled on the way, and that is not what is asked.
 */
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AgentCard } from '@a2a-js/sdk';
import { JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import autocannon from 'autocannon';
import { Pool } from 'undici';
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import type { SendOp } from '../harness/model/op.ts';
import { DEFAULT_PHRASEBOOK } from '../harness/plan/defaults.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { sendRequest } from '../harness/wire/request.ts';
import { openSlimFetch } from '../harness/wire/slim-fetch.ts';
import { openWire } from '../harness/wire/wire.ts';
import { scenarios } from '../scenarios/table.ts';
import { loadPlanOf } from './load-plan.ts';

export type LoadClient = 'autocannon' | 'socket' | 'http' | 'json' | 'slim' | 'wire' | 'off' | 'history' | 'on';

export interface LoadQuestion {
  readonly url: string;
  readonly client: LoadClient;
  /** Streams of ten events instead of answers. */
  readonly streams: boolean;
  readonly at_once: number;
  /** Of CPU: who shares his core warms up for longer. */
  readonly warm_up_ms: number;
  readonly for_ms: number;
  readonly folder: string;
}

export interface LoadAnswer {
  readonly requests: number;
  readonly events: number;
  readonly cpu_s: number;
  readonly seconds: number;
}

/** A warm-up is over after so many times its length, whatever CPU it got. */
const PATIENCE = 3;
const LIMITS = { answer_bytes_max: 4_000_000, stream_events_max: 100, user_agent: 'muster-bench' };
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  authorization: 'Bearer muster-user-1',
};

const question = JSON.parse(process.argv[2] ?? '') as LoadQuestion;
const { url, client, streams, at_once } = question;
const op: SendOp = {
  op: streams ? 'SendStreamingMessage' : 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: 'a1b2c3d4-u1-0-0',
  text: 'Please repeat this word: mqabcdefghijx0x0',
  token: 'mqabcdefghijx0x0',
  echoes: false,
};
const body = JSON.stringify({
  jsonrpc: '2.0',
  method: op.op,
  params: { message: { messageId: op.messageId, role: 'ROLE_USER', parts: [{ text: op.text }] } },
  id: 1,
});
const counted = { requests: 0, events: 0 };

await warmUp();
process.stdout.write('"warm"\n');
let round = 0;
for await (const _told of createInterface({ input: process.stdin })) {
  round += 1;
  const before = { ...counted, cpu: process.cpuUsage(), at_ms: performance.now() };
  const spent = await work(question.for_ms, `round-${round}`);
  const { user, system } = process.cpuUsage(before.cpu);
  const answer: LoadAnswer = {
    requests: counted.requests - before.requests,
    events: counted.events - before.events,
    cpu_s: (user + system) / 1e6,
    seconds: (performance.now() - before.at_ms) / 1000,
    // A whole run of muster does more than its load.
    ...spent,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function warmUp(): Promise<void> {
  const end_ms = performance.now() + PATIENCE * question.warm_up_ms;
  const used_ms = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const warm_ms = used_ms() + question.warm_up_ms;
  for (let turn = 1; used_ms() < warm_ms && performance.now() < end_ms; turn += 1) {
    await work(question.for_ms, `warm-up-${turn}`);
  }
}

function work(ms: number, name: string): Promise<Partial<LoadAnswer> | undefined> {
  if (client === 'autocannon') return cannon(ms);
  if (client === 'off' || client === 'on' || client === 'history') return muster(ms, name);
  return bare(ms);
}

async function cannon(ms: number): Promise<undefined> {
  const { requests } = await autocannon({
    url,
    connections: at_once,
    duration: ms / 1000,
    method: 'POST',
    headers: HEADERS,
    body,
  });
  counted.requests += requests.total;
}

async function bare(ms: number): Promise<undefined> {
  await using opened = await openBare();
  const end_ms = performance.now() + ms;
  const worker = async (): Promise<void> => {
    while (performance.now() < end_ms) {
      await opened.send();
      counted.requests += 1;
    }
  };
  await Promise.all(Array.from({ length: at_once }, worker));
}

async function openBare(): Promise<{ readonly send: () => Promise<unknown> } & AsyncDisposable> {
  if (client === 'socket') return openSockets();
  const connections = { origin: url, connections_max: at_once, ...LIMITS };
  const onEvent = (): void => {
    counted.events += 1;
  };
  if (client === 'wire') {
    const card = { supportedInterfaces: [{ url: `${url}/`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] };
    const wire = await openWire({ card, url, ...connections });
    const options = { headers: { authorization: HEADERS.authorization }, signal: new AbortController().signal };
    return {
      send: async () => {
        const outcome = await wire.perform(op, { ...options, timeout_ms: 10_000, onEvent });
        if (outcome.type !== 'ok') throw new Error(`The stub did not answer the wire: ${outcome.error.message}`);
      },
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    };
  }
  if (client === 'slim') {
    const slim = openSlimFetch(connections);
    const sdk = await new JsonRpcTransportFactory({ fetchImpl: slim.fetch }).create(`${url}/`, AgentCard.fromJSON({}));
    const options = { serviceParameters: { authorization: HEADERS.authorization } };
    return {
      send: async () => {
        if (!streams) return sdk.sendMessage(sendRequest(op, ''), options);
        for await (const _event of sdk.sendMessageStream(sendRequest(op, ''), options)) onEvent();
        return undefined;
      },
      [Symbol.asyncDispose]: () => slim[Symbol.asyncDispose](),
    };
  }
  const pool = new Pool(url, { connections: at_once, pipelining: 1 });
  return { send: () => dispatch(pool), [Symbol.asyncDispose]: () => pool.destroy() };
}

/** One request beforehand, and of the answer nothing but where it ends: what no client can do without. */
function openSockets(): { readonly send: () => Promise<unknown> } & AsyncDisposable {
  const { hostname, port, host } = new URL(url);
  const head = Object.entries({ host, ...HEADERS, 'content-length': body.length });
  const request = `POST / HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`;
  const free = Array.from({ length: at_once }, () => connect({ host: hostname, port: Number(port), noDelay: true }));
  const all = [...free];
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = free.pop();
      if (socket === undefined) throw new Error('There are more requests than sockets.');
      let text = '';
      const onData = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        const headEnd = text.indexOf('\r\n\r\n');
        const length = Number(/\r\ncontent-length: (\d+)/.exec(text)?.[1]);
        if (headEnd < 0 || text.length < headEnd + 4 + length) return;
        socket.off('data', onData);
        socket.off('error', reject);
        free.push(socket);
        resolve();
      };
      socket.on('data', onData);
      socket.on('error', reject);
      socket.write(request);
    });
  return {
    send,
    async [Symbol.asyncDispose]() {
      for (const socket of all) socket.destroy();
    },
  };
}

/** `http` looks at no body. */
function dispatch(pool: Pool): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pool.dispatch(
      { path: '/', method: 'POST', headers: HEADERS, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => {
          if (client === 'http') return resolve(undefined);
          const text = Buffer.concat(chunks).toString();
          if (!streams) resolve(JSON.parse(text));
          else resolve(text.split('\n').filter(readEvent).length);
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

function readEvent(line: string): boolean {
  if (!line.startsWith('data: ')) return false;
  JSON.parse(line.slice(6));
  counted.events += 1;
  return true;
}

async function muster(ms: number, name: string): Promise<Partial<LoadAnswer>> {
  const folder = join(question.folder, `${client}-${name}`);
  mkdirSync(folder, { recursive: true });
  const peer = findFixture('echo');
  if (peer === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');
  let began = { cpu: process.cpuUsage(), at_ms: performance.now() };
  let spent: Partial<LoadAnswer> = {};
  const { error } = await runPlan({
    plan: loadPlanOf({
      url,
      phrasebook: DEFAULT_PHRASEBOOK,
      demand: { kind: 'closed', at_once, for_ms: ms },
      mix: [{ script: streams ? 'stream' : 'ask', weight: 1 }],
      checks: client === 'off' ? 'off' : 'on',
      connections_max: at_once,
    }),
    scenarios: new Map(scenarios.map((each) => [each.name, each])),
    target: { kind: 'url', url },
    peer,
    checks: client === 'on' ? checks : [],
    headersOf: (index) => ({ authorization: `Bearer muster-user-${index + 1}` }),
    folder,
    signal: new AbortController().signal,
    measures: {
      op: ({ events_ms }) => {
        counted.requests += 1;
        counted.events += events_ms?.length ?? 0;
      },
      visit: () => {},
    },
    onEvent: (event) => {
      if (event.type === 'ok')
        counted.requests += event.value.ended !== undefined || event.value.task !== undefined ? 1 : 0;
      if (event.type === 'event') counted.events += 1;
      if (event.type !== 'scenario') return;
      if (event.phase === 'loading') began = { cpu: process.cpuUsage(), at_ms: performance.now() };
      if (event.phase === 'load-over') {
        const { user, system } = process.cpuUsage(began.cpu);
        spent = { cpu_s: (user + system) / 1e6, seconds: (performance.now() - began.at_ms) / 1000 };
      }
    },
  });
  if (error !== undefined) throw error;
  return spent;
}
