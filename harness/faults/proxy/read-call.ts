/**
 * What a request asks for, for the rules that want to know. Only then is a request read before it goes on; and what was read
 * of it goes on byte for byte.
 */
import type { IncomingMessage } from 'node:http';
import { operationOf, taskOf } from '../../model/asked.ts';
import { recordOf } from '../../model/record-of.ts';
import { isCardPath } from './card.ts';
import type { CallFacts } from './match.ts';

export interface ReadCall {
  readonly facts: CallFacts;
  /** What was taken off the request already. */
  readonly taken: readonly Buffer[];
}

/** Of whoever sends more than this only headers and path are known. */
const BODY_BYTES_MAX = 1_048_576;

/** `taken` is the body, or as much of it as was read; nothing where nobody looks what is asked for. */
export function factsOf(incoming: IncomingMessage, taken: readonly Buffer[] | undefined): CallFacts {
  const path = incoming.url ?? '/';
  const asked =
    taken && operationOf({ method: incoming.method ?? 'GET', path, body: Buffer.concat(taken).toString('utf8') });
  const task = asked && taskOf(asked);
  const message = recordOf(asked?.params['message'])['messageId'];
  return {
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    isCard: isCardPath(path),
    ...(asked === undefined ? {} : { operation: asked.operation }),
    ...(task === undefined ? {} : { task }),
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
  };
}

/** Calls back once the request is there as a whole, is too large, or is one that waits to be asked for its body. */
export function readCall(incoming: IncomingMessage, done: (read: ReadCall) => void): void {
  const taken: Buffer[] = [];
  let bytes = 0;
  const finish = (): void => {
    incoming.off('data', onData);
    incoming.off('end', finish);
    incoming.pause();
    done({ facts: factsOf(incoming, taken), taken });
  };
  const onData = (chunk: Buffer): void => {
    taken.push(chunk);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) finish();
  };
  if (incoming.headers.expect !== undefined) {
    finish();
    return;
  }
  incoming.on('data', onData);
  incoming.on('end', finish);
}
