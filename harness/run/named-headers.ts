/**
 * The headers of users who go by names of a scenario's own: whoever takes any bearer token for a user takes these, and a fixture that
 * has credentials of its own says what they show.
 */
import type { UserName } from '../model/kinship.ts';
import type { HeadersOf, UserHeaders } from '../model/live.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { RunOptions } from './options.ts';

/** As the plan's identities have it, unless the scenario has names. */
export function headersIn(
  { names }: Pick<ScenarioPlan, 'names'>,
  { headersOf, target }: Pick<RunOptions, 'headersOf' | 'target'>,
): HeadersOf {
  if (names === undefined) return headersOf;
  const own = target.kind === 'fixture' ? target.fixture.headersOf : undefined;
  return (index, refused) => {
    const name = names[index] ?? null;
    return name === null || own === undefined ? headersOfName(name) : own(name, refused);
  };
}

function headersOfName(name: UserName): UserHeaders {
  // A header is bytes, and its characters stand for one each: this is UTF-8.
  return name === null ? {} : { authorization: `Bearer ${Buffer.from(name, 'utf8').toString('latin1')}` };
}
