/**
 * The only way from a string to HTML in this report: the `html` tag escapes whatever is put into it, and `Html` values
 * can be made by it alone. A record read from JSON cannot forge one, because JSON has no symbols. Nothing may be put
 * into `<script>`, `<style>`, comments or unquoted attributes, where escaping does not help.
 */
import { clip, visible, visibleBlock } from '../visible.ts';

const MARKUP = Symbol('markup');

export interface Html {
  readonly [MARKUP]: string;
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');

function isHtml(content: object): content is Html {
  return MARKUP in content;
}

function markup(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (typeof content !== 'object') return escaped(visible(String(content)));
  if (isHtml(content)) return content[MARKUP];
  return Array.isArray(content) ? content.map(markup).join('') : escaped(visible(String(content)));
}

export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let text = literals[0] ?? '';
  for (const [index, content] of contents.entries()) {
    const before = literals[index] ?? '';
    if (before.endsWith('=')) throw new Error(`Failed to render HTML at "${before}": the attribute needs quotes`);
    text += markup(content) + (literals[index + 1] ?? '');
  }
  return { [MARKUP]: text };
}

/** Text in which line feeds stay, for `<pre>`. */
export function block(text: string): Html {
  return { [MARKUP]: escaped(visibleBlock(text)) };
}

/** The style sheet, which is ours and must not be escaped: its hash is in the policy. */
export function stylesheet(css: string): Html {
  return { [MARKUP]: `<style>${css}</style>` };
}

export function toText(content: Html): string {
  return content[MARKUP];
}

/** A text of any length: its beginning, and all of it where the reader asks. */
export function unfolding(text: string, length_max: number): Html {
  const shown = visible(text);
  if (shown.length <= length_max) return html`${shown}`;
  return html`${clip(shown, length_max)} <details class="all"><summary>all ${shown.length} characters</summary><pre>${block(text)}</pre></details>`;
}
