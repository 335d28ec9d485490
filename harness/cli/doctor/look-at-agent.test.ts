/** What `muster doctor` makes of real agents on loopback, sound ones and such as are wrong in one way each. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { define as defineEcho } from '../../../fixtures/agents/echo.ts';
import { completed, taskExecutor } from '../../../fixtures/agents/executor.ts';
import { type AgentDefinition, serve } from '../../../fixtures/agents/kit.ts';
import type { CheckupFinding } from '../../model/checkup.ts';
import { DEFAULT_PORTS } from '../../plan/defaults.ts';
import type { Sent } from './agent/patient.ts';
import { fitnessOf } from './findings.ts';
import { lookAtAgent } from './look-at-agent.ts';

type Json = Readonly<Record<string, unknown>>;

const { signal } = new AbortController();
const PATIENT = { call_ms_max: 10_000, answer_ms_max: 10_000, polls_max: 2 };
/** For agents that never answer. */
const HURRIED = { ...PATIENT, call_ms_max: 300 };

interface Look {
  readonly users?: readonly { id: string; headers: Record<string, string> }[];
  readonly patience?: typeof PATIENT;
  readonly phrase?: string;
}

async function lookAt(url: string, { users = [], patience = PATIENT, phrase = 'say {token}' }: Look = {}) {
  const sent: Sent = { requests: 0, messages: 0, cancels: 0 };
  const target = { kind: 'url', value: url } as const;
  const seen = await lookAtAgent({ target, phrase, users: [...users], ports: DEFAULT_PORTS, signal, patience }, sent);
  const findings = seen.chapters.flatMap((chapter) => chapter.findings);
  const problems: Record<string, CheckupFinding> = {};
  const notes: Record<string, CheckupFinding> = {};
  for (const finding of findings) {
    if (finding.status === 'problem') problems[finding.id] = finding;
    if (finding.status === 'note') notes[finding.id] = finding;
  }
  return { ...seen, findings, problems, notes, sent, fitness: fitnessOf(findings) };
}

const SKILLS = [{ id: 'say', name: 'Say', description: 'Says it again.', tags: ['echo'] }];

async function lookAtServed(definition: AgentDefinition, look: Look = {}) {
  await using running = await serve(definition, { port: 0 });
  return await lookAt(running.url, look);
}

const withSkills = (definition: AgentDefinition, card: AgentDefinition['card'] = {}): AgentDefinition => ({
  ...definition,
  card: {
    skills: SKILLS.map((skill) => ({
      ...skill,
      examples: [],
      inputModes: [],
      outputModes: [],
      securityRequirements: [],
    })),
    ...card,
  },
});

const isCard = ({ url }: IncomingMessage): boolean => url?.includes('agent-card') === true;

const CARD: Json = {
  name: 'by-hand',
  description: 'Answers as the test says.',
  version: '1',
  capabilities: {},
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: SKILLS,
};

/** A card of one's own, with `{origin}` filled in, before any server. */
async function serveByHand(card: Json, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (!isCard(request)) return answer(request, response);
    const text = JSON.stringify(card).replaceAll('{origin}', origin());
    response.setHeader('content-type', 'application/json').end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin(),
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const face = (protocolVersion: string, url = '{origin}/rpc'): Json => ({
  supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion }],
});

test('a sound agent is fit, over every interface, and was sent little', async () => {
  const { fitness, problems, notes, sent, target, chapters } = await lookAtServed(withSkills(defineEcho()));
  expect({ fitness, problems }).toEqual({ fitness: 'fit', problems: {} });
  // Its server takes no megabyte.
  expect(Object.keys(notes)).toEqual(['limits/message-refused']);
  expect(target).toMatchObject({ name: 'echo', protocol: '1.0' });
  expect(chapters.map(({ area }) => area)).toEqual(['card', 'interfaces', 'calls', 'users', 'errors', 'limits']);
  expect(sent.messages).toBe(4);
  expect(sent.requests).toBeLessThan(40);
});

interface Work {
  readonly begun: string[];
  readonly cancelled: string[];
}

/** Each task is at work until it is cancelled. */
function patientAgent({ begun, cancelled }: Work): AgentDefinition {
  const executor = taskExecutor(async ({ signal: stop, taskId }) => {
    begun.push(taskId);
    await new Promise((_, reject) => stop.addEventListener('abort', reject)).catch(() => cancelled.push(taskId));
    return completed;
  });
  return withSkills({ name: 'patient', description: 'Takes its time.', executor });
}

