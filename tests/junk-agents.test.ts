/**
 * Agents that answer what no agent should, before a whole run in this process: wire, engine, every check and every report. Whatever
 * they say is a finding or nothing at all; it never crashes muster, holds it up, or gets out of a report as anything but text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import { readHistory } from '../harness/history/read.ts';
import { judge } from '../harness/judge/judge.ts';
import type { Transport } from '../harness/model/a2a.ts';
import type { Fixture } from '../harness/model/live.ts';
import { recordOf } from '../harness/model/record-of.ts';
import type { Scenario, ScriptContext } from '../harness/model/scenario.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { makePlan } from '../harness/plan/make-plan.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import * as say from '../harness/script/vocabulary.ts';
import { renderSummary } from '../reports/summary/summary.ts';
import { reports } from '../reports/table.ts';

// The SDK's REST client tells on the console of every event that it cannot read.
vi.spyOn(console, 'error').mockImplementation(() => {});

type Json = Readonly<Record<string, unknown>>;

/** What is asked about, and by whom: the text, where it is a message, or the id of a task. */
interface Asked {
  readonly who: string;
  readonly text: string;
  readonly taskId: string;
}

/** How an agent goes wrong, in tasks that are as they should be otherwise. */
interface Junk {
  readonly task?: (asked: Asked) => unknown;
  /** What a stream brings, in place of the task and its end. */
  readonly events?: (asked: Asked) => readonly unknown[];
  /** JSON that is put in place of `"%"`. */
  readonly verbatim?: string;
  /** The checks that rightly accuse it. */
  readonly accused?: readonly string[];
}

const idOf = ({ taskId }: Asked): string => taskId || crypto.randomUUID();
const status = (state: string, more: Json = {}): Json => ({ state, ...more });
const completed = (asked: Asked, more: Json = {}): Json => {
  const id = idOf(asked);
  return {
    id,
    contextId: `context of ${id}`,
    status: status('TASK_STATE_COMPLETED', { timestamp: '2026-01-01T00:00:00.000Z' }),
    artifacts: [{ artifactId: 'answer', parts: [{ text: asked.text || 'again' }] }],
    ...more,
  };
};

const MARKUP = 'x\n::error::<script>alert(1)</script>"\'&\u202e\u0000]]>';
const POLLUTION = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}';

