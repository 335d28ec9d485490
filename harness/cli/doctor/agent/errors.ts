/** Four bad requests to each interface that answers, and whether each gets the error that the specification has for it. None begins anything. */
import { randomUUID } from 'node:crypto';
import { silence, type Wrong, wrongIn } from '../../../checks/parts/hostile-answer.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { type HostileName, type HostileRow, hostileRows } from '../../../model/hostile.ts';
import type { Outcome } from '../../../model/op.ts';
import { oneLine } from '../../init/card-hints.ts';
import { note, ok, problem } from '../findings.ts';
import { codeOf } from './interfaces.ts';
import { type AgentExamination, ignoreEvent, type Met, type Talking } from './patient.ts';

const ASKED: readonly HostileName[] = ['unknown-task', 'unknown-method', 'not-json', 'unknown-version'];
/** A2A 0.3 has other methods and no header for its version, so the other two mean something else there. */
const ASKED_03: readonly HostileName[] = ['unknown-method', 'not-json'];
const SEEN_MAX = 130;

export const errors: AgentExamination = {
  area: 'errors',
  title: 'Errors',
  looks_at: 'whether a bad request gets the error that the specification has for it',
  sends: `to each interface that answers ${ASKED.join(', ')}, as \`hostile-input\` does`,
  async examine(patient) {
    const answering = patient.met.filter(({ state }) => state === 'answers');
    const silent = new Set<Met>();
    const good: HostileName[] = [];
    const findings: CheckupFinding[] = [];
    for (const row of hostileRows.filter(({ request }) => ASKED.includes(request))) {
      const asked = answering.filter((met) => !silent.has(met) && (!met.is03 || ASKED_03.includes(row.request)));
      const answers: Answer[] = [];
      for (const met of asked) {
        const outcome = await send(patient, met, row.request);
        // Whoever gives no answer to one would hold up all others.
        if (outcome.type === 'info') silent.add(met);
        // Over some transports there is no way to say such a thing.
        if (codeOf(outcome) !== 'not-sendable') answers.push(judged(row, outcome, met));
      }
      const wrong = findingsOf(row, answers);
      if (wrong.length === 0 && answers.length > 0) good.push(row.request);
      findings.push(...wrong);
    }
    if (good.length === 0) return { findings };
    return { findings: [...findings, ok('errors/right', 'bad requests', `refused as A2A has it: ${good.join(', ')}`)] };
  },
};

interface Answer {
  readonly over: string;
  readonly wrong: Wrong | 'at-the-door' | undefined;
}

function send({ caller, signal, patience }: Talking, { wire, tried }: Met, request: HostileName): Promise<Outcome> {
  const { headers } = tried.at(-1)?.caller ?? caller;
  const op = { op: 'HostileRequest', agent: 'agent', request, id: randomUUID() } as const;
  return wire.perform(op, { headers, signal, timeout_ms: patience.call_ms_max, onEvent: ignoreEvent });
}

function judged(row: HostileRow, outcome: Outcome, { name, transport }: Met): Answer {
  const answer = outcome.type === 'ok' ? outcome.value.answer : undefined;
  const wrong = answer === undefined ? silence(row, codeOf(outcome)) : wrongIn(row, answer, transport);
  return { over: name, wrong };
}

function findingsOf(row: HostileRow, answers: readonly Answer[]): readonly CheckupFinding[] {
  const { request, sends, error = 'an error of the protocol', section } = row;
  const id = `errors/${request}`;
  const told = answers.flatMap(({ over, wrong }) =>
    wrong === undefined || wrong === 'at-the-door'
      ? []
      : [`${over}: ${oneLine(wrong.seen.replace(`${request} was `, ''), SEEN_MAX)}`],
  );
  if (told.length > 0) {
    const advice = `Answer ${sends} with ${error} (${section}): clients go by its number, and learn nothing from a page, a trace or silence.`;
    return [problem(id, request, { seen: told.join(' · '), advice })];
  }
  const unjudged = answers.filter(({ wrong }) => wrong === 'at-the-door').map(({ over }) => over);
  if (unjudged.length === 0) return [];
  const advice = 'Give a user whom it lets in, with --users-file, to learn what it says to that.';
  return [note(id, request, `refused before anybody looked at it: ${unjudged.join(', ')}`, advice)];
}
