/** What an agent can be asked to do, and in which words: all that muster has to know of one agent's language. */

/** Things an agent can be asked to do. `short` suits any agent. */
export const BEHAVIOURS = [
  'short',
  'slow',
  'long',
  'asks',
  'fails',
  'remembers',
  'recalls',
  'delegates',
  'coordinates',
  'observes',
] as const;
export type BehaviourName = (typeof BEHAVIOURS)[number];

/** What only some agents can be asked to do, named after what they know: `pizza/order`. */
export type OwnWord = `${string}/${string}`;
export type Word = BehaviourName | OwnWord;

export const isOwnWord = (word: string): word is OwnWord => /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(word);

/**
 * How to make one agent show one behaviour. `text` is a template: `{token}` becomes a mark unique to the message, and
 * `{chunks}` and `{gap_ms}` what the script asked for. In words of an agent's own it is the script that fills in every other name.
 */
export interface Phrase {
  readonly text: string;
  /** The answer repeats the token. Without this promise a missing token proves nothing. */
  readonly echoes?: boolean;
  /** An answer that holds this text stands in for what was asked: it answers the user, and the work was not done. */
  readonly fallback?: string;
  /** Those of the agent's crew that it takes to answer, by what they do. */
  readonly crew?: readonly string[];
}

export type Phrasebook = Partial<Readonly<Record<BehaviourName, Phrase>>> & { readonly [word: OwnWord]: Phrase };
