/** What a peer of muster's own can lie about, as plans name it; what it then says is in fixtures/peers. */

/** The ways in which a peer of muster's own can lie; fixtures/peers/lies.ts has a row for each. */
export const LIE_NAMES = [
  'card-junk',
  'card-wrong-url',
  'card-wrong-transport',
  'card-elsewhere',
  'no-streaming',
  'junk',
  'html',
  'wrong-shape',
  'huge',
  'silent-stream',
  'endless-stream',
  'growing-stream',
  'unfinished-stream',
  'other-task',
  'other-context',
  'other-answer',
] as const;
export type LieName = (typeof LIE_NAMES)[number];
