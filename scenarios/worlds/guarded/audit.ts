/** Everybody does some of what he may and some of what he may not, and then the audit is held against what each was answered. */
import type { Outcome } from '../../../harness/model/op.ts';
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  cancelTask,
  expect,
  getTask,
  listTasks,
  sendMessage,
  share,
} from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import { decisionOf } from './refusals.ts';

const NAMES = ['caller-1', 'caller-2', 'reader-1', 'reader-2', 'expired-1', 'none-1', 'trial-1', 'auditor-1'];
const AUDITOR = NAMES.length - 1;
const ACTS = 9;

/** Of each line that the audit is to have, how often. */
type Counts = Readonly<Record<string, number>>;

export const guardedAudit = defineScenario({
  name: 'guarded-audit',
  title: 'The audit has every act, refused or not, exactly once',
  family: 'worlds',
  needs: ['guarded/audit', 'short'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/refused-once', 'as-expected/admitted-once'],
  *script(context) {
    const { agent, user, users, index, words } = context;
    const own = yield* actUp(context);
    if (index !== AUDITOR) {
      yield* share(user, JSON.stringify(own ?? null));
      return;
    }
    const answered: Counts[] = own === undefined ? [] : [own];
    for (const other of users.slice(0, AUDITOR)) {
      const shared = JSON.parse(yield* awaitShared(other)) as Counts | null;
      if (shared !== null) answered.push(shared);
    }
    const { outcome, task } = yield* sendMessage(agent, words('guarded/audit'));
    // What nobody was answered may be there or not.
    if (outcome.type !== 'ok' || answered.length < users.length) return;
    const before = linesIn(saidIn(task)).slice(0, -1);
    for (const kind of ['refused', 'admitted'] as const) {
      const expected = only(kind, sumOf(answered));
      const seen = only(kind, countsOf(before));
      yield* expect({
        that: `${kind}-once`,
        title: `Every act that was ${kind} is in the audit once`,
        expected: told(expected),
        seen: told(seen),
        holds: told(expected) === told(seen),
        tasks: [task?.id],
      });
    }
  },
});

/** What of it the audit is to have; nothing where an answer is missing. */
function* actUp({ agent, index, say, random }: ScriptContext): Act<Counts | undefined> {
  const lines: (string | undefined)[] = [];
  const acts = [
    ['SendMessage', () => sendMessage(agent, say.short())],
    ['GetTask', () => getTask(agent, random.uuid())],
    ['CancelTask', () => cancelTask(agent, random.uuid())],
    ['ListTasks', () => listTasks(agent)],
  ] as const;
  for (let count = 0; count < ACTS; count += 1) {
    const [act, perform] = random.pick(acts);
    const { outcome } = yield* perform();
    lines.push(lineOf(NAMES[index] ?? '', act, outcome));
  }
  const known = lines.filter((line) => line !== undefined);
  return known.length < lines.length ? undefined : countsOf(known);
}

/** As the audit has it, but for its number and the reason. Who showed no good token has no name there. */
function lineOf(name: string, act: string, outcome: Outcome): string | undefined {
  switch (decisionOf(outcome)) {
    case 'taken':
      return `"${name}" ${act} admitted`;
    case 'no-role':
      return `"${name}" ${act} refused`;
    case 'too-often':
      return `"${name}" - refused`;
    case 'no-token':
      return '"" - refused';
    case 'unknown':
      return undefined;
  }
}

const linesIn = (audit: string): readonly string[] =>
  audit.split('\n').map((line) => /^#\d+ (".*" \S+ (?:admitted|refused))/.exec(line)?.[1] ?? line);

function countsOf(lines: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

function sumOf(all: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [line, count] of Object.entries(counts)) sum[line] = (sum[line] ?? 0) + count;
  return sum;
}

const only = (kind: string, counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([line]) => line.endsWith(kind)));

const told = (counts: Counts): string =>
  Object.entries(counts)
    .map(([line, count]) => `${line} × ${count}`)
    .sort()
    .join(', ');
