/** How callers are to show who they are, by the word of the card alone (§4.5.1, §7.3). */
import type { CheckupFinding } from '../../../model/checkup.ts';
import { recordOf } from '../../../model/record-of.ts';
import { hintsOf, oneLine } from '../../init/card-hints.ts';
import { note, ok, problem } from '../findings.ts';

type Json = Readonly<Record<string, unknown>>;

const WHAT = 'security schemes';
const ID = 'card/schemes';
const KINDS_03: ReadonlySet<unknown> = new Set(['apiKey', 'http', 'oauth2', 'openIdConnect', 'mutualTLS']);

export function schemeFindings(card: Json): readonly CheckupFinding[] {
  const schemes = recordOf(card['securitySchemes']);
  const required = requiredSchemes(card);
  const wrong = [
    ...Object.entries(schemes)
      .filter(([, scheme]) => !isOfKnownKind(recordOf(scheme)))
      .map(([name, scheme]) => `"${oneLine(name)}" ${whatElse(recordOf(scheme))}`),
    ...[...required]
      .filter((name) => !Object.hasOwn(schemes, name))
      .map((name) => `"${oneLine(name)}" is required and not declared`),
  ];
  if (wrong.length > 0) {
    const advice = Object.values(schemes).some((scheme) => isInMemory(recordOf(scheme)))
      ? 'Serve the card in the JSON of A2A, as AgentCard.toJSON of the SDK makes it: no client can read this (docs/findings/js-card-security-schemes.md).'
      : 'Declare each required scheme in securitySchemes with one of the five kinds of §4.5.1, so that clients know what to send.';
    return [problem(ID, WHAT, { seen: wrong.join('; '), advice })];
  }
  const told = hintsOf(card).schemes.join('; ');
  if (told === '') return [ok(ID, WHAT, 'none')];
  if (required.size > 0) return [ok(ID, WHAT, `${told}; required: ${[...required].map(oneLine).join(', ')}`)];
  return [
    note(
      ID,
      WHAT,
      `${told}; none is required`,
      'If callers must show who they are, name the scheme in securityRequirements, too: a client goes by that.',
    ),
  ];
}

/** By name; a 1.0 card has them below `schemes`, and a 0.3 card has them as they are, in `security`. */
export function requiredSchemes(card: Json): ReadonlySet<string> {
  const list: readonly unknown[] = [card['securityRequirements'], card['security']].flatMap((value) =>
    Array.isArray(value) ? value : [],
  );
  return new Set(
    list.map(recordOf).flatMap((each) => Object.keys('schemes' in each ? recordOf(each['schemes']) : each)),
  );
}

/** What an SDK has in memory is easily served as it is. */
const isInMemory = ({ scheme }: Json): boolean => '$case' in recordOf(scheme);

const whatElse = (scheme: Json): string =>
  isInMemory(scheme)
    ? `is served as an SDK has it in memory, with "$case", which is not the JSON of A2A`
    : 'is of no kind that A2A has';

const isOfKnownKind = (scheme: Json): boolean =>
  Object.keys(scheme).some((member) => /^(apiKey|httpAuth|oauth2|openIdConnect|mtls)SecurityScheme$/.test(member)) ||
  KINDS_03.has(scheme['type']);
