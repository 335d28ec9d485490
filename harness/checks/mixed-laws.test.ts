/**
 * What holds for judging whatever goes on at once: mixtures of written histories, which hold violations of most checks and correct
 * traffic, whole and cut off, by all checks.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type WrittenHistory, writtenHistories } from '../../fixtures/histories/read-history.ts';
import { judge } from '../judge/judge.ts';
import { smallPlan, smallScenario } from '../judge/testing.ts';
import type { Check } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import { checks } from './table.ts';
import { judgeWith } from './testing/judge-with.ts';
import { isPersonal, JUDGES_OF_THE_CROWD, mixed, renamed } from './testing/mixed.ts';

/** Kind and shapes of what each check finds, and how often; not which example of it is told, which is whatever came first. */
type Found = ReadonlyMap<string, { readonly shapes: readonly string[]; readonly occurrences: number }>;

function foundIn(events: readonly HistoryEvent[], judges = checks): Found {
  return new Map(
    judges.flatMap((check) =>
      judgeWith(check, events).findings.map(
        ({ kind, shapes, occurrences }) => [`${check.name}/${kind}`, { shapes, occurrences }] as const,
      ),
    ),
  );
}

function together(all: readonly Found[]): Found {
  const sum = new Map<string, { readonly shapes: readonly string[]; readonly occurrences: number }>();
  for (const [kind, { shapes, occurrences }] of all.flatMap((found) => [...found])) {
    const before = sum.get(kind) ?? { shapes: [], occurrences: 0 };
    const both = [...new Set([...before.shapes, ...shapes])].sort();
    sum.set(kind, { shapes: both, occurrences: before.occurrences + occurrences });
  }
  return sum;
}

/** A canary that is written in capitals, cut in two or packed into a file is not renamed with its user, so its story is another. */
const survivesRenaming = ({ events }: WrittenHistory): boolean =>
  JSON.stringify([...foundIn(renamed(events, 3))]) === JSON.stringify([...foundIn(events)]);

const personal = writtenHistories().filter((one) => isPersonal(one) && survivesRenaming(one));
const bad = personal.filter(({ isBad }) => isBad);
const good = personal.filter(({ isBad }) => !isBad);

const severalOf = (histories: readonly WrittenHistory[], minLength: number) =>
  fc.uniqueArray(fc.constantFrom(...histories), { minLength, maxLength: 3 });
const anyDelays = fc.array(fc.nat({ max: 400 }), { minLength: 6, maxLength: 6 });
const anyParts = fc
  .tuple(severalOf(bad, 1), severalOf(good, 0))
  .map((both) => both.flat().map(({ events }, place) => renamed(events, place)));

test('there is enough to mix: violations of many checks, and correct traffic', () => {
  expect(new Set(bad.map(({ check }) => check)).size).toBeGreaterThanOrEqual(12);
  expect(good.length).toBeGreaterThanOrEqual(50);
});

test('whatever else goes on, and whenever it does, what is found is what is found of each part', () => {
  // These hold what a stranger is answered against what others are, so what anybody gets may acquit the agent.
  const comparing = ['access-matrix', 'context-ownership', 'identity-edge'];
  const isPersonalJudge = ({ name }: Check): boolean => !JUDGES_OF_THE_CROWD.has(name) && !comparing.includes(name);
  const judges = checks.filter(isPersonalJudge);
  fc.assert(
    fc.property(anyParts, anyDelays, (parts, delays) => {
      const alone = parts.map((part) => foundIn(part, judges));
      expect(foundIn(mixed(parts, delays), judges)).toEqual(together(alone));
    }),
    { numRuns: 100 },
  );
});

/** What has not come in time is told to be late once it has; until then nobody knows that it will. */
const UNFINISHED: Readonly<Record<string, string>> = {
  'recovers/does-not-recover': 'recovers/recovers-late',
  'history-kept/acknowledged-message-lost': 'history-kept/acknowledged-message-late',
};

test('a history that is cut anywhere shows nothing that the whole does not, but for what is unfinished', () => {
  fc.assert(
    fc.property(anyParts, anyDelays, fc.nat(), (parts, delays, cut) => {
      const whole = mixed(parts, delays);
      const found = foundIn(whole);
      for (const [kind, part] of foundIn(whole.slice(0, cut % whole.length))) {
        const told = found.get(kind) ?? found.get(UNFINISHED[kind] ?? '');
        expect(told?.shapes, kind).toEqual(expect.arrayContaining([...part.shapes]));
        expect(told?.occurrences, kind).toBeGreaterThanOrEqual(part.occurrences);
      }
    }),
    { numRuns: 100 },
  );
});

test('no written history that is cut anywhere shows what the whole does not, but for what is unfinished', () => {
  for (const { check, name, events } of writtenHistories()) {
    const whole = foundIn(events);
    for (let length = 0; length < events.length; length += 1) {
      for (const [kind, part] of foundIn(events.slice(0, length))) {
        const found = whole.get(kind) ?? whole.get(UNFINISHED[kind] ?? '');
        const cut = `${check}/${name} cut after ${length}: ${kind}`;
        expect(found?.shapes, cut).toEqual(expect.arrayContaining([...part.shapes]));
        expect(found?.occurrences, cut).toBeGreaterThanOrEqual(part.occurrences);
      }
    }
  }
});

const plan = smallPlan([smallScenario('example', { idle_ms_max: 1_000 })]);

test('judged while it goes on and judged from its file, a history gets the same verdict', () => {
  fc.assert(
    fc.property(anyParts, anyDelays, (parts, delays) => {
      const live = mixed(parts, delays);
      const later = live.map((event) => JSON.parse(JSON.stringify(event)) as HistoryEvent);
      expect(JSON.stringify(judge(plan, later, checks))).toBe(JSON.stringify(judge(plan, live, checks)));
    }),
    { numRuns: 50 },
  );
});
