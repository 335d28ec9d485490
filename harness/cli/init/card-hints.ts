/**
 * What an agent's card says for a config: how callers are told apart, and examples of what may be said. A card is the agent's own
 * text, so nothing of it is trusted to be of any type or length.
 */
import { recordOf } from '../../model/record-of.ts';

const EXAMPLES_MAX = 5;
const TEXT_MAX = 160;

export interface CardHints {
  /** Headers that a user needs, each with what belongs there; empty where the card asks for nothing that is a header. */
  readonly headers: Readonly<Record<string, string>>;
  /** Schemes as the card names them, with their kind. */
  readonly schemes: readonly string[];
  readonly examples: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

export function hintsOf(card: Json): CardHints {
  const schemes = Object.entries(recordOf(card['securitySchemes'])).map(([name, scheme]) =>
    kindOf(name, recordOf(scheme)),
  );
  const skills: readonly unknown[] = Array.isArray(card['skills']) ? card['skills'] : [];
  const examples = skills.flatMap((skill) => {
    const { examples } = recordOf(skill);
    return Array.isArray(examples) ? examples.filter((text) => typeof text === 'string' && text.trim() !== '') : [];
  });
  return {
    headers: Object.assign({}, ...schemes.map(({ headers }) => headers)),
    schemes: schemes.map(({ told }) => told),
    examples: examples.slice(0, EXAMPLES_MAX).map((text) => oneLine(text)),
  };
}

/** A 1.0 card has the kind as a member (§4.5.1), a 0.3 card as `type`. */
function kindOf(name: string, scheme: Json): { readonly told: string; readonly headers: Json } {
  const http = recordOf(scheme['httpAuthSecurityScheme'] ?? (scheme['type'] === 'http' ? scheme : undefined));
  const key = recordOf(scheme['apiKeySecurityScheme'] ?? (scheme['type'] === 'apiKey' ? scheme : undefined));
  if (typeof http['scheme'] === 'string') {
    const word = http['scheme'].toLowerCase() === 'basic' ? 'Basic' : 'Bearer';
    return { told: `${oneLine(name)}: HTTP ${word}`, headers: { authorization: `${word} …` } };
  }
  const place = key['location'] ?? key['in'];
  if (place === 'header' && typeof key['name'] === 'string' && /^[\w-]+$/.test(key['name'])) {
    return { told: `${oneLine(name)}: API key in ${key['name']}`, headers: { [key['name'].toLowerCase()]: '…' } };
  }
  const kind = Object.keys(scheme).find((member) => member.endsWith('SecurityScheme')) ?? scheme['type'];
  const isToken = /oauth2|openIdConnect/i.test(String(kind));
  return {
    told: `${oneLine(name)}: ${oneLine(String(kind ?? 'of no known kind'))}`,
    headers: isToken ? { authorization: 'Bearer …' } : {},
  };
}

/** Safe in a comment of one line, and on a terminal. */
export const oneLine = (text: string, length_max = TEXT_MAX): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, length_max);
