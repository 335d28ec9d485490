/** A bare agent for load tests, which does what the text of a message says; and the load files that are sent against it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findK6 } from './find.ts';
import { K6_LOAD_SCHEMA, type K6LoadFile, type K6Turn } from './load-file.ts';
import type { RunK6Options } from './run.ts';
import { openK6Samples } from './samples.ts';

export interface Stub extends AsyncDisposable {
  readonly url: string;
  readonly requests: { readonly method: string; readonly text: string; readonly user: string | undefined }[];
}

const TASK = (state: string) => ({ task: { id: 't', contextId: 'c', status: { state: `TASK_STATE_${state}` } } });

function answer(response: ServerResponse, id: unknown, method: string, text: string): void {
  const rpc = (rest: object): string => JSON.stringify({ jsonrpc: '2.0', id, ...rest });
  if (text.includes('refuse') || !method.startsWith('Send')) {
    const error = { code: method.startsWith('Send') ? -32004 : -32001, message: 'no' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(rpc({ error }));
  } else if (method === 'SendMessage') {
    if (text.includes('hang')) return;
    response.writeHead(200, { 'content-type': 'application/json' }).end(rpc({ result: TASK('COMPLETED') }));
  } else {
    const events = Array.from(
      { length: 10 },
      (_, n) => `data: ${rpc({ result: TASK(n < 9 ? 'WORKING' : 'COMPLETED') })}\n\n`,
    );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (text.includes('hang')) response.write(events[0]);
    else if (text.includes('reset')) response.write(events[0], () => setImmediate(() => response.destroy()));
    else response.end(events.join(''));
  }
}

export async function startStub(): Promise<Stub> {
  const requests: Stub['requests'] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const supportedInterfaces = [{ url: '/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ supportedInterfaces }));
      return;
    }
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { id, method, params } = JSON.parse(body);
    const text = params.message?.parts[0]?.text ?? '';
    requests.push({ method, text, user: request.headers.authorization });
    answer(response, id, method, text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Why there is no k6 to test with; with MUSTER_CI set that is a failure, for a skipped test would go unnoticed there. */
export async function k6OrWhyNot(): Promise<
  { readonly path: string } | { readonly path?: undefined; readonly why: string }
> {
  const found = await findK6();
  if (found.found) return { path: found.path };
  if (process.env['MUSTER_CI'] !== undefined) throw new Error(found.message);
  return { why: found.message };
}

export interface Bench extends Disposable {
  readonly folder: string;
  /** What `runK6` needs, with the load written to its file. */
  options(
    program: string,
    load: Partial<K6LoadFile>,
    more?: Partial<RunK6Options>,
  ): RunK6Options & { readonly samples: string };
}

export function openBench(url: string): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'muster-k6-'));
  let runs = 0;
  return {
    folder,
    options(program, changes, more = {}) {
      runs += 1;
      const load = join(folder, `load-${runs}.json`);
      writeFileSync(load, JSON.stringify({ ...loadOn(url), ...changes }));
      return {
        program,
        script: fileURLToPath(new URL('../../../k6/load.ts', import.meta.url)),
        load,
        samples: join(folder, `samples-${runs}.json.gz`),
        log: join(folder, `log-${runs}.jsonl`),
        signal: new AbortController().signal,
        ...more,
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const says = (text: string, operation: K6Turn['operation'] = 'SendStreamingMessage'): K6LoadFile['mix'] => [
  { script: 'say', weight: 1, turns: [{ operation, text }] },
];

function loadOn(url: string): K6LoadFile {
  return {
    schema: K6_LOAD_SCHEMA,
    seed: 7,
    target: { url },
    demand: { kind: 'closed', at_once: 1, for_ms: 1_000 },
    mix: says('say {token}'),
    users: [],
    tag_users: false,
    in_flight_max: 20,
    answer_ms_max: 10_000,
    stall_ms: 5_000,
    answer_bytes_max: 1_000_000,
    stream_events_max: 1_000,
    settle_ms_max: 2_000,
    heeds_retry_after: true,
    user_agent: 'muster-test',
  };
}

/** Sums of all values of each metric; with `by`, of each of its tags. */
export async function sumsOf(path: string, by?: string) {
  const sums: Record<string, number> = {};
  const samples = openK6Samples(path);
  for await (const { metric, value, tags } of samples) {
    const key = by === undefined ? metric : `${metric} ${tags[by] ?? '-'}`;
    sums[key] = (sums[key] ?? 0) + value;
  }
  return { sums, counts: samples.counts() };
}
