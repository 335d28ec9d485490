/** How a guarded agent answers, alike over all transports: gRPC has statuses that stand for those of HTTP. */
import type { Outcome } from '../../../harness/model/op.ts';

export type Decision = 'taken' | 'no-token' | 'no-role' | 'too-often' | 'unknown';

/** Any answer of the protocol, an error too, is given to who was let in. */
export function decisionOf(outcome: Outcome): Decision {
  if (outcome.type === 'ok') return 'taken';
  if (outcome.type === 'info') return 'unknown';
  const { code } = outcome.error;
  if (code === 'http-401') return 'no-token';
  if (code === 'http-403') return 'no-role';
  if (code === 'http-429') return 'too-often';
  return /Error$/.test(code) ? 'taken' : 'unknown';
}

/** For people. */
export const toldOf = (outcome: Outcome): string => (outcome.type === 'ok' ? 'ok' : outcome.error.code);
