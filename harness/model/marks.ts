/** How the marks of users and messages look, for whoever looks for them in a text and need not know whose they are. */

/** A canary, or a token, which is a canary, a device and the number of a message: `mqabcdefghijx0x12`. */
export const MARK = /mq[a-z2-7]{10}(?:x\d{1,9}x\d{1,9})?/gi;

const TOKENS_MAX = 20;

/** Those in the text that look like tokens, in lower case, each once; at most 20. */
export function tokensIn(text: string): readonly string[] {
  const marks = (text.match(MARK) ?? []).map((mark) => mark.toLowerCase());
  return [...new Set(marks.filter((mark) => mark.includes('x', 12)))].slice(0, TOKENS_MAX);
}
