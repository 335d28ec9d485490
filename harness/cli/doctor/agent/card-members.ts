/**
 * Which members an agent card must have, and of which type (§4.4.1, §5.7, and the card of A2A 0.3). A card is the agent's own text, so
 * nothing of it is trusted to be of any type.
 */
import { recordOf } from '../../../model/record-of.ts';

type Json = Readonly<Record<string, unknown>>;
type Kind = 'text' | 'list' | 'object' | 'texts';

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value !== '',
  list: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
};
const A: Readonly<Record<Kind, string>> = {
  text: 'a text',
  list: 'a list',
  object: 'an object',
  texts: 'a list of texts',
};

const BOTH: Readonly<Record<string, Kind>> = {
  name: 'text',
  description: 'text',
  version: 'text',
  capabilities: 'object',
  defaultInputModes: 'texts',
  defaultOutputModes: 'texts',
  skills: 'list',
};
const CARD_10: Readonly<Record<string, Kind>> = { ...BOTH, supportedInterfaces: 'list' };
const CARD_03: Readonly<Record<string, Kind>> = { ...BOTH, url: 'text', protocolVersion: 'text' };
const FACE: Readonly<Record<string, Kind>> = { url: 'text', protocolBinding: 'text', protocolVersion: 'text' };
const SKILL: Readonly<Record<string, Kind>> = { id: 'text', name: 'text', description: 'text', tags: 'texts' };

/** A card without interfaces of 1.0, but with the address of 0.3, is one of 0.3. */
export const isCard03 = (card: Json): boolean =>
  !Array.isArray(card['supportedInterfaces']) && typeof card['url'] === 'string';

/** Each as `skills[0].tags is missing`. */
export function wrongMembers(card: Json): readonly string[] {
  const wrong = [...wrongIn(card, isCard03(card) ? CARD_03 : CARD_10, '')];
  for (const [list, members] of [
    ['supportedInterfaces', FACE],
    ['skills', SKILL],
  ] as const) {
    const value: unknown = card[list];
    if (!Array.isArray(value)) continue;
    for (const [index, each] of value.entries()) wrong.push(...wrongIn(recordOf(each), members, `${list}[${index}].`));
  }
  return wrong;
}

/** Required lists must have at least one element (§5.7). */
export const emptyLists = (card: Json): readonly string[] =>
  ['skills', 'defaultInputModes', 'defaultOutputModes'].filter((name) => {
    const value: unknown = card[name];
    return Array.isArray(value) && value.length === 0;
  });

function wrongIn(found: Json, members: Readonly<Record<string, Kind>>, path: string): readonly string[] {
  return Object.entries(members).flatMap(([name, kind]) => {
    if (!(name in found)) return [`${path}${name} is missing`];
    return IS[kind](found[name]) ? [] : [`${path}${name} is not ${A[kind]}`];
  });
}
