/**
 * What agents say is never read as Markdown: it would mention people, link, and draw pictures in somebody's issue tracker. It stands
 * in fences that it cannot close, and elsewhere only as characters without a meaning there.
 */
import { visible, visibleBlock } from '../visible.ts';

const entity = (character: string): string => `&#${character.codePointAt(0) ?? 32};`;

/** For headings and paragraphs. */
export const plain = (text: string): string =>
  visible(text).replace(/[\\`*_[\]<>()#|@~&!]|:\/\//gu, (found) => [...found].map(entity).join(''));

/** A block in which everything stands as it is. */
export function fenced(language: string, text: string): string {
  const shown = visibleBlock(text);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown}\n${fence}`;
}

/** For a text in a Mermaid diagram, where a semicolon or a line feed would begin another statement (mermaid.js.org, entity codes). */
export const drawn = (text: string): string =>
  visible(text).replace(/[^\p{L}\p{N} .,:'()/…“”·⟨⟩+–-]/gu, (character) => `#${character.codePointAt(0) ?? 32};`);
