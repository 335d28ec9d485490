/**
 * The corpus of event streams that the k6 extension is tested on, too (k6/a2a): what the client and the proxy make of the same bytes, and
 * what the same answers come to. Where one of them departs from the standard, the corpus says so.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseSseStream } from '@a2a-js/sdk';
import { expect, test, vi } from 'vitest';
import { errorTable } from './errors.ts';
import { openWire } from './wire.ts';

// The SDK's REST client tells on the console of every event that it cannot read.
vi.spyOn(console, 'error').mockImplementation(() => {});

type Text = readonly (readonly [text: string, times: number])[];

interface CorpusEvent {
  readonly name?: string;
  readonly data: Text;
}

interface CorpusStream {
  readonly name: string;
  readonly input: Text;
  readonly events: readonly CorpusEvent[];
  readonly events_times?: number;
  readonly at_end?: readonly CorpusEvent[];
  readonly sdk?: readonly CorpusEvent[];
}

interface CorpusAnswer {
  readonly transport: 'jsonrpc' | 'rest';
  readonly name: string;
  readonly status: number;
  readonly content_type: string;
  readonly body: string;
  readonly cut?: true;
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly reason?: string;
  readonly events?: number;
}

const corpus: { readonly streams: readonly CorpusStream[]; readonly answers: readonly CorpusAnswer[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/sse-corpus.json', import.meta.url), 'utf8'),
);

const whole = (text: Text): string => text.map(([part, times]) => part.repeat(times)).join('');

/** All of them where there are few, and otherwise those near the ends and some in between. */
function splitPoints(bytes: number): readonly number[] {
  const points = Array.from({ length: bytes + 1 }, (_, at) => at);
  return bytes <= 400 ? points : points.filter((at) => at < 20 || at > bytes - 30 || at % Math.ceil(bytes / 7) === 0);
}

async function readBySdk(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const events: unknown[] = [];
  for await (const event of parseSseStream(new Response(body))) events.push(event);
  return events;
}

test.each(corpus.streams.map((stream) => [stream.name, stream] as const))(
  'the client of the SDK reads %s, however it is cut',
  async (_name, { input, events, events_times = 1, at_end = [], sdk }) => {
    const bytes = Buffer.from(whole(input));
    const standard = Array.from({ length: events_times }, () => events).flat();
    const expected = (sdk ?? [...standard, ...at_end]).map(({ name, data }) => ({
      type: name ?? 'message',
      data: whole(data),
    }));
    for (const at of splitPoints(bytes.length)) {
      expect(await readBySdk([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
    if (bytes.length <= 1_000) {
      expect(await readBySdk([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
    }
  },
);

test('every answer of the corpus comes to what it says', async () => {
  let now: CorpusAnswer | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const id = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown }).id : 1;
    if (!now) return void response.destroy();
    response.writeHead(now.status, { 'content-type': now.content_type });
    const body = now.body.replaceAll('{id}', String(id));
    if (now.cut) response.write(body, () => setImmediate(() => response.destroy()));
    else response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen: unknown[] = [];
  for (const answer of corpus.answers) {
    now = answer;
    const protocolBinding = answer.transport === 'rest' ? 'HTTP+JSON' : 'JSONRPC';
    await using wire = await openWire({
      card: { supportedInterfaces: [{ url, protocolBinding, protocolVersion: '1.0' }] },
      url,
      answer_bytes_max: 1_000_000,
      stream_events_max: 50,
      connections_max: 1,
      user_agent: 'muster-test',
    });
    let events = 0;
    const outcome = await wire.perform(
      { op: 'SubscribeToTask', agent: 'agent', taskId: 't' },
      {
        headers: {},
        signal: new AbortController().signal,
        timeout_ms: 20_000,
        onEvent: () => {
          events += 1;
        },
      },
    );
    const reason = outcome.type === 'ok' ? undefined : outcome.error.code;
    seen.push([answer.transport, answer.name, outcome.type, reason, events]);
  }
  server.close();
  server.closeAllConnections();
  expect(seen).toEqual(
    corpus.answers.map(({ transport, name, outcome, reason, events }) => [transport, name, outcome, reason, events]),
  );
});

test('k6 calls errors by the names of this table', () => {
  const path = new URL('../../k6/a2a/errors.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    errorTable.map(({ code, definite, jsonrpc_code, recognised }) => {
      const rest_reason = /ErrorInfo reason (\w+)/.exec(recognised.rest)?.[1];
      return { code, definite, ...(jsonrpc_code && { jsonrpc_code }), ...(rest_reason && { rest_reason }) };
    }),
  );
});
