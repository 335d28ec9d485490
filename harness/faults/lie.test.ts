/** A lie bites whoever asks while it is told, and nobody who asks after it was healed. */
import { expect, test } from 'vitest';
import { serveLiar } from '../../fixtures/peers/liar.ts';
import { applyFault } from './apply.ts';
import { noAbort } from './testing.ts';

const plan = { fault: 'lie', target: 'peer', which: 'html', begins: { at_ms: 0 }, for_ms: 100 } as const;

async function ask(url: string): Promise<string | null> {
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text: 'hello' }] };
  const response = await fetch(`${url}/a2a/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } }),
  });
  return `${response.headers.get('content-type')?.split(';')[0]}: ${(await response.text()).includes('hello')}`;
}

const TRUE = 'application/json: true';

test('a peer lies to whoever asks until it is healed, and says how often it did', async () => {
  await using peer = await serveLiar();
  expect(await ask(peer.url)).toBe(TRUE);
  await using applied = await applyFault(plan, { lie: peer.lie }, noAbort);
  expect(applied.proof).toBe('from now on it tells the lie "html"');
  expect([await ask(peer.url), await ask(peer.url)]).toEqual(['text/html: false', 'text/html: false']);
  expect(await applied.heal()).toBe('told the lie "html" 2 times');
  expect(await ask(peer.url)).toBe(TRUE);
  expect(applied.hits?.()).toBe(2);
});

test('a lie that nobody was told says so, and one that is told by nobody is refused', async () => {
  await using peer = await serveLiar();
  await using applied = await applyFault(plan, { lie: peer.lie }, noAbort);
  expect(await applied.heal()).toBe('nobody was told the lie');
  expect(applied.hits?.()).toBe(0);
  await expect(applyFault(plan, {}, noAbort)).rejects.toThrow(
    'no peer that muster started and that can be told to lie',
  );
  const unknown = { ...plan, which: 'flattery' } as unknown as typeof plan;
  await expect(applyFault(unknown, { lie: peer.lie }, noAbort)).rejects.toThrow(
    'must be one of card-junk, card-wrong-url',
  );
});
