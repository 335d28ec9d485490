/** A user's way of speaking: phrases of the phrasebook, each message with a token and an id that no other has. */
import { BEHAVIOURS, type BehaviourName, type Phrasebook } from '../model/phrasebook.ts';
import type { Say, SayOptions, Utterance } from '../model/scenario.ts';

export interface Speaker {
  readonly user: string;
  readonly device: number;
  readonly canary: string;
  /** Of the run, so that an agent that knows old message ids does not take these for repeats. */
  readonly nonce: string;
}

/** A token is `<canary>x<device>x<number>`: it names its user and its send. One that is shared names the run. */
export function makeSay(phrasebook: Phrasebook, speaker: Speaker): Say {
  let said = 0;
  const phraseOf =
    (behaviour: BehaviourName) =>
    (options: SayOptions = {}): Utterance => {
      const phrase = phrasebook[behaviour];
      if (phrase === undefined) return unsayable[behaviour]();
      const { shared } = options;
      const token = shared === undefined ? `${speaker.canary}x${speaker.device}x${said}` : `${speaker.nonce}-${shared}`;
      const messageId = `${speaker.nonce}-${speaker.user}-${speaker.device}-${said}`;
      said += 1;
      const text = phrase.text
        .replaceAll('{token}', token)
        .replaceAll('{chunks}', String(options.chunks ?? 5))
        .replaceAll('{gap_ms}', String(options.gap_ms ?? 20));
      const { echoes = false, fallback } = phrase;
      return { behaviour, text, token, echoes, ...(fallback === undefined ? {} : { fallback }), messageId };
    };
  const say: Partial<Record<BehaviourName, (options?: SayOptions) => Utterance>> = {};
  // A user of a load says one thing: words are made for what the phrasebook has, and for nothing else.
  for (const behaviour of BEHAVIOURS) {
    say[behaviour] = phrasebook[behaviour] === undefined ? unsayable[behaviour] : phraseOf(behaviour);
  }
  return say as Say;
}

const unsayable = Object.fromEntries(
  BEHAVIOURS.map((behaviour) => [
    behaviour,
    () => {
      throw new Error(`Failed to say "${behaviour}": the phrasebook has no such phrase, so name it in \`needs\``);
    },
  ]),
) as unknown as Record<BehaviourName, () => never>;
