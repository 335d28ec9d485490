import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Content, html, toText } from './escape.ts';

test('whatever is put into a template is text there, in an element and in an attribute', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('"><script>', "' x='", '</pre>'),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const content = toText(html`${text}`);
      expect(content).not.toMatch(/[<>"'`]/);
      expect(content).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;|#96;)/);
      expect(toText(html`<b title="${text}"></b>`)).toBe(`<b title="${content}"></b>`);
    }),
  );
});

test('templates nest without being escaped twice, and nothing is shown for what is missing', () => {
  const inner = html`<i>${'a & b'}</i>`;
  expect(toText(html`<p>${[inner, null, undefined, false, 3]}</p>`)).toBe('<p><i>a &amp; b</i>3</p>');
});

test('data that looks like a template is still text', () => {
  const forged = JSON.parse('{"markup": "<b>", "__proto__": {"html": "<b>"}}') as Content;
  expect(toText(html`${forged}`)).toBe('[object Object]');
});

test('a placeholder in an unquoted attribute is refused, but a text that ends in = is not', () => {
  expect(() => html`<b title=${'x'}>`).toThrow('the attribute needs quotes');
  expect(toText(html`${'a='}${'b'}`)).toBe('a=b');
});
