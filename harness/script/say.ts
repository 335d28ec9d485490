/** A user's way of speaking: phrases of the phrasebook, each message with a token and an id that no other has. */
import { BEHAVIOURS, type BehaviourName, type Phrase, type Phrasebook, type Word } from '../model/phrasebook.ts';
import type { Say, Utterance, Words } from '../model/speech.ts';

export interface Speaker {
  readonly user: string;
  readonly device: number;
  readonly canary: string;
  /** Of the run, so that an agent that knows old message ids does not take these for repeats. */
  readonly nonce: string;
}

/** A token is `<canary>x<device>x<number>`: it names its user and its send. One that is shared names the run. */
export function makeSay(phrasebook: Phrasebook, speaker: Speaker): { readonly say: Say; readonly words: Words } {
  let said = 0;
  const utter = (
    behaviour: Word,
    { text, echoes = false, fallback, crew }: Phrase,
    values: Readonly<Record<string, string | number>>,
    shared: string | undefined,
  ): Utterance => {
    const token = shared === undefined ? `${speaker.canary}x${speaker.device}x${said}` : `${speaker.nonce}-${shared}`;
    const messageId = `${speaker.nonce}-${speaker.user}-${speaker.device}-${said}`;
    said += 1;
    const filled = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = name === 'token' ? token : values[name];
      if (value === undefined) throw new Error(`Failed to say "${behaviour}": nothing was given for {${name}}`);
      return String(value);
    });
    const told = { ...(fallback === undefined ? {} : { fallback }), ...(crew === undefined ? {} : { crew }) };
    return { behaviour, text: filled, token, echoes, ...told, messageId };
  };
  const sayer = (behaviour: BehaviourName): Say[BehaviourName] => {
    const phrase = phrasebook[behaviour];
    return phrase === undefined
      ? UNSAYABLE[behaviour]
      : ({ chunks = 5, gap_ms = 20, shared } = {}) => utter(behaviour, phrase, { chunks, gap_ms }, shared);
  };
  // One by one: each visit of a load has its own, and a literal is made in half of the time that ten names take.
  const say: Say = {
    short: sayer('short'),
    slow: sayer('slow'),
    long: sayer('long'),
    asks: sayer('asks'),
    fails: sayer('fails'),
    remembers: sayer('remembers'),
    recalls: sayer('recalls'),
    delegates: sayer('delegates'),
    coordinates: sayer('coordinates'),
    observes: sayer('observes'),
  };
  const words: Words = (word, values = {}, { shared } = {}) =>
    utter(word, phrasebook[word] ?? unsayable(word), values, shared);
  return { say, words };
}

const UNSAYABLE = Object.fromEntries(
  BEHAVIOURS.map((behaviour) => [behaviour, () => unsayable(behaviour)]),
) as unknown as Record<BehaviourName, () => never>;

function unsayable(word: Word): never {
  throw new Error(`Failed to say "${word}": the phrasebook has no such phrase, so name it in \`needs\``);
}