test('a stream that does not end in time is left, its task cancelled, and nothing more is begun', async () => {
  const work: Work = { begun: [], cancelled: [] };
  const { sent, problems, notes, fitness } = await lookAtServed(patientAgent(work), {
    patience: { ...PATIENT, answer_ms_max: 1_500 },
  });
  expect(problems['calls/stream']?.seen).toMatch(/still WORKING, and cancelled$/);
  expect(notes['calls/message']?.seen).toMatch(/^not sent/);
  expect(work.begun).toHaveLength(1);
  expect(work.cancelled).toEqual(work.begun);
  expect(sent.cancels).toBe(1);
  expect(fitness).toBe('partly');
}, 20_000);

test('without streaming, the task of a message that takes too long is cancelled as well', async () => {
  const work: Work = { begun: [], cancelled: [] };
  const agent = patientAgent(work);
  const capabilities = { streaming: false, pushNotifications: false, extensions: [], extendedAgentCard: false };
  const { notes, sent } = await lookAtServed({ ...agent, card: { ...agent.card, capabilities } });
  expect(notes['calls/stream']?.seen).toBe('the card claims no streaming');
  expect(notes['calls/message']?.seen).toBe('WORKING, and cancelled');
  expect(work.begun).toHaveLength(1);
  expect(work.cancelled).toEqual(work.begun);
  expect(sent.cancels).toBe(1);
});

test('who asks back is told of, and let go', async () => {
  const { notes, sent, fitness } = await lookAtServed(withSkills(defineEcho()), { phrase: 'ask {token}' });
  expect(notes['calls/message']?.seen).toMatch(/^INPUT_REQUIRED in \d+ ms, and cancelled$/);
  expect(sent.cancels).toBe(2);
  expect(fitness).toBe('fit');
});

test('who answers nothing but its card is asked once over each interface', async () => {
  const faces = face('1.0')['supportedInterfaces'] as readonly Json[];
  const rest = { ...faces[0], protocolBinding: 'HTTP+JSON' };
  await using agent = await serveByHand({ ...CARD, supportedInterfaces: [...faces, rest] }, () => {});
  const { fitness, problems } = await lookAt(agent.url, { patience: { ...PATIENT, call_ms_max: 1_500 } });
  expect(fitness).toBe('unfit');
  expect(Object.keys(problems)).toEqual([
    'interfaces/answers:JSONRPC 1.0',
    'interfaces/answers:HTTP+JSON 1.0',
    'interfaces/any',
  ]);
  expect(problems['interfaces/answers:JSONRPC 1.0']?.seen).toContain('timeout');
  expect(agent.asked.filter((path) => path.startsWith('/rpc'))).toHaveLength(2);
}, 20_000);

/** Knows no task, and refuses with a code of JSON-RPC whatever is about one. */
const refusal = (code: number): string => `{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"no"}}`;

test('errors that are web pages are told once for all interfaces', async () => {
  const one = face('1.0')['supportedInterfaces'] as readonly Json[];
  await using agent = await serveByHand(
    { ...CARD, supportedInterfaces: [...one, ...one] },
    async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (body.includes('"GetTask"') && body.endsWith('}'))
        response.setHeader('content-type', 'application/json').end(refusal(-32001));
      else response.writeHead(400, { 'content-type': 'text/html' }).end('<!doctype html><h1>Bad Request</h1>');
    },
  );
  const { problems, sent } = await lookAt(agent.url);
  const seen = problems['errors/not-json']?.seen ?? '';
  expect(seen).toMatch(/^JSONRPC 1\.0: answered with HTTP status 400 and a page.* · JSONRPC 1\.0 \(2\): answered with/);
  expect(problems['errors/unknown-method']?.seen).toContain('and a page');
  expect(problems['errors/unknown-version']?.seen).toContain('code -32001');
  expect(problems['errors/unknown-task']).toBeUndefined();
  expect(problems['calls/message']).toMatchObject({ hinders: 'all', seen: expect.stringContaining('http-400') });
  expect(sent.cancels).toBe(0);
});

type Schemes = NonNullable<NonNullable<AgentDefinition['card']>['securitySchemes']>;

const KEY = { location: 'header', name: 'X-Key', description: '' };
const SCHEMES: Schemes = { key: { scheme: { $case: 'apiKeySecurityScheme', value: KEY } } };

