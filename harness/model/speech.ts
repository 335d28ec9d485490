/** What users say to an agent: phrases of its phrasebook, each time with a token and an id that no other message has. */
import type { BehaviourName, OwnWord, Word } from './phrasebook.ts';

/** The words of one user: each call makes a message with a token of its own. */
export interface Utterance {
  readonly behaviour: Word;
  readonly text: string;
  readonly token: string;
  readonly echoes: boolean;
  readonly fallback?: string;
  readonly crew?: readonly string[];
  readonly messageId: string;
}

export interface SayOptions {
  readonly chunks?: number;
  readonly gap_ms?: number;
  /** Everybody who gives the same word here says the same, to the letter; nothing in it then tells whose it is. */
  readonly shared?: string;
}

export type Say = Readonly<Record<BehaviourName, (options?: SayOptions) => Utterance>>;

/** Says words of the agent's own. Each `{name}` in them but `{token}` is filled in by the value of that name; one without a value is a mistake. */
export type Words = (
  word: OwnWord,
  values?: Readonly<Record<string, string | number>>,
  options?: Pick<SayOptions, 'shared'>,
) => Utterance;
