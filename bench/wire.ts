/** What a virtual user costs: the official client over our fetch, beside the same client over Node's, and beside no client. */
import { AgentCard } from '@a2a-js/sdk';
import { JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { Pool, request } from 'undici';
import type { SendOp } from '../harness/model/op.ts';
import { sendRequest } from '../harness/wire/request.ts';
import { openSlimFetch } from '../harness/wire/slim-fetch.ts';
import { openWire } from '../harness/wire/wire.ts';
import { startServer } from './child.ts';
import type { Benchmark } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';

const AT_ONCE = 50;
const ROUNDS = 3;
const ROUND_MS = 550;
const WARM_UP_MS = 450;
const ANSWER_BYTES_MAX = 1_000_000;
const USER_AGENT = 'muster-bench';

const op: SendOp = {
  op: 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: 'message-1',
  text: 'mqabcdefghijx0x0',
  token: 'mqabcdefghijx0x0',
  echoes: false,
};

interface Client {
  readonly name: string;
  /** One message and its answer, parsed. */
  readonly send: () => Promise<unknown>;
}

interface Round {
  readonly requests: number;
  readonly cpu_s: number;
}

export const wire: Benchmark = {
  name: 'wire',
  title: 'What does a virtual user cost?',
  method:
    `SendMessage over JSON-RPC to a stub in a process of its own, ${AT_ONCE} at a time over as many connections; ${ROUND_MS} ms per ` +
    'client and round, taking turns, after a warm-up. CPU is that of the clients’ process alone, system time included, and a ' +
    'request counts when its answer has been parsed. *muster’s wire, whole* is the second row with all that muster adds: a ' +
    'deadline, limits, the outcome, and what is written down of the answer. The last row sends a body made beforehand through ' +
    'undici’s own `request`, whose answers are streams, so it is no floor: collecting the bytes without one is cheaper. ' +
    'Streams are not measured here.',
  measure: async () => {
    await using stub = await startServer('wire-stub.ts');
    await using opened = await openClients(stub.url);
    const rounds = new Map<string, Round[]>(opened.clients.map(({ name }) => [name, []]));
    for (const { send } of opened.clients) await runFor(send, WARM_UP_MS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, send } of opened.clients) rounds.get(name)?.push(await runFor(send, ROUND_MS));
    }
    const results = [...rounds].map(([name, all]) => {
      const perCpu = all.map(({ requests, cpu_s }) => requests / cpu_s);
      return { name, perCpu, median: median(perCpu), requests: all.reduce((sum, { requests }) => sum + requests, 0) };
    });
    const baseline = results.find(({ name }) => name === GLOBAL_FETCH)?.median ?? Number.NaN;
    const ours = results[0]?.median ?? Number.NaN;
    return {
      tables: [
        {
          caption: `${ROUNDS} interleaved rounds; more is better`,
          columns: ['client', 'requests per CPU second', 'rounds from–to', 'over global fetch', 'requests timed'],
          rows: results.map((one) => [
            one.name,
            show(one.median),
            showSpread(one.perCpu),
            showRatio(one.median, baseline),
            show(one.requests),
          ]),
        },
      ],
      findings: [
        `A whole virtual user of muster makes ${(ours / baseline).toFixed(1)} times as many requests of a CPU second as the plain SDK client over global fetch.`,
      ],
    };
  },
};

const GLOBAL_FETCH = 'SDK client over global fetch';

async function openClients(url: string): Promise<{ clients: readonly Client[] } & AsyncDisposable> {
  const card = { supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] };
  const endpoint = `${url}/`;
  const limits = { connections_max: AT_ONCE, answer_bytes_max: ANSWER_BYTES_MAX, user_agent: USER_AGENT };
  const slim = openSlimFetch({ origin: url, ...limits });
  const whole = await openWire({ card, url, stream_events_max: 10, ...limits });
  const pool = new Pool(url, { connections: AT_ONCE, pipelining: 1 });
  const overSlim = await new JsonRpcTransportFactory({ fetchImpl: slim.fetch }).create(
    endpoint,
    AgentCard.fromJSON({}),
  );
  const overGlobal = await new JsonRpcTransportFactory().create(endpoint, AgentCard.fromJSON({}));
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'SendMessage',
    params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: op.text }] } },
  });
  const signal = new AbortController().signal;
  return {
    clients: [
      {
        name: 'muster’s wire, whole',
        send: async () => {
          const outcome = await whole.perform(op, { headers: {}, signal, timeout_ms: 10_000, onEvent: () => {} });
          if (outcome.type !== 'ok') throw new Error(`The stub did not answer the wire: ${outcome.error.message}`);
        },
      },
      { name: 'SDK client over our slim fetch', send: () => overSlim.sendMessage(sendRequest(op, '')) },
      { name: GLOBAL_FETCH, send: () => overGlobal.sendMessage(sendRequest(op, '')) },
      {
        name: 'undici.request and JSON.parse, no client',
        send: async () => {
          const headers = { 'content-type': 'application/json' };
          const answer = await request(url, { method: 'POST', headers, body, dispatcher: pool });
          return JSON.parse(await answer.body.text());
        },
      },
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([whole[Symbol.asyncDispose](), slim[Symbol.asyncDispose](), pool.destroy()]);
    },
  };
}

async function runFor(send: () => Promise<unknown>, ms: number): Promise<Round> {
  const cpu = process.cpuUsage();
  const end_ms = performance.now() + ms;
  let requests = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end_ms) {
      await send();
      requests += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return { requests, cpu_s: (user + system) / 1e6 };
}
