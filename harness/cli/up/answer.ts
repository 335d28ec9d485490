/** Answers of the control API as values; what went wrong is told as a problem (RFC 9457) with a sentence in `detail`. */
import { STATUS_CODES } from 'node:http';
import { reasonOf } from '../../model/reason-of.ts';
import { SessionRefused, SessionRequestError } from '../../sessions/session-refused.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n`, headers };
}

export function problem(
  status: number,
  detail: string,
  { headers = {}, more = {} }: { readonly headers?: Readonly<Record<string, string>>; readonly more?: object } = {},
): Answer {
  const body = `${JSON.stringify({ title: STATUS_CODES[status], status, detail, ...more })}\n`;
  return { status, type: 'application/problem+json', body, headers };
}

/** 503 when the machine has no more ports, 429 at a limit that is muster's own. */
export function problemOf(error: unknown): Answer {
  if (error instanceof SessionRequestError) return problem(400, error.message);
  if (error instanceof SessionRefused) {
    const { limit, in_use, allowed, retry_after_ms, message } = error;
    const known = retry_after_ms === undefined ? {} : { retry_after_ms };
    return problem(limit === 'ports' ? 503 : 429, message, {
      more: { limit, in_use, allowed, ...known },
      headers: retry_after_ms === undefined ? {} : { 'retry-after': String(Math.ceil(retry_after_ms / 1000)) },
    });
  }
  return problem(500, reasonOf(error));
}
