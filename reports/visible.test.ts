import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, shortId, visible, visibleBlock } from './visible.ts';

test('controls, direction overrides and lone surrogates become visible marks', () => {
  expect(visible('a\u001b[31mb')).toBe('a⟨ESC⟩[31mb');
  expect(visible('\u202egnp.exe')).toBe('⟨U+202E⟩gnp.exe');
  expect(visible('x\ud800y\udc00')).toBe('x⟨U+D800⟩y⟨U+DC00⟩');
  expect(visible('one\r\ntwo\tthree\u2028')).toBe('one⟨CR⟩⟨LF⟩two⟨TAB⟩three⟨U+2028⟩');
  expect(visibleBlock('one\ntwo\r')).toBe('one\ntwo⟨CR⟩');
});

test('ordinary text of any script stays as it is', () => {
  for (const text of ['plain', 'Grüße', '日本語', 'مرحبا', '👍🏽', '❤️', 'a “quoted” word – and more']) {
    expect(visible(text)).toBe(text);
  }
});

test('no character that acts survives, and saying it twice changes nothing', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(anything, (text) => {
      const shown = visible(text);
      expect(shown).not.toMatch(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
      expect(shown.isWellFormed()).toBe(true);
      expect(visible(shown)).toBe(shown);
    }),
  );
});

test('a clipped text is never longer than asked for and keeps whole letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 1, max: 40 }), (text, length_max) => {
      const clipped = clip(text, length_max);
      expect([...clipped].length).toBeLessThanOrEqual(length_max);
      expect(clipped.isWellFormed()).toBe(true);
      expect(clipped === text || clipped.endsWith('…')).toBe(true);
    }),
  );
});

test('ids are shortened to where they differ', () => {
  expect(shortId('t-7')).toBe('t-7');
  expect(shortId('3f2a9c1e-77d0-4b52-9a41-0c5b6f1e2d33')).toBe('3f2a9c1e…');
  expect(shortId('task-of-a-user-number-0001')).toBe('task-of-a-…0001');
  expect(shortId('x'.repeat(10_000)).length).toBeLessThan(20);
});
