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
  /** Messages and all else; nothing where it asks until its task is over. */
  readonly requests?: number;
}

const of = (
  title: string,
  messages: number,
  requests: number | undefined,
  { streaming = false, needs = ['short'] }: { streaming?: boolean; needs?: readonly BehaviourName[] } = {},
): LoadScript => ({
  title,
  needs,
  capabilities: streaming ? ['streaming'] : [],
  messages,
  ...(requests === undefined ? {} : { requests }),
});

export const LOAD_SCRIPTS: Readonly<Record<string, LoadScript>> = {
  ask: of('one SendMessage', 1, 1),
  chat: of('three turns of one conversation', 3, 3),
  stream: of('one SendStreamingMessage, read to its end', 1, 1, { streaming: true }),
  poll: of('a SendMessage that returns at once, then GetTask until the task is over', 1, undefined),
  resume: of('a stream that is left and subscribed to again', 1, undefined, { streaming: true }),
  cancel: of('a task that is cancelled', 1, undefined),
};

/** The most that any visit of the mix sends; nothing for requests where one of its scripts asks on and on. */
export function mostOf(mix: readonly MixPart[]): { readonly messages: number; readonly requests: number | undefined } {
  const scripts = mix.flatMap(({ script }) => LOAD_SCRIPTS[script] ?? []);
  const requests = scripts.map((each) => each.requests);
  return {
    messages: Math.max(0, ...scripts.map(({ messages }) => messages)),
    requests: requests.includes(undefined) ? undefined : Math.max(0, ...requests.map((each) => each ?? 0)),
  };
}
