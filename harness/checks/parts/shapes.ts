/**
 * What the impossible event of a finding was, in words that are the same in every run: the operation and, for an error,
 * its code. No id, user, text or time may get into a shape, since baselines know findings by it.
 */
import type { InvokeEvent } from '../../model/history.ts';
import type { Evidence } from '../../model/kept.ts';

const CODE_LENGTH_MAX = 60;

/** `events` as an example gives them: the last is the one that cannot be. */
export function shapeOf(events: readonly Evidence[]): string {
  const event = events.at(-1);
  if (event === undefined) return 'nothing';
  switch (event.type) {
    case 'invoke':
    case 'event':
    case 'ok':
      return operationOf(event, events);
    case 'fail':
    case 'info':
      return `${operationOf(event, events)} ${event.type} ${codeOf(event.error?.code)}`;
    case 'fault':
      return `${event.fault.fault} on ${event.fault.target}`;
    case 'agent':
      if (event.phase !== 'exited') return `agent ${event.phase}`;
      return `agent exited ${event.signal ?? event.code ?? 'somehow'}`;
    default:
      return 'phase' in event ? `${event.type} ${event.phase}` : event.type;
  }
}

/** Without the op that it answers, the last one that is shown: the rest of an answer may be read by another op. */
function operationOf(event: Extract<Evidence, { readonly op_id: number }>, events: readonly Evidence[]): string {
  const invokes = events.filter((each): each is InvokeEvent => each.type === 'invoke');
  const own = invokes.find(({ op_id }) => op_id === event.op_id) ?? invokes.at(-1);
  return own?.op.op ?? event.type;
}

/** All codes are of the table in harness/wire/errors.ts; a history that somebody else wrote may hold anything. */
const codeOf = (code: unknown): string =>
  String(code)
    .replaceAll(/[^\w.-]/g, '?')
    .slice(0, CODE_LENGTH_MAX);