test('who is turned away is told what to bring; brought, it is looked at as that user', async () => {
  const card = { securitySchemes: SCHEMES, securityRequirements: [{ schemes: { key: { list: [] } } }] };
  const guarded: AgentDefinition = {
    ...withSkills(defineEcho(), card),
    before: (request, response, next) => {
      if (isCard(request) || request.headers['x-key'] === 'of-ann') next();
      else response.writeHead(401).end();
    },
  };
  await using closed = await serveByHand({ ...CARD, ...face('1.0') }, (_, response) => response.writeHead(401).end());
  const away = await lookAt(closed.url);
  expect(away.fitness).toBe('partly');
  expect(Object.keys(away.problems)).toEqual(['interfaces/any']);
  expect(away.problems['interfaces/any']).toMatchObject({ advice: expect.stringContaining('--users-file') });
  // Its gRPC lets everybody in.
  const half = await lookAtServed(guarded);
  expect(half.fitness).toBe('partly');
  expect(half.problems['interfaces/answers:JSONRPC 1.0']?.seen).toContain('turns away');

  const users = [{ id: 'ann', headers: { 'x-key': 'of-ann' } }];
  const inside = await lookAtServed(guarded, { users });
  expect(inside.problems).toEqual({});
  const seen = inside.findings.find(({ id }) => id === 'users/anonymous')?.seen;
  expect(seen).toBe('turned away, as the card says (http-401)');
});

test('a scheme in the form of an SDK is no scheme that a client could read', async () => {
  const card = { ...CARD, ...face('1.0'), securitySchemes: SCHEMES };
  await using served = await serveByHand(card, (_, response) => response.writeHead(401).end());
  const { problems } = await lookAt(served.url);
  expect(problems['card/schemes']?.seen).toMatch(/^"key" is served as an SDK has it in memory, with "\$case"/);
});

test('a card that requires credentials, before an agent that asks for none, is a problem', async () => {
  const card: AgentDefinition['card'] = { securityRequirements: [{ schemes: { key: { list: [] } } }] };
  const { problems } = await lookAtServed(withSkills(defineEcho(), card));
  expect(problems['users/anonymous']?.seen).toMatch(/^let in .* though the card requires credentials$/);
  expect(problems['card/schemes']?.seen).toBe('"key" is required and not declared');
});

test.each([
  ['9.9', 'unfit', { 'card/interfaces': /JSONRPC 9\.9: nothing that muster speaks$/ }],
  ['1.0', 'unfit', { 'interfaces/answers:JSONRPC 1.0': /VersionNotSupportedError/ }],
])('an agent that refuses the version %s, or has no other, is told of', async (version, fitness, expected) => {
  await using agent = await serveByHand({ ...CARD, ...face(version) }, (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(refusal(-32009));
  });
  const seen = await lookAt(agent.url);
  expect(seen.fitness).toBe(fitness);
  for (const [id, words] of Object.entries(expected)) expect(seen.problems[id]?.seen).toMatch(words);
});

test('an interface that is dead is told of, and nobody else is asked in its place', async () => {
  await using stranger = await serveByHand(CARD, (_, response) => response.end());
  const elsewhere = `http://localhost:${new URL(stranger.url).port}/rpc`;
  await using agent = await serveByHand({ ...CARD, ...face('1.0', elsewhere) }, (_, response) => response.end());
  const strange = await lookAt(agent.url);
  expect(strange.problems['interfaces/answers:JSONRPC 1.0']?.seen).toMatch(
    /not the agent's own address; nobody there was asked$/,
  );
  expect(stranger.asked).toEqual([]);

  await using dead = await serveByHand({ ...CARD, ...face('1.0', 'http://127.0.0.1:1/rpc') }, (_, response) =>
    response.end(),
  );
  const { problems, fitness } = await lookAt(dead.url);
  expect(fitness).toBe('unfit');
  expect(problems['interfaces/answers:JSONRPC 1.0']).toMatchObject({
    seen: expect.stringContaining('connection-refused'),
    advice: expect.stringMatching(/^Start what is to listen there/),
  });
});

test.each([
  [
    'a web page',
    (_: IncomingMessage, response: ServerResponse) => response.end('<html>Welcome</html>'),
    /answered HTML/,
  ],
  ['silence', () => {}, /did not answer within 300 ms/, HURRIED],
  ['an error', (_: IncomingMessage, response: ServerResponse) => response.writeHead(503).end(), /answered 503/],
])('where %s comes in place of a card, that is told with what to do', async (_, answer, words, patience = PATIENT) => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { problems, fitness, sent } = await lookAt(`http://127.0.0.1:${port}`, { patience });
    expect(fitness).toBe('unfit');
    expect(problems['card/found']?.seen).toMatch(words);
    expect(sent.requests).toBe(1);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('where nobody listens, nobody is asked twice', async () => {
  const { problems, sent } = await lookAt('http://127.0.0.1:2');
  expect(problems['card/found']?.seen).toMatch(/nothing listens there$/);
  expect(sent.requests).toBe(1);
});
