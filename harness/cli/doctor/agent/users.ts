/** What somebody without credentials gets, and somebody with a made-up token; and whether two of these are two users to the agent. */
import type { CheckupFinding } from '../../../model/checkup.ts';
import type { Outcome } from '../../../model/op.ts';
import { oneLine } from '../../init/card-hints.ts';
import { MADE_UP } from '../../init/open-talk.ts';
import { note, ok, problem } from '../findings.ts';
import { askInVain, codeOf, isDoor } from './interfaces.ts';
import { type AgentExamination, type Caller, ignoreEvent, type Talking } from './patient.ts';
import { requiredSchemes } from './schemes.ts';

export const ANONYMOUS: Caller = { who: 'whoever asks without credentials', headers: {} };
export const MADE_UP_CALLERS: readonly Caller[] = MADE_UP.map((headers) => ({
  who: 'whoever brings a made-up bearer token',
  headers,
}));

export const users: AgentExamination = {
  area: 'users',
  title: 'Users',
  looks_at: "what somebody gets without credentials, with made-up ones, and of another caller's task",
  sends: 'GetTask without credentials and with a made-up token, for no task and for the one from before: at most 4',
  async examine(patient) {
    const required = requiredSchemes(patient.agent.card).size > 0;
    const [made] = MADE_UP_CALLERS;
    const anonymous = await triedAs(patient, ANONYMOUS);
    const stranger = made === undefined ? anonymous : await triedAs(patient, made);
    const findings = [
      entry('users/anonymous', 'without credentials', { outcome: anonymous, required }),
      entry('users/made-up', 'with a made-up bearer token', { outcome: stranger, required }),
      ...(await toldApart(patient)),
    ];
    return { findings };
  },
};

async function triedAs(patient: Talking, caller: Caller): Promise<Outcome> {
  const before = patient.main.tried.find(({ caller: { headers } }) => headers === caller.headers);
  return before?.outcome ?? (await askInVain(patient, patient.main.wire, caller.headers));
}

function entry(
  id: string,
  what: string,
  { outcome, required }: { readonly outcome: Outcome; readonly required: boolean },
): CheckupFinding {
  const code = oneLine(codeOf(outcome));
  if (isDoor(outcome)) {
    if (required) return ok(id, what, `turned away, as the card says (${code})`);
    const advice = 'Say so in securitySchemes and securityRequirements, or no client knows what to bring (§7.3).';
    return problem(id, what, { seen: `turned away (${code}), and the card requires nothing`, advice });
  }
  if (!required) return ok(id, what, 'let in, as the card says');
  const advice =
    'Look at the credentials of every request, also where the task is unknown (§7.4), or require none on the card.';
  return problem(id, what, { seen: `let in (${code}), though the card requires credentials`, advice });
}

/** Two callers are two users where one of them cannot have the other's task. */
async function toldApart({ taskId, main, caller, signal, patience }: Talking): Promise<readonly CheckupFinding[]> {
  if (taskId === undefined) return [];
  const id = 'users/told-apart';
  const what = "another caller's task";
  const other = MADE_UP_CALLERS.find(({ headers }) => headers !== caller.headers);
  if (other === undefined) return [];
  const outcome = await main.wire.perform(
    { op: 'GetTask', agent: 'agent', taskId },
    { headers: other.headers, signal, timeout_ms: patience.call_ms_max, onEvent: ignoreEvent },
  );
  if (outcome.type !== 'ok') return [ok(id, what, `not given to ${other.who} (${oneLine(codeOf(outcome))})`)];
  if (Object.keys(caller.headers).length === 0) {
    const advice =
      "Nothing needs to be done where a task of nobody is everybody's; to test who sees whose tasks, run with --identity bearer or --users-file.";
    return [note(id, what, `a task that was begun without credentials is given to ${other.who}`, advice)];
  }
  const advice = 'Give a task to its own user only (§13.1); checks about users accuse an agent that does not.';
  return [problem(id, what, { seen: `given to ${other.who}`, advice })];
}
