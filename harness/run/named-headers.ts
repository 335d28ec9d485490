/** The headers of users who go by names of a scenario's own: whoever takes any bearer token for a user takes these. */
import type { UserName } from '../model/kinship.ts';
import type { ScenarioPlan } from '../model/plan.ts';

type HeadersOf = (index: number) => Readonly<Record<string, string>>;

/** As the plan's identities have it, unless the scenario has names. */
export function headersIn({ names }: ScenarioPlan, headersOf: HeadersOf): HeadersOf {
  return names === undefined ? headersOf : (index) => headersOfName(names[index] ?? null);
}

function headersOfName(name: UserName): Readonly<Record<string, string>> {
  // A header is bytes, and its characters stand for one each: this is UTF-8.
  return name === null ? {} : { authorization: `Bearer ${Buffer.from(name, 'utf8').toString('latin1')}` };
}
