/**
 * The credentials of hooks: made here, told to the agent, compared with what a request shows, and never written down. Each is of one
 * hook alone, so that those which turn up elsewhere tell whose they are.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { HookCredentials, HookSecret, ShownCredentials } from '../model/hooks.ts';

/** The specification names none for the token; these are those of the SDKs. */
const TOKEN_HEADERS = ['x-a2a-notification-token', 'a2a-notification-token'];

export interface Shown {
  readonly credentials: ShownCredentials;
  readonly of?: string;
}

export interface Secrets {
  make(hook: string, credentials: HookCredentials): HookSecret;
  /** What a request to this hook shows. */
  compare(hook: string, headers: IncomingHttpHeaders): Shown;
}

export function startSecrets(): Secrets {
  const owners = new Map<string, string>();
  const made = new Map<string, HookSecret>();
  return {
    make(hook, credentials) {
      const secret = secretOf(credentials);
      made.set(hook, secret);
      for (const one of [secret.token, secret.authentication?.credentials])
        if (one !== undefined) owners.set(one, hook);
      return secret;
    },
    compare(hook, headers) {
      const { token, authentication } = made.get(hook) ?? {};
      const [scheme = '', shown = ''] = (headers.authorization ?? '').split(/ +(.*)/s);
      const tokens = TOKEN_HEADERS.flatMap((name) => headers[name] ?? []);
      const other = [shown, ...tokens].map((one) => owners.get(one)).find((one) => one !== undefined && one !== hook);
      if (other !== undefined) return { credentials: 'of-another', of: other };
      if (authentication !== undefined) {
        if (shown === '' && scheme === '') return { credentials: 'missing' };
        // The name of a scheme may be in any case (RFC 9110 §11.1).
        const isScheme = scheme.toLowerCase() === authentication.scheme.toLowerCase();
        return { credentials: isScheme && shown === authentication.credentials ? 'right' : 'wrong' };
      }
      if (token === undefined) return { credentials: 'right' };
      // Agents may carry the token as they like, so one that is not found in these headers proves nothing.
      if (tokens.length === 0) return { credentials: 'missing' };
      return { credentials: tokens.every((one) => one === token) ? 'right' : 'wrong' };
    },
  };
}

function secretOf(credentials: HookCredentials): HookSecret {
  const random = randomBytes(18).toString('base64url');
  if (credentials === 'none') return {};
  if (credentials === 'token') return { token: random };
  if (credentials === 'bearer') return { authentication: { scheme: 'Bearer', credentials: random } };
  return { authentication: { scheme: 'Basic', credentials: Buffer.from(`hook:${random}`).toString('base64') } };
}
