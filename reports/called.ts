/**
 * What a user is called in a report. A scenario may give its people names, and then nobody knows who `u3` is; but the history,
 * `--only` and the sentences of checks know him by that, so both are told.
 */
import type { FindingRecord } from '../harness/model/record.ts';
import { listed } from './measure.ts';
import { shortId, visible } from './visible.ts';

/** `human-eve (u3)` where the scenario has a name for the user, `u3` elsewhere. */
export function tellCalled(user: string, names: FindingRecord['names'] = {}): string {
  const name = names[user];
  if (name === undefined) return shortId(user);
  return name === null
    ? `nobody by name (${shortId(user)})`
    : `${shortId(visible(name)) || 'an empty name'} (${shortId(user)})`;
}

/** All whom a finding is about, at most so many by name; empty where it is about nobody. */
export const tellUsers = ({ users, names }: Pick<FindingRecord, 'users' | 'names'>, most: number): string =>
  listed(
    users.map((user) => tellCalled(user, names)),
    most,
  );
