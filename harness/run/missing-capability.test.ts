import { expect, test } from 'vitest';
import type { CardSummary } from '../model/history.ts';
import { missingCapability } from './missing-capability.ts';

const whole: CardSummary = {
  name: 'echo',
  version: '1.0.0',
  streaming: true,
  pushNotifications: true,
  transports: ['jsonrpc', 'rest'],
};
const old: CardSummary = { ...whole, protocol: '0.3' };

test.each([
  [{ ...whole, streaming: false }, ['streaming'], /claims no streaming/],
  [{ ...whole, pushNotifications: false }, ['pushNotifications'], /claims no push/],
  [old, ['pushNotifications'], /0\.3, which posts bare tasks/],
  [old, ['ListTasks'], /0\.3, which has no ListTasks/],
] as const)('a card that rules out what a scenario needs says so', (card, capabilities, reason) => {
  expect(missingCapability(card, ['jsonrpc'], { capabilities })).toMatch(reason);
});

test('what a scenario does not need is not missing', () => {
  expect(missingCapability(old, ['jsonrpc'], { capabilities: ['streaming'] })).toBeUndefined();
  const capabilities = ['streaming', 'pushNotifications', 'ListTasks'] as const;
  expect(missingCapability(whole, ['jsonrpc'], { capabilities })).toBeUndefined();
});

test('what cannot be spoken to cannot be compared', () => {
  const all = { capabilities: [], transports: 'all' } as const;
  expect(missingCapability(whole, ['jsonrpc', 'rest'], all)).toBeUndefined();
  expect(missingCapability(whole, ['jsonrpc'], all)).toMatch(/only jsonrpc can be spoken to .* not rest/);
  expect(missingCapability({ ...whole, transports: ['rest'] }, ['rest'], all)).toMatch(/one transport only, rest/);
});
