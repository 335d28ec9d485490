/**
 * Names that a program may take for one another, and in what way: read alike by the check that accuses an agent of it and by those
 * that leave such users to that check.
 */

/** The name under which an agent knows a user; nothing for one who gives none. */
export type UserName = string | null;

export interface Kinship {
  /** Kebab-case. */
  readonly kind: string;
  /** What the two names do, as the end of a sentence: "names that …". */
  readonly words: string;
}

/** What programs write where a name is missing. */
const NOBODY: ReadonlySet<UserName> = new Set([null, 'unknown', 'anonymous', 'null', 'undefined']);

/** Letters of other scripts that look like one of ours; those that harness/model/odd-names.ts uses. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([['\u0430', 'a']]);

/** A width at which databases like to cut. */
const CUT = 64;

const KINSHIPS: readonly (Kinship & { readonly holds: (one: string, other: string) => boolean })[] = [
  {
    kind: 'case',
    words: 'differ only in case',
    holds: (one, other) => one.toLowerCase() === other.toLowerCase(),
  },
  {
    kind: 'unicode-form',
    words: 'are the same text in two forms of Unicode',
    holds: (one, other) => one.normalize('NFKC') === other.normalize('NFKC'),
  },
  {
    kind: 'look-alike',
    words: 'look the same and have other letters',
    holds: (one, other) => asItLooks(one) === asItLooks(other),
  },
  {
    kind: 'beginning',
    words: 'begin alike, for one is the beginning of the other',
    holds: (one, other) => one.startsWith(other) || other.startsWith(one),
  },
  {
    kind: 'length',
    words: `differ only after ${CUT} characters or more`,
    holds: (one, other) => one.slice(0, CUT) === other.slice(0, CUT),
  },
];

/** Nothing for names that have nothing to do with each other, and for a name and itself. */
export function kinshipOf(one: UserName, other: UserName): Kinship | undefined {
  if (one === other) return undefined;
  if (NOBODY.has(one) && NOBODY.has(other)) {
    return { kind: 'nobody', words: 'stand for nobody' };
  }
  return one === null || other === null ? undefined : KINSHIPS.find(({ holds }) => holds(one, other));
}

const asItLooks = (name: string): string => [...name].map((letter) => LOOK_ALIKES.get(letter) ?? letter).join('');
