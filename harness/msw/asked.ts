/** What a request to a simulated agent asks for, in the words that a test of an app wants: operation, params, text, headers. */
import { type AskedOperation, operationOf } from '../model/asked.ts';
import { recordOf } from '../model/record-of.ts';

export interface Asked extends AskedOperation {
  /** All text of the message, where one was sent. */
  readonly text: string;
  readonly headers: Headers;
}

/** Nothing where it is no operation, such as a request for the agent card. The request can still be read afterwards. */
export async function askedOf(request: Request, url: string): Promise<Asked | undefined> {
  const body = request.body === null ? '' : await request.clone().text();
  const asked = operationOf({ method: request.method, path: request.url.slice(url.length), body });
  if (asked === undefined) return undefined;
  const parts: unknown = recordOf(asked.params['message'])['parts'];
  const texts = Array.isArray(parts) ? parts.map((part) => recordOf(part)['text']) : [];
  return { ...asked, text: texts.filter((text) => typeof text === 'string').join(''), headers: request.headers };
}
