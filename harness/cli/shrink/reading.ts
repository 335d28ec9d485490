/** What the verbs that shrink have in common: how long it may take, and where its words go. */
import { UsageError } from '../exit-codes.ts';
import { parseDuration } from '../parse-duration.ts';

const FOR_MS_MIN = 1_000;
const FOR_MS_MAX = 24 * 3_600_000;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The time that shrinking may take. */
export function readFor(flag: string, text: string): number {
  const for_ms = parseDuration(text);
  if (for_ms === undefined || for_ms < FOR_MS_MIN || for_ms > FOR_MS_MAX)
    throw new UsageError(`${flag}: "${text}" is no time from 1s to 24h; write it as 60s or 5m`);
  return for_ms;
}
