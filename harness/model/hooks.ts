/**
 * Webhooks of muster's own: addresses that scripts have an agent post its task updates to (§4.3.3). A hook belongs to one user
 * and has credentials that no other has, which stay in memory: no file of a run may hold them. Only types.
 */
import type { Outcome, ProtocolOp } from './op.ts';

/** What a hook does with what it is sent. One that fails takes what comes after so many failures. */
export type HookBehaviour =
  | { readonly does: 'take' }
  /** Reads the request, and never answers. */
  | { readonly does: 'hang' }
  | { readonly does: 'fail'; readonly status: number; readonly times: number }
  /** Sends the agent on to another address of the hook's own. */
  | { readonly does: 'redirect' }
  /** Takes it, but answers only so much later. */
  | { readonly does: 'answer-slowly'; readonly after_ms: number };

/** With what the agent is to show who it is: an authentication scheme of §4.3.2, the token of §4.3.1, or nothing. */
export const HOOK_CREDENTIALS = ['bearer', 'basic', 'token', 'none'] as const;
export type HookCredentials = (typeof HOOK_CREDENTIALS)[number];

/** What an agent is told of them. Never written down. */
export interface HookSecret {
  readonly token?: string;
  readonly authentication?: { readonly scheme: string; readonly credentials: string };
}

/** How the credentials of a request compare with those of the hook to which it came. */
export type ShownCredentials =
  | 'right'
  | 'missing'
  | 'wrong'
  /** They are those of another hook of this run. */
  | 'of-another';

export interface HookOwner {
  readonly user: string;
  readonly device: number;
}

export interface Hooks extends AsyncDisposable {
  /** Brings its address. A name can be given once in a scenario. */
  open(
    hook: { readonly name: string; readonly behaviour: HookBehaviour; readonly credentials: HookCredentials },
    owner: HookOwner,
  ): Promise<Outcome>;
  /**
   * The message of this op is about this task: what is posted of it from now on may come of it, and so may what is posted to the
   * hook that went along.
   */
  noteTurn(taskId: string, op_id: number, hook?: string): void;
  /** The op is about to be sent: what the hook that it names is configured with, if it names one. */
  configure(op: ProtocolOp): HookSecret | undefined;
  /** Waits until the hook was posted a task that is over; fails as `not-pushed` after so long. */
  untilEnd(name: string, timeout_ms: number): Promise<Outcome>;
}
