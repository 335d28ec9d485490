/** The live things that a plan only names: scripts, the target and its peer, and the headers of its users. */

import { fileURLToPath } from 'node:url';
import { fixtures } from '../../fixtures/table.ts';
import { scenarios as standardScenarios } from '../../scenarios/table.ts';
import type { Fixture, HeadersOf } from '../model/live.ts';
import type { Plan, TargetPlan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { LiveTarget } from '../run/options.ts';
import { loadSoundConfig, type MusterConfig } from './config.ts';
import { UsageError } from './exit-codes.ts';
import { quote } from './flags.ts';
import { noSuchFixture } from './no-such-name.ts';
import { readUsers, type UsersFile } from './users-file.ts';

/** The fixture that is tested when nothing else is named, and the peer of whoever brings none. */
export const DEFAULT_FIXTURE = 'echo';

/** What `run` and `replay` need beside the plan. */
export interface LiveSettings {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly target: LiveTarget;
  readonly peer: Fixture;
  readonly crew: Readonly<Record<string, Fixture>>;
  readonly headersOf: HeadersOf;
}

/** Finds again what a plan only names, for `run --plan` and `replay` as well. */
export async function liveFrom(plan: Plan): Promise<LiveSettings> {
  const config: MusterConfig = plan.config === undefined ? {} : await loadSoundConfig(plan.config);
  const problems: string[] = [];
  const usersFile = plan.identity.kind === 'users-file' ? await readUsers(plan.identity.path, problems) : undefined;
  const target = liveTargetOf(plan.target, problems);
  const peerName = target?.kind === 'fixture' ? target.fixture.peer : undefined;
  const peer = fixtures.find(({ name }) => name === (peerName ?? DEFAULT_FIXTURE));
  const crew = crewOf(target?.kind === 'fixture' ? target.fixture.crew : config.crew, problems);
  if (target === undefined || peer === undefined || problems.length > 0) {
    throw new UsageError(`Failed to carry out the plan:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  return {
    scenarios: new Map([...standardScenarios, ...(config.scenarios ?? [])].map((each) => [each.name, each])),
    target,
    peer,
    crew,
    headersOf: headersFor(plan, target, usersFile),
  };
}

function crewOf(names: Readonly<Record<string, string>> = {}, problems: string[]): Readonly<Record<string, Fixture>> {
  const crew = Object.entries(names).map(
    ([role, name]) => [role, fixtures.find((each) => each.name === name)] as const,
  );
  for (const [role, fixture] of crew) {
    if (fixture === undefined) problems.push(`crew.${role}: there is no fixture "${names[role]}"`);
  }
  return Object.fromEntries(crew.flatMap(([role, fixture]) => (fixture === undefined ? [] : [[role, fixture]])));
}

export function liveTargetOf(target: TargetPlan, problems: string[]): LiveTarget | undefined {
  if (target.kind !== 'fixture') return target;
  const fixture = fixtures.find(({ name }) => name === target.name);
  if (fixture === undefined) {
    problems.push(`target.name: ${noSuchFixture(target.name)}`);
    return undefined;
  }
  return { kind: 'fixture', fixture, command: serveCommand(target.name) };
}

/** In a package everything is compiled, this file too; so the neighbour has the extension that this file has. */
function serveCommand(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const serve = fileURLToPath(new URL(`../../fixtures/serve.${extension}`, import.meta.url));
  return `exec ${quote(process.execPath)} ${quote(serve)} ${quote(name)}`;
}

function headersFor(plan: Plan, target: LiveTarget, file: UsersFile | undefined): HeadersOf {
  const own = target.kind === 'fixture' ? target.fixture.headersOf : undefined;
  switch (plan.identity.kind) {
    case 'anonymous':
      return () => ({});
    case 'bearer':
      return (index, refused) => {
        const name = `muster-user-${index + 1}`;
        return own?.(name, refused) ?? { authorization: `Bearer ${name}` };
      };
    case 'users-file':
      return (index) => file?.[index]?.headers ?? {};
  }
}
