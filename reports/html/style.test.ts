import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CSS, STYLE_HASH } from './style.ts';

test('the policy allows the style sheet by the hash that it has', () => {
  expect(STYLE_HASH).toBe(`sha256-${createHash('sha256').update(CSS).digest('base64')}`);
});

test('the style sheet loads nothing and cannot end its own element', () => {
  expect(CSS).not.toMatch(/url\(|@import|<\//i);
});
