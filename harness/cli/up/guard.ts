/**
 * Who may speak to the control API. It listens on loopback, but every page that a browser on this machine shows can send
 * requests there: hence the token, and hence no foreign Host (a name rebound to 127.0.0.1) and no foreign Origin.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Answer, problem } from './answer.ts';

export const TOKEN_LENGTH_MIN = 16;

export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Gives the refusal, or nothing for who may go on. */
export function openGuard(token: string, port: number): (request: IncomingMessage) => Answer | undefined {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  const expected = digest(token);
  return ({ headers }) => {
    const { host = '', origin } = headers;
    if (!hosts.has(host.toLowerCase()))
      return problem(403, `The host "${host}" is not this server. Ask http://127.0.0.1:${port}.`);
    if (origin !== undefined && !origins.has(origin.toLowerCase()))
      return problem(403, `Pages of "${origin}" may not control muster.`);
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
    // Digests have one length, so the comparison takes one time.
    if (timingSafeEqual(digest(given), expected)) return undefined;
    const why = given === '' ? 'There is no token' : 'The token is wrong';
    return problem(401, `${why}. Send the header "Authorization: Bearer …" with the token that muster up printed.`, {
      headers: { 'www-authenticate': 'Bearer' },
    });
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
