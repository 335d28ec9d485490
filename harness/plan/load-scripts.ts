/**
 * What one visit of each script sends at most, for who plans a load and is to say beforehand how much it will be. The scripts
 * themselves are in scenarios/load.
 */
import type { MixPart } from '../model/load.ts';
import type { BehaviourName } from '../model/phrasebook.ts';

export interface LoadScript {
  readonly title: string;
  readonly needs: readonly BehaviourName[];
  readonly capabilities: readonly 'streaming'[];
  /** Each may make an agent think, and cost money. */
  readonly messages: number;
  /** Messages and all else. */
  readonly requests: number;
}

const of = (title: string, messages: number, requests: number, more: Partial<LoadScript> = {}): LoadScript => ({
  title,
  needs: ['short'],
  capabilities: [],
  messages,
  requests,
  ...more,
});

export const LOAD_SCRIPTS: Readonly<Record<string, LoadScript>> = {
  ask: of('one SendMessage', 1, 1),
  chat: of('three turns of one conversation, with time to think between them', 3, 3),
  stream: of('one SendStreamingMessage, read to its end', 1, 1, { capabilities: ['streaming'] }),
  poll: of('a SendMessage that returns at once, then GetTask until the task is over', 1, 101),
  resume: of('a stream that is left, and subscribed to again', 1, 3, { needs: ['slow'], capabilities: ['streaming'] }),
  cancel: of('something long, which is cancelled', 1, 2, { needs: ['slow'] }),
};

/** The most that any visit of the mix sends. */
export function mostOf(mix: readonly MixPart[]): Pick<LoadScript, 'messages' | 'requests'> {
  const scripts = mix.flatMap(({ script }) => LOAD_SCRIPTS[script] ?? []);
  return {
    messages: Math.max(0, ...scripts.map(({ messages }) => messages)),
    requests: Math.max(0, ...scripts.map(({ requests }) => requests)),
  };
}
