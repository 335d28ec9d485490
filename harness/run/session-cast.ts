/**
 * Who stands where in a session that a script opens: the same agent everywhere, or, for one that has its sessions with its crew, itself
 * and then each of its crew, as far as there are agents in the session.
 */
import type { Fixture } from '../model/live.ts';
import type { LiveTarget } from './options.ts';

export interface SessionCast {
  /** Who stands at a place of the session, from 0; nothing where it is the target itself. */
  memberAt(index: number): Fixture | undefined;
  /** Where those are who stand in a session of so many agents, or of all, by what they do. */
  urlsOf(urlAt: (index: number) => string, agents?: number): Readonly<Record<string, string>>;
}

export function sessionCast(target: LiveTarget, crew: Readonly<Record<string, Fixture>> = {}): SessionCast {
  const goesAlong = target.kind === 'fixture' && target.fixture.sessions === 'with-crew';
  const members = goesAlong ? Object.entries(crew) : [];
  return {
    memberAt: (index) => members[(index % (members.length + 1)) - 1]?.[1],
    urlsOf: (urlAt, agents = members.length + 1) =>
      Object.fromEntries(members.slice(0, agents - 1).map(([role], index) => [role, urlAt(index + 1)])),
  };
}
