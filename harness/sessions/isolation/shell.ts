/** Words for `sh`, which takes a command line where a list of words would be safer. */

export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