const junk: Readonly<Record<string, Junk>> = {
  'unknown-states': { task: (asked) => completed(asked, { status: status('TASK_STATE_ON_FIRE') }) },
  'one-id-for-all': {
    task: (asked) => completed(asked, { id: 'the-task' }),
    accused: [
      'access-matrix',
      'answer-is-mine',
      'fold-equals-get',
      'ids-and-contexts',
      'list-complete',
      'user-isolation',
    ],
  },
  'one-id-twice': {
    task: (asked) => {
      const message = { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'twice' }] };
      const part = { artifactId: 'same', parts: [{ text: asked.text }] };
      return completed(asked, { artifacts: [part, part], history: [message, message] });
    },
  },
  'events-of-foreign-tasks': {
    events: (asked) => [
      { task: completed(asked, { status: status('TASK_STATE_WORKING') }) },
      {
        statusUpdate: {
          taskId: 'somebody-elses',
          contextId: 'context of somebody-elses',
          status: status('TASK_STATE_COMPLETED'),
        },
      },
    ],
    accused: ['stream-shape'],
  },
  'times-of-the-future': {
    task: (asked) =>
      completed(asked, { status: status('TASK_STATE_COMPLETED', { timestamp: '+275760-09-13T00:00:00.001Z' }) }),
  },
  'times-that-are-none': {
    task: (asked) => completed(asked, { status: status('TASK_STATE_COMPLETED', { timestamp: 'yesterday' }) }),
  },
  'numbers-that-are-none': { task: (asked) => completed(asked, { metadata: { value: '%' } }), verbatim: 'NaN' },
  'numbers-too-large': { task: (asked) => completed(asked, { metadata: { value: '%' } }), verbatim: '1e999' },
  'lone-surrogates': {
    task: (asked) =>
      completed(asked, {
        id: `\ud800${idOf(asked)}`,
        artifacts: [{ artifactId: '\udfff', parts: [{ text: '\ud800' }] }],
      }),
    accused: ['answer-is-mine'],
  },
  'names-of-prototypes': {
    task: (asked) =>
      completed(asked, {
        id: '__proto__',
        contextId: 'constructor',
        artifacts: [{ artifactId: 'toString', parts: [] }],
        metadata: '%',
      }),
    verbatim: POLLUTION,
    accused: ['access-matrix', 'answer-is-mine', 'list-complete'],
  },
  'ten-megabytes': {
    // Once for each message is enough.
    task: (asked) =>
      asked.text === ''
        ? completed(asked)
        : completed(asked, { artifacts: [{ artifactId: 'a', parts: [{ text: 'x'.repeat(10_000_000) }] }] }),
  },
  'markup-and-newlines': {
    task: (asked) =>
      completed(asked, {
        id: `${MARKUP}${idOf(asked)}`,
        contextId: `${MARKUP} of ${idOf(asked)}`,
        artifacts: [{ artifactId: MARKUP, name: MARKUP, parts: [{ text: MARKUP }] }],
      }),
    // So that it is shown.
    accused: ['answer-is-mine'],
  },
  'messages-for-tasks': { task: () => ({ messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'no task' }] }) },
  'wrong-types': {
    task: (asked) => ({ ...completed(asked), status: 'working', artifacts: { 0: 'a' }, history: 'none', metadata: 3 }),
  },
  nothing: { task: () => null },
  'a-number': { task: () => 42 },
  'deep-nesting': {
    task: (asked) => completed(asked, { metadata: { deep: '%' } }),
    verbatim: `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  },
  'empty-ids': { task: (asked) => completed(asked, { id: '', contextId: '' }) },
};

/** What it has told its users of: by id, and the list of each user by scenario, newest first. */
interface Memory {
  readonly tasks: Map<string, unknown>;
  readonly lists: Map<string, unknown[]>;
}

function answerOf({ tasks, lists }: Memory, name: string, method: string, asked: Asked): unknown {
  const { task: make = completed, events } = junk[name] ?? {};
  const list = lists.get(`${name} ${asked.who}`) ?? [];
  lists.set(`${name} ${asked.who}`, list);
  if (method === 'ListTasks') return { tasks: list, nextPageToken: '', pageSize: 50, totalSize: list.length };
  const task = (asked.taskId === '' ? undefined : tasks.get(asked.taskId)) ?? make(asked);
  tasks.set(recordOf(task)['id'] as string, task);
  if (asked.text !== '' && recordOf(task)['status'] !== undefined) list.unshift(task);
  switch (method) {
    case 'SendStreamingMessage':
      return events?.({ ...asked, taskId: String(recordOf(task)['id']) }) ?? [{ task }];
    case 'SubscribeToTask':
      return [{ task }];
    case 'SendMessage':
      return { task };
    default:
      return task;
  }
}

/** Answers over JSON-RPC and HTTP+JSON in the way that is asked for at the moment. */
async function startJunk(nameNow: () => string) {
  const memory: Memory = { tasks: new Map(), lists: new Map() };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { pathname } = new URL(request.url ?? '/', 'http://agent');
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json').end(textOf(value));
    };
    const textOf = (value: unknown): string =>
      JSON.stringify(value).replaceAll('"%"', () => junk[nameNow()]?.verbatim ?? '"%"');
    if (pathname === '/.well-known/agent-card.json') {
      json(cardAt(port()));
      return;
    }
    const {
      id,
      method = methodOf(request.method ?? '', pathname),
      params = body === '' ? {} : JSON.parse(body),
    } = pathname === '/rpc' ? JSON.parse(body) : {};
    const taskId = params.id ?? params.taskId ?? decodeURIComponent(/\/tasks\/([^/:]+)/.exec(pathname)?.[1] ?? '');
    const who = request.headers.authorization ?? '';
    const text = params.message?.parts?.[0]?.text ?? '';
    const answer = answerOf(memory, nameNow(), method, { who, text, taskId });
    const wrapped = (result: unknown): unknown => (pathname === '/rpc' ? { jsonrpc: '2.0', id, result } : result);
    if (!Array.isArray(answer)) {
      json(wrapped(answer));
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    response.end(answer.map((event) => `data: ${textOf(wrapped(event))}\n\n`).join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (): number => (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port()}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function cardAt(port: number): Json {
  const offer = (protocolBinding: string, path: string) => ({
    url: `http://127.0.0.1:${port}${path}`,
    protocolBinding,
    protocolVersion: '1.0',
  });
  return {
    name: MARKUP,
    description: MARKUP,
    version: MARKUP,
    capabilities: { streaming: true, pushNotifications: true },
    supportedInterfaces: [offer('JSONRPC', '/rpc'), offer('HTTP+JSON', '/rest')],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [],
  };
}

