/** The control API over real HTTP, on sessions of a real fixture. */
import { request as httpRequest } from 'node:http';
import { expect, test, vi } from 'vitest';
import type { SessionLimits, Sessions } from '../../model/session.ts';
import { openSessions } from '../open-sessions.ts';
import { type Control, openControl } from './control.ts';
import { openMetrics } from './metrics.ts';

const TOKEN = 'a-token-for-this-test';
const LIMITS = { sessions_per_user_max: 2, starts_per_s_max: 1_000 };

interface Bench extends AsyncDisposable {
  readonly control: Control;
  readonly sessions: Sessions;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Asked>;
}

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

async function openBench(limits: Partial<SessionLimits> = {}, ports = {}): Promise<Bench> {
  const opening = new AsyncDisposableStack();
  const metrics = openMetrics();
  const sessions = opening.use(
    await openSessions({
      fixture: 'echo',
      limits: { ...LIMITS, ...limits },
      ports: { from: 'os', block: 2, ...ports },
      onEvent: metrics.add,
    }),
  );
  metrics.watch(sessions);
  const control = opening.use(await openControl({ sessions, metrics, token: TOKEN, port: 0 }));
  return {
    control,
    sessions,
    ask: async (method, path, body, headers = {}) => {
      const response = await fetch(`${control.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
    },
    [Symbol.asyncDispose]: () => opening.disposeAsync(),
  };
}

/** With headers that `fetch` does not let anybody set. */
function askRaw(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

test('a session is opened, listed, looked at, touched and ended', async () => {
  await using bench = await openBench();
  const opened = await bench.ask('POST', '/sessions', { user: 'ann', agents: 2 });
  expect(opened.status).toBe(201);
  const { id, agents } = opened.json() as { id: string; agents: readonly { url: string }[] };
  expect(opened.headers.get('location')).toBe(`/sessions/${id}`);
  for (const { url } of agents) expect((await fetch(url)).status).toBe(200);
  expect((await bench.ask('GET', '/sessions')).json()).toMatchObject({
    sessions: [{ id, user: 'ann', state: 'ready' }],
  });
  expect((await bench.ask('GET', `/sessions/${id}`)).json()).toMatchObject({ id, mode: 'real' });
  expect((await bench.ask('POST', `/sessions/${id}/touch`)).status).toBe(200);
  expect((await bench.ask('GET', '/health')).json()).toMatchObject({
    status: 'ok',
    sessions: 1,
    agents: 2,
    failing: 0,
  });
  expect((await bench.ask('DELETE', `/sessions/${id}`)).json()).toMatchObject({ id, state: 'ended', ended: 'asked' });
  expect((await bench.ask('GET', '/sessions')).json()).toEqual({ sessions: [] });
  for (const act of ['GET', 'DELETE']) expect((await bench.ask(act, `/sessions/${id}`)).status).toBe(404);
});

test('at a limit the answer is 429 with the numbers and when to try again', async () => {
  await using bench = await openBench();
  for (let opened = 0; opened < 2; opened += 1) await bench.ask('POST', '/sessions', { user: 'ann' });
  const refused = await bench.ask('POST', '/sessions', { user: 'ann' });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
  expect(refused.json()).toMatchObject({
    limit: 'user',
    in_use: 2,
    allowed: 2,
    detail: expect.stringMatching(/this user has 2 of 2 sessions in use/),
  });
});

test('too many starts in a second are refused with the second to come back in', async () => {
  await using bench = await openBench({ starts_per_s_max: 0.5 });
  expect((await bench.ask('POST', '/sessions', { user: 'ann' })).status).toBe(201);
  const refused = await bench.ask('POST', '/sessions', { user: 'ben' });
  expect(refused.status).toBe(429);
  expect(refused.json()).toMatchObject({ limit: 'starts' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

test('ports that are used up are 503', async () => {
  await using bench = await openBench({}, { from: 'range', first: 9500, last: 9501, spacing: 2, exclude: [] });
  expect((await bench.ask('POST', '/sessions', { user: 'ann' })).status).toBe(201);
  const refused = await bench.ask('POST', '/sessions', { user: 'ben' });
  expect(refused.status).toBe(503);
  expect(refused.json()).toMatchObject({ limit: 'ports', in_use: 1, allowed: 1 });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
});

test('without the token, with a foreign host or from a foreign page nothing is answered', async () => {
  await using bench = await openBench();
  const { url } = bench.control;
  const { port, host } = new URL(url);
  const right = { authorization: `Bearer ${TOKEN}` };
  const tries: readonly (readonly [Record<string, string>, number])[] = [
    [{}, 401],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: `Basic ${TOKEN}` }, 401],
    [{ authorization: `Bearer ${TOKEN}x` }, 401],
    [{ ...right, host: `rebound.example:${port}` }, 403],
    [{ ...right, host: '127.0.0.1' }, 403],
    [{ ...right, host: `127.0.0.1:${Number(port) + 1}` }, 403],
    [{ ...right, origin: 'http://evil.example' }, 403],
    [{ ...right, origin: 'null' }, 403],
    [{ ...right, origin: `http://${host}` }, 200],
    [{ ...right, host: `localhost:${port}` }, 200],
    [right, 200],
  ];
  for (const [headers, status] of tries) {
    for (const path of ['/sessions', '/metrics', '/health']) {
      expect(await askRaw(`${url}${path}`, headers), `${path} ${JSON.stringify(headers)}`).toBe(status);
    }
  }
});

test('what cannot be meant is told in words, and nothing is opened', async () => {
  await using bench = await openBench();
  const bad: readonly (readonly [string, string, unknown, number, RegExp])[] = [
    ['GET', '/', undefined, 404, /nothing at \//],
    ['GET', '/sessions/x/y', undefined, 404, /nothing at/],
    ['PUT', '/sessions', '{}', 405, /GET, POST/],
    ['DELETE', '/metrics', undefined, 405, /GET/],
    ['GET', '/sessions/x/touch', undefined, 405, /POST/],
    ['POST', '/sessions/x/touch', undefined, 404, /no session "x"/],
    ['POST', '/sessions', '{user', 400, /not JSON/],
    ['POST', '/sessions', '', 400, /not JSON/],
    ['POST', '/sessions', [], 400, /asks for no session/],
    ['POST', '/sessions', { user: 'ann', agents: '2' }, 400, /agents/],
    ['POST', '/sessions', { user: 'ann', agents: 3 }, 400, /from 1 to 2/],
    ['POST', '/sessions', { user: '' }, 400, /"user" must be/],
    ['POST', '/sessions', { user: 'ann', colour: 'red' }, 400, /colour/],
    ['POST', '/sessions', { user: 'a'.repeat(20_000) }, 413, /16384 bytes/],
    ['POST', '/sessions', { user: 'a'.repeat(2_000_000) }, 413, /16384 bytes/],
  ];
  for (const [method, path, body, status, detail] of bad) {
    const answer = await bench.ask(method, path, body);
    expect({ path, body: String(body).slice(0, 40), status: answer.status }).toMatchObject({ status });
    expect(answer.json()).toMatchObject({ status, detail: expect.stringMatching(detail) });
  }
  expect(bench.sessions.list()).toEqual([]);
});

test('a client that leaves while its session starts takes it along', async () => {
  await using opening = new AsyncDisposableStack();
  const sessions = opening.use(
    await openSessions({ command: 'exec sleep 60', ports: { from: 'os', block: 1 }, ready_ms_max: 60_000 }),
  );
  const control = opening.use(await openControl({ sessions, metrics: openMetrics(), token: TOKEN, port: 0 }));
  const leaving = new AbortController();
  const asked = fetch(`${control.url}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: '{"user":"ann"}',
    signal: leaving.signal,
  });
  asked.catch(() => {});
  await vi.waitFor(() => expect(sessions.list()).toMatchObject([{ state: 'starting' }]), { timeout: 10_000 });
  leaving.abort();
  await vi.waitFor(() => expect(sessions.list()).toEqual([]), { timeout: 10_000 });
});

test('metrics count what has happened, in the format of Prometheus', async () => {
  await using bench = await openBench();
  const opened = await bench.ask('POST', '/sessions', { user: 'ann', agents: 2 });
  const { id, agents } = opened.json() as { id: string; agents: readonly { url: string }[] };
  await bench.ask('POST', '/sessions', { user: 'ann' });
  await bench.ask('POST', '/sessions', { user: 'ann' });
  const use = () =>
    fetch(new URL('/a2a/jsonrpc', agents[0]?.url), { method: 'POST', body: '{}' }).then((r) => r.text());
  await use();
  await use();
  const metric = async (name: string): Promise<number> => {
    const { text } = await bench.ask('GET', '/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? Number.NaN);
  };
  expect(await metric('muster_sessions{state="ready"}')).toBe(2);
  expect(await metric('muster_agents{health="healthy"}')).toBe(3);
  expect(await metric('muster_session_starts_total')).toBe(2);
  expect(await metric('muster_session_boot_seconds_count')).toBe(2);
  expect(await metric('muster_session_refusals_total{limit="user"}')).toBe(1);
  expect(await metric('muster_agent_requests_total')).toBe(2);
  await bench.ask('DELETE', `/sessions/${id}`);
  expect(await metric('muster_session_ends_total{reason="asked"}')).toBe(1);
  expect(await metric('muster_agent_requests_total')).toBe(2);
  expect((await bench.ask('GET', '/metrics')).headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});
