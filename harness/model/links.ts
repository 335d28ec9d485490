/** How plans name the ways between servers that work together. */

/**
 * The ways between one of several `servers` and the others, in both directions: it stays open to its users. They are hurt by
 * faults about ports, connections and bytes.
 */
export type LinksTarget = 'links-of-agent' | `links-of-agent-${number}`;

const LINKS_OF = 'links-of-';

/** The server whose links are meant; nothing for any other target. */
export const linksOf = (target: string): string | undefined =>
  target.startsWith(LINKS_OF) ? target.slice(LINKS_OF.length) : undefined;