function methodOf(verb: string, path: string): string {
  if (path.endsWith(':send')) return 'SendMessage';
  if (path.endsWith(':stream')) return 'SendStreamingMessage';
  if (path.endsWith(':subscribe')) return 'SubscribeToTask';
  return verb === 'GET' && path.endsWith('/tasks') ? 'ListTasks' : 'GetTask';
}

function* askEverything({ agent, say: words }: ScriptContext) {
  const { task } = yield* say.sendMessage(agent, words.short());
  const stream = yield* say.openStream(agent, words.slow());
  yield* say.readToEnd(stream);
  for (const id of new Set([task?.id ?? 'unknown', stream.task ?? 'unknown'])) {
    yield* say.getTask(agent, id);
    const late = yield* say.subscribe(agent, id);
    yield* say.readToEnd(late);
    yield* say.cancelTask(agent, id);
    yield* say.createPushConfig(agent, id, 'config', 'http://127.0.0.1:9/hook');
    yield* say.pushConfig(agent, 'ListTaskPushNotificationConfigs', id, 'config');
  }
  yield* say.listTasks(agent);
}

test.each(['jsonrpc', 'rest'] as const)(
  'over %s no junk crashes a check, holds muster up or leaves a report as markup',
  async (transport) => {
    let now = '';
    await using agent = await startJunk(() => now);
    const scenarios = Object.keys(junk).map((name) =>
      defineScenario({
        name,
        title: name,
        family: 'concurrent users',
        needs: ['short', 'slow'],
        users: 2,
        load: { shape: 'closed' },
        mustExercise: [],
        *script(context) {
          now = name;
          yield* askEverything(context);
        },
      }),
    );
    const { record, history, again } = await runAgainst(agent.url, transport, scenarios);
    expect(record.run.ended).toBe('finished');
    expect(record.scenarios.flatMap((scenario) => scenario.reasons)).toEqual([]);
    expect(record.scenarios.flatMap((each) => each.checks.filter(({ status: word }) => word === 'crashed'))).toEqual(
      [],
    );
    expect(again).toEqual(record.verdict);
    const unjust = record.scenarios.flatMap(({ name, findings }) =>
      findings.flatMap(({ check, kind }) =>
        junk[name]?.accused?.includes(check) ? [] : [`${name}: ${check}/${kind}`],
      ),
    );
    expect(unjust).toEqual([]);
    const accused = record.scenarios.filter(({ findings }) => findings.length > 0).map(({ name }) => name);
    expect(accused).toEqual(Object.keys(junk).filter((name) => junk[name]?.accused !== undefined));
    expect(history).toBeGreaterThan(500);
    expect(({} as Json)['polluted']).toBeUndefined();
    for (const { name, render } of reports) {
      const text = render(record) ?? '';
      expect(text.isWellFormed()).toBe(true);
      // In a fence of Markdown nothing is markup.
      const shown = name === 'issues' ? text.replace(/^(`{3,})\w*\n.*?\n\1$/gms, '') : text;
      if (name !== 'json') expect(shown).not.toContain('<script>alert');
    }
    const summary = renderSummary(record, { width: 100, color: false, path: 'x' });
    expect(summary).not.toMatch(/^\s*::error::/m);
    expect(summary).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  },
);

async function runAgainst(url: string, transport: Transport, scenarios: readonly Scenario[]) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-junk-'));
  try {
    const plan = makePlan({
      muster: '0.0.0',
      seed: 7,
      target: { kind: 'url', url },
      scenarios,
      phrasebook: { short: { text: '{token}', echoes: true }, slow: { text: 'slow {token}', echoes: true } },
      identity: { kind: 'bearer' },
      policy: {
        ...DEFAULT_POLICY,
        answer_ms_max: 10_000,
        stream_close_ms_max: 500,
        settle_ms_max: 200,
        harness_lag_ms_max: 60_000,
        harness_wait_percent_max: 100,
      },
      limits: { ...DEFAULT_LIMITS, answer_bytes_max: 1_000_000 },
      ports: DEFAULT_PORTS,
      gates: [],
      flags: [],
      transport,
      scenario_names: [],
    });
    const { record, error } = await runPlan({
      plan,
      scenarios: new Map(scenarios.map((scenario) => [scenario.name, scenario])),
      target: { kind: 'url', url },
      peer: findFixture('echo') as Fixture,
      checks,
      headersOf: (index) => ({ authorization: `Bearer user-${index}` }),
      folder,
      signal: new AbortController().signal,
    });
    if (error !== undefined) throw error;
    const events = [...readHistory(join(folder, 'history.jsonl'))];
    return { record, history: events.length, again: judge(plan, events, checks).verdict };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
