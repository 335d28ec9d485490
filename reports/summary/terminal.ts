/**
 * What may go to a terminal or a CI log. Colours are added by us alone; a line that a CI runner would take for a command
 * (`::error::…`, `##[…]`, `##vso[…]`) is broken up, wherever the text in it came from.
 */
import { visible } from '../visible.ts';

const CODES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;
export type Style = keyof typeof CODES;

export type Paint = (text: string, ...styles: readonly Style[]) => string;

/** Makes `text` harmless and, with colour, styled. Every word of a summary goes through here exactly once. */
export function painter(color: boolean): Paint {
  return (text, ...styles) => {
    const safe = harmless(visible(text));
    if (!color || styles.length === 0 || safe === '') return safe;
    return `\u001b[${styles.map((style) => CODES[style]).join(';')}m${safe}\u001b[0m`;
  };
}

/** GitHub reads `::` after leading blanks and `##[` anywhere; Azure and TeamCity read `##vso[` and `##teamcity[`. */
function harmless(text: string): string {
  return text.replace(/^(\s*):(?=:)/, '$1: ').replace(/##(?=\w*\[)/g, '# #');
}

/** Breaks a text into lines of at most `width` letters, at blanks where there are any. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text)
    .split(' ')
    .flatMap((long) => pieces(long, width))) {
    if (line !== '' && [...line].length + 1 + [...word].length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  const letters = [...word];
  const parts: string[] = [];
  for (let from = 0; from < letters.length; from += width) parts.push(letters.slice(from, from + width).join(''));
  return parts;
}
