/** What `muster init` found out about an agent: everything that its config and its report are written from. */
import type { Transport } from '../../model/a2a.ts';
import type { BehaviourName, Phrasebook } from '../../model/phrasebook.ts';
import type { CardHints } from './card-hints.ts';

export interface Discovery {
  readonly target: { readonly kind: 'command' | 'url' | 'fixture'; readonly value: string };
  readonly usersFile?: string;
  readonly name: string;
  readonly protocol: '1.0' | '0.3';
  /** In the order of the card; `problem` where it did not answer. */
  readonly transports: readonly { readonly transport: Transport; readonly problem?: string }[];
  readonly streaming: boolean;
  readonly push: boolean;
  /** Why not, where it does not list tasks. */
  readonly listProblem?: string;
  readonly answersWith: 'task' | 'message';
  readonly identity: 'anonymous' | 'bearer' | 'users-file';
  /** How that was found out. */
  readonly identityReason: string;
  readonly hints: CardHints;
  readonly phrasebook: Phrasebook;
  readonly missing: readonly BehaviourName[];
}

/** The first that answers. */
export const transportToUse = ({ transports }: Pick<Discovery, 'transports'>): Transport | undefined =>
  transports.find(({ problem }) => problem === undefined)?.transport;
