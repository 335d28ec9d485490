/**
 * Text from an agent is hostile: it can hold terminal controls, direction overrides and ids of ten thousand letters.
 * Every report sends such text through here first; afterwards no character acts, and each that would have is seen.
 */

/**
 * Controls, direction marks and overrides, zero-width and other ignorable characters (but the emoji selector U+FE0F),
 * line and paragraph separators, annotation marks, lone surrogates and noncharacters.
 */
const ACTING =
  /(?!\ufe0f)(?:\p{Cc}|\p{Default_Ignorable_Code_Point}|\p{Cs}|\p{Noncharacter_Code_Point}|[\u2028\u2029\ufff9-\ufffb])/gu;

const NAMES: Readonly<Record<number, string>> = { 0: 'NUL', 7: 'BEL', 9: 'TAB', 10: 'LF', 13: 'CR', 27: 'ESC' };

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = NAMES[code];
  if (name !== undefined) return `⟨${name}⟩`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** One line of text in which nothing acts; line breaks and tabs are shown too. */
export function visible(text: string): string {
  return text.replace(ACTING, mark);
}

/** As `visible`, but line feeds stay, for blocks of text. */
export function visibleBlock(text: string): string {
  return text.replace(ACTING, (character) => (character === '\n' ? '\n' : mark(character)));
}

/** At most `length_max` characters, the last one an ellipsis where something was cut. Never splits a surrogate pair. */
export function clip(text: string, length_max: number): string {
  if (text.length <= length_max) return text;
  const letters = [...text.slice(0, 2 * length_max + 2)];
  return letters.length <= length_max ? letters.join('') : `${letters.slice(0, length_max - 1).join('')}…`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id short enough for a sentence: a UUID's first group, otherwise both ends, which is where ids tend to differ. */
export function shortId(id: string): string {
  if (UUID.test(id)) return `${id.slice(0, 8)}…`;
  const letters = [...id.slice(0, 24)];
  return id.length <= 18 ? id : `${letters.slice(0, 10).join('')}…${[...id.slice(-8)].slice(-4).join('')}`;
}
