/** What `muster init` finds out about agents that differ, and that what it writes is a config, whatever a card says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentEvent } from '@a2a-js/sdk/server';
import { expect, test } from 'vitest';
import { define as defineEcho } from '../../../fixtures/agents/echo.ts';
import { type AgentDefinition, serve } from '../../../fixtures/agents/kit.ts';
import { define as defineRememberer } from '../../../fixtures/agents/rememberer.ts';
import { newMessage } from '../../../fixtures/agents/turn.ts';
import { summarizeCard } from '../../agents/card.ts';
import { connectUrl } from '../../agents/connect-url.ts';
import { loadSoundConfig } from '../config.ts';
import { hintsOf } from './card-hints.ts';
import { configText } from './config-text.ts';
import { discover } from './discover.ts';
import type { Discovery } from './findings.ts';

const { signal } = new AbortController();

type Json = Readonly<Record<string, unknown>>;

/** `card` is over what the card says otherwise. */
async function lookAt(
  definition: AgentDefinition,
  {
    users = [],
    card = {},
  }: { readonly users?: readonly Readonly<Record<string, string>>[]; readonly card?: Json } = {},
): Promise<Discovery> {
  await using running = await serve(definition, { port: 0 });
  await using found = await connectUrl({ name: 'agent', url: running.url, timeout_ms: 5_000, signal });
  const shown = { ...found.card, ...card };
  const agent = { ...found, card: shown, summary: summarizeCard(shown) };
  const target = { kind: 'url', value: running.url } as const;
  return await discover({ agent, target, users, ...(users.length > 0 ? { usersFile: 'users.json' } : {}), signal });
}

test('an agent that does everything is found to do it, over every interface of its card', async () => {
  expect(await lookAt(defineEcho())).toMatchObject({
    name: 'echo',
    protocol: '1.0',
    transports: [{ transport: 'jsonrpc' }, { transport: 'rest' }, { transport: 'grpc' }],
    answersWith: 'task',
    identity: 'bearer',
    phrasebook: {
      short: { text: 'Please repeat this word: {token}', echoes: true },
      slow: { text: 'slow {chunks} {gap_ms} {token}', echoes: true },
      asks: { echoes: true },
      fails: { echoes: true },
    },
    missing: ['remembers', 'recalls'],
  });
});

test('a memory is told from an echo', async () => {
  const { phrasebook } = await lookAt(defineRememberer());
  expect(phrasebook).toMatchObject({
    remembers: { text: 'remember {token}', echoes: true },
    recalls: { text: 'recall' },
  });
});

test('of an agent that says one thing only, nothing is promised', async () => {
  const executor: AgentDefinition['executor'] = {
    async execute({ contextId }, bus) {
      const { message } = newMessage('Hello.', { contextId });
      if (message) bus.publish(AgentEvent.message(message));
      bus.finished();
    },
    async cancelTask() {},
  };
  const card = {
    capabilities: { streaming: false, pushNotifications: false, extensions: [], extendedAgentCard: false },
  };
  const found = await lookAt({ name: 'laconic', description: 'Greets.', executor, card });
  expect(found).toMatchObject({ answersWith: 'message', identity: 'anonymous', streaming: false });
  expect(found.phrasebook).toEqual({ short: { text: 'Please repeat this word: {token}' } });
  expect(found.missing).toEqual(['slow', 'asks', 'fails', 'remembers', 'recalls']);
});

test('an agent that knows its users wants a users file, and is looked at as the first of them', async () => {
  const guarded: AgentDefinition = {
    ...defineEcho(),
    before: (request, response, next) => {
      if (request.url?.includes('agent-card') || request.headers['x-key'] === 'of-ann') return next();
      response.writeHead(401).end();
    },
  };
  const card = {
    supportedInterfaces: [{ url: '/a2a/jsonrpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    securitySchemes: { key: { apiKeySecurityScheme: { name: 'X-Key', location: 'header' } } },
  };
  await expect(lookAt(guarded, { card })).rejects.toThrow(/http-401.*"x-key":"…".*--users-file.*API key in X-Key/s);
  const found = await lookAt(guarded, { card, users: [{ 'x-key': 'of-ann' }] });
  expect(found).toMatchObject({ identity: 'users-file', usersFile: 'users.json' });
}, 20_000);

test('examples on a card are shown whole, however many there are', () => {
  const examples = ['buy milk', 'what did I say?', 'forget it'];
  expect(hintsOf({ skills: [{ examples }] }).examples).toEqual(examples);
});

const HOSTILE = `it's */ \u2028 } \n'; process.exit(9); \`$\{x\` \\ "`;

test.each([
  ['anonymous', 'command'],
  ['bearer', 'url'],
  ['users-file', 'fixture'],
] as const)('whatever a card says, what is written for %s users of a %s is a config', async (identity, kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-init-'));
  try {
    const hints = hintsOf({
      securitySchemes: { [HOSTILE]: { type: 'oauth2' } },
      skills: [{ examples: [HOSTILE, 7, null] }, null],
    });
    const value = kind === 'url' ? 'http://127.0.0.1:9/' : HOSTILE;
    const path = join(folder, 'muster.config.mts');
    const text = configText({
      target: { kind, value },
      usersFile: HOSTILE,
      name: HOSTILE,
      protocol: '1.0',
      transports: [{ transport: 'grpc', problem: HOSTILE }, { transport: 'rest' }],
      streaming: true,
      push: false,
      answersWith: 'task',
      identity,
      identityReason: HOSTILE,
      hints,
      phrasebook: { short: { text: `${HOSTILE} {token}`, echoes: true } },
      missing: ['slow', 'delegates'],
    });
    writeFileSync(path, text);
    const config = await loadSoundConfig(path);
    expect(config).toMatchObject({ transport: 'rest', phrasebook: { short: { text: `${HOSTILE} {token}` } } });
    if (kind !== 'fixture') expect(config[kind]).toBe(value);
    if (identity === 'users-file') expect(config.usersFile).toBe(HOSTILE);
    else expect(config.identity).toBe(identity);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [{ type: 'http', scheme: 'bearer' }, { authorization: 'Bearer …' }],
  [{ httpAuthSecurityScheme: { scheme: 'Basic' } }, { authorization: 'Basic …' }],
  [{ apiKeySecurityScheme: { location: 'header', name: 'X-Api-Key' } }, { 'x-api-key': '…' }],
  [{ type: 'apiKey', in: 'cookie', name: 'session' }, {}],
  [{ openIdConnectSecurityScheme: {} }, { authorization: 'Bearer …' }],
  ['junk', {}],
])('of the security scheme %j a user needs the headers %j', (scheme, headers) => {
  expect(hintsOf({ securitySchemes: { a: scheme } }).headers).toEqual(headers);
});
