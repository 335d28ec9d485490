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

export const errors: AgentExamination = {
  area: 'errors',
  title: 'Errors',
  sends: `to each interface that answers ${ASKED.join(', ')}, as \`hostile-input\` does`,
  async examine(patient) {
    const findings: CheckupFinding[] = [];
    for (const met of patient.met.filter(({ state }) => state === 'answers')) {
      findings.push(...(await errorsOf(patient, met)));
    }
    return { findings };
  },
};

async function errorsOf(patient: Talking, met: Met): Promise<readonly CheckupFinding[]> {
  const good: HostileName[] = [];
  const findings: CheckupFinding[] = [];
  for (const row of hostileRows.filter(({ request }) => (met.is03 ? ASKED_03 : ASKED).includes(request))) {
    const outcome = await send(patient, met, row.request);
    // Over gRPC there is no way to say what is no JSON.
    if (codeOf(outcome) === 'not-sendable') continue;
    const finding = judged(row, outcome, met);
    if (finding === undefined) good.push(row.request);
    else findings.push(finding);
    // Who gives no answer to one would hold up all others.
    if (outcome.type === 'info') break;
  }
  if (good.length === 0) return findings;
  return [...findings, ok(`errors/right:${met.name}`, met.name, `the errors that A2A has for ${good.join(', ')}`)];
}

function send({ caller, signal, patience }: Talking, { wire, tried }: Met, request: HostileName): Promise<Outcome> {
  const { headers } = tried.at(-1)?.caller ?? caller;
  const op = { op: 'HostileRequest', agent: 'agent', request, id: randomUUID() } as const;
  return wire.perform(op, { headers, signal, timeout_ms: patience.call_ms_max, onEvent: ignoreEvent });
}

function judged(row: HostileRow, outcome: Outcome, { name, transport }: Met): CheckupFinding | undefined {
  const id = `errors/${row.request}:${name}`;
  const what = `${row.request} over ${name}`;
  const answer = outcome.type === 'ok' ? outcome.value.answer : undefined;
  const wrong = answer === undefined ? silence(row, codeOf(outcome)) : wrongIn(row, answer, transport);
  if (wrong === undefined) return undefined;
  if (wrong === 'at-the-door') {
    const advice = 'Nothing needs to be done; give a user whom it lets in with --users-file to see more.';
    return note(id, what, `refused before anybody looked at it (status ${answer?.status})`, advice);
  }
  return problem(id, what, { seen: oneLine(wrong.seen), advice: adviceFor(row, wrong) });
}

function adviceFor({ error, section }: HostileRow, { kind }: Wrong): string {
  if (kind.startsWith('stack-trace')) return `Keep the inside of the agent out of its answers (${section}).`;
  const meant = error === undefined ? 'an error of the protocol' : error;
  return `Answer it with ${meant} (${section}): a client reads the code, and a page or another code means nothing to it.`;
}
