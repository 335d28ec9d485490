/**
 * What a request asks for, for the rules that want to know. Only then is its body read before it goes on; and what was read
 * of it goes on byte for byte.
 */
import { operationOf, taskOf } from '../../model/asked.ts';
import { recordOf } from '../../model/record-of.ts';
import { isCardPath } from './card.ts';
import { headerIn, type RequestHead } from './head.ts';
import type { CallFacts } from './match.ts';

/** Of whoever sends more than this only headers and path are known. */
export const READ_BYTES_MAX = 1_048_576;

/** `taken` is the body, or as much of it as was read; nothing where nobody looks what is asked for. */
export function factsOf(request: RequestHead, taken: readonly Buffer[] | undefined): CallFacts {
  const { method, path } = request;
  const asked = taken && operationOf({ method, path, body: Buffer.concat(taken).toString('utf8') });
  const task = asked && taskOf(asked);
  const message = recordOf(asked?.params['message'])['messageId'];
  return {
    header: (name) => headerIn(request, name),
    isCard: isCardPath(path),
    ...(asked === undefined ? {} : { operation: asked.operation }),
    ...(task === undefined ? {} : { task }),
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
  };
}
