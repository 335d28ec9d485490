/** The few pieces of markup that every part of the page is made of, so that it looks and reads as one. */
import { type Content, type Html, html } from './escape.ts';

/** A chapter of the page; the navigation jumps to `id`. */
export function section(id: string, title: string, content: Content): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>\n`;
}

/** Terms and what they are, leaving out those without content. */
export function facts(pairs: readonly (readonly [string, Content])[]): Html {
  const rows = pairs
    .filter(([, content]) => content !== null && content !== '' && content !== false)
    .map(([term, content]) => html`<dt>${term}</dt><dd>${content}</dd>`);
  return html`<dl class="kv">${rows}</dl>`;
}

/** A table that scrolls in its own box where the window is too narrow. Numbers are right-aligned from `numbers_from` on. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  numbers_from = heads.length,
): Html {
  const kind = (index: number) => (index >= numbers_from ? 'n' : 't');
  return html`<div class="scroll" tabindex="0"><table class="plain"><thead><tr>${heads.map(
    (head, index) => html`<th class="${kind(index)}" scope="col">${head}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell, index) => html`<td class="${kind(index)}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** A command line that one click selects as a whole. */
export function command(line: string): Html {
  return html`<pre class="copy"><code>${line}</code></pre>`;
}
