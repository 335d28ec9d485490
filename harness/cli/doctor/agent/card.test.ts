/** Cards that are wrong in one way each, and what is said of them. */
import { expect, test } from 'vitest';
import { cardFindings } from './card.ts';

type Json = Readonly<Record<string, unknown>>;

const FACE = { url: 'https://agent.example.com/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
const SOUND: Json = {
  name: 'travel',
  description: 'Plans.',
  version: '3',
  capabilities: { streaming: true },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [{ id: 'plan', name: 'Plan', description: 'Plans a trip.', tags: ['trips'] }],
  supportedInterfaces: [FACE],
};
const SOUND_03: Json = {
  ...SOUND,
  supportedInterfaces: undefined,
  url: 'https://agent.example.com/rpc',
  protocolVersion: '0.3.0',
};

const isLoopback = (host: string): boolean => host === '127.0.0.1';
const told = (card: Json, status: 'note' | 'problem'): readonly string[] =>
  cardFindings(JSON.parse(JSON.stringify(card)), { isLoopback })
    .filter((finding) => finding.status === status)
    .map(({ id, seen }) => `${id}: ${seen}`);

test.each([
  ['1.0', SOUND],
  ['0.3', SOUND_03],
])('of a sound card of A2A %s there is nothing to say', (_, card) => {
  expect([...told(card, 'problem'), ...told(card, 'note')]).toEqual([]);
});

const signed = (header: unknown, signature: unknown = 'c2ln'): Json => ({
  signatures: [{ protected: Buffer.from(JSON.stringify(header)).toString('base64url'), signature }],
});
const skill = (SOUND['skills'] as readonly Json[])[0];

test.each<[string, Json, string]>([
  ['a missing member', { description: undefined }, 'card/members: description is missing'],
  ['an empty name', { name: '' }, 'card/members: name is not a text'],
  ['a member of another type', { defaultInputModes: 'text' }, 'card/members: defaultInputModes is not a list of texts'],
  ['a skill without tags', { skills: [{ ...skill, tags: undefined }] }, 'card/members: skills[0].tags is missing'],
  [
    'skills that are none',
    { skills: [7] },
    'card/members: skills[0].id is missing; skills[0].name is missing; skills[0].description is missing; skills[0].tags is missing',
  ],
  ['no interface', { supportedInterfaces: [] }, 'card/interfaces: no interface with a url'],
  [
    'a version of tomorrow',
    { supportedInterfaces: [{ ...FACE, protocolVersion: '7.0' }] },
    'card/interfaces: JSONRPC 7.0: nothing that muster speaks',
  ],
  ['a scheme of no kind', { securitySchemes: { key: {} } }, 'card/schemes: "key" is of no kind that A2A has'],
  [
    'a scheme that nobody declared',
    { securityRequirements: [{ schemes: { key: { list: [] } } }] },
    'card/schemes: "key" is required and not declared',
  ],
  ['the same in A2A 0.3', { security: [{ key: [] }] }, 'card/schemes: "key" is required and not declared'],
  ['signatures that are no list', { signatures: {} }, 'card/signatures: "signatures" is no list'],
  ['a signature by nobody', signed({ alg: 'ES256' }), 'card/signatures: signatures[0] names no kid'],
  [
    'a signature that anybody can make',
    signed({ alg: 'none', kid: 'k' }),
    'card/signatures: signatures[0] has the alg "none", with which anybody can sign',
  ],
  [
    'a signature that is none',
    { signatures: [{ protected: '%', signature: 1 }] },
    'card/signatures: signatures[0] has no signature in base64url; signatures[0] has no protected header that can be read',
  ],
])('%s is a problem', (_, card, sentence) => {
  expect(told({ ...SOUND, ...card }, 'problem')).toEqual([sentence]);
});

test.each<[string, Json, string]>([
  ['an empty list', { skills: [] }, 'card/members: all there; empty: skills'],
  [
    'an interface that muster does not speak',
    { supportedInterfaces: [FACE, { ...FACE, protocolBinding: 'MQTT' }] },
    'card/interfaces: JSONRPC 1.0, MQTT 1.0; not spoken by muster: MQTT 1.0',
  ],
  [
    'a patch number',
    { supportedInterfaces: [{ ...FACE, protocolVersion: '1.0.2' }] },
    'card/versions: with a patch number: 1.0.2',
  ],
  [
    'what is not encrypted',
    { supportedInterfaces: [{ ...FACE, url: 'http://agent.example.com/' }] },
    'card/tls: not encrypted: http://agent.example.com/',
  ],
  [
    'a scheme that nobody has to use',
    { securitySchemes: { key: { httpAuthSecurityScheme: { scheme: 'Bearer' } } } },
    'card/schemes: key: HTTP Bearer; none is required',
  ],
  [
    'a signature',
    signed({ alg: 'ES256', kid: 'k\u202e1' }),
    'card/signatures: 1 of the right form, by key "k 1"; whether they are true was not looked at',
  ],
])('%s is worth a note', (_, card, sentence) => {
  expect(told({ ...SOUND, ...card }, 'problem')).toEqual([]);
  expect(told({ ...SOUND, ...card }, 'note')).toEqual([sentence]);
});

test.each([[null], [7], ['x'], [[]], [{ $case: 1 }]])('with %j for every member nothing breaks', (junk) => {
  const card = Object.fromEntries(
    [...Object.keys(SOUND), 'signatures', 'securitySchemes', 'securityRequirements'].map((name) => [name, junk]),
  );
  expect(told(card, 'problem').join()).toContain('card/interfaces');
});
