/** Gets hold of the agent and has it examined; what cannot be had is a finding as well. What it starts it ends. */
import { findFixture } from '../../../fixtures/table.ts';
import { AgentStartError } from '../../agents/agent-errors.ts';
import { cardUrl } from '../../agents/connect-url.ts';
import { fetchCard } from '../../agents/fetch-card.ts';
import { isLoopback } from '../../agents/listeners.ts';
import { interfacesOn, isOf10, isUsable } from '../../model/card-interfaces.ts';
import type { CheckupChapter, CheckupTarget } from '../../model/checkup.ts';
import { reasonOf } from '../../model/reason-of.ts';
import { DEFAULT_POLICY } from '../../plan/defaults.ts';
import { SessionRefused } from '../../sessions/session-refused.ts';
import { UsageError } from '../exit-codes.ts';
import { type NamedAgent, withAgent } from '../with-agent.ts';
import { cardFindings } from './agent/card.ts';
import { cardChapter, examineAgent } from './agent/examine-agent.ts';
import type { Caller, Patient, Sent } from './agent/patient.ts';
import { ANONYMOUS, MADE_UP_CALLERS } from './agent/users.ts';
import { ok, problem } from './findings.ts';
import type { DoctorSettings } from './settings.ts';

/** How long the agent may take for each call. */
export type DoctorPatience = Patient['patience'];

const PATIENCE: DoctorPatience = {
  call_ms_max: 5_000,
  answer_ms_max: DEFAULT_POLICY.answer_ms_max,
  polls_max: 40,
};

export interface LookOptions extends DoctorSettings {
  readonly target: NamedAgent;
  readonly signal: AbortSignal;
  readonly patience?: DoctorPatience;
}

export interface Seen {
  readonly target: CheckupTarget;
  readonly chapters: readonly CheckupChapter[];
}

export async function lookAtAgent(options: LookOptions, sent: Sent): Promise<Seen> {
  const { target, signal, ports, patience = PATIENCE } = options;
  const before = target.kind === 'url' ? await lookAtCard(target, { signal, patience }, sent) : undefined;
  if (before?.isOver === true) return before;
  try {
    if (target.kind === 'url') sent.requests += 1;
    return await withAgent(target, { user: 'doctor', signal, ports }, async (agent) => {
      const patient: Patient = { agent, ...(await callersOf(options)), phrase: options.phrase, patience, signal, sent };
      const { name, protocol = '1.0' } = agent.summary;
      return { target: { ...target, name, protocol }, chapters: await examineAgent(patient) };
    });
  } catch (error) {
    if (signal.aborted) return { target, chapters: [] };
    const advice = adviceFor(error, target);
    if (advice === undefined) throw error;
    const finding = problem('card/starts', 'the agent', { seen: reasonOf(error), advice, hinders: 'all' });
    return { target, chapters: [cardChapter([finding])] };
  }
}

/** Nothing for what is no matter of the agent or of the machine. */
function adviceFor(error: unknown, { kind }: NamedAgent): string | undefined {
  if (error instanceof SessionRefused || error instanceof UsageError)
    return 'See what is said of ports and folders below.';
  if (!(error instanceof AgentStartError)) return undefined;
  return kind === 'url'
    ? 'Try again; it answered a moment ago.'
    : 'Start it by hand with PORT set, see what it prints, and that its card answers below /.well-known/agent-card.json.';
}

async function callersOf({ users: [first], target }: LookOptions): Promise<{
  readonly callers: readonly Caller[];
  readonly real_users: boolean;
}> {
  const own = target.kind === 'fixture' ? findFixture(target.value)?.headersOf : undefined;
  if (first === undefined && own !== undefined)
    return { callers: [{ who: 'a user of the fixture', headers: await own('muster-user-1') }], real_users: true };
  if (first === undefined) return { callers: [ANONYMOUS, ...MADE_UP_CALLERS.slice(0, 1)], real_users: false };
  return { callers: [{ who: 'the first user of the file', headers: first.headers }], real_users: true };
}

/** Of a deployed agent even a card that nobody can use is worth a look: it says what is wrong with it. */
async function lookAtCard(
  target: NamedAgent,
  { signal, patience }: Pick<Patient, 'signal' | 'patience'>,
  sent: Sent,
): Promise<Seen & { readonly isOver: boolean }> {
  const asked = cardUrl(target.value) ?? target.value;
  sent.requests += 1;
  const answer = await fetchCard(asked, { timeout_ms: patience.call_ms_max, signal, redirects: true });
  const what = 'the agent card';
  if (answer.got !== 'card') {
    const finding = problem('card/found', what, {
      seen: `${asked} ${answer.sentence}`,
      advice: ADVICE[answer.got],
      hinders: 'all',
    });
    return { target, chapters: [cardChapter([finding])], isOver: true };
  }
  const { card } = answer;
  const isOver = !interfacesOn(card).some(isUsable);
  const findings = [ok('card/found', what, `at ${answer.url}`), ...cardFindings(card, { isLoopback })];
  const protocol = interfacesOn(card).some(isOf10) ? '1.0' : '0.3';
  return { target: { ...target, name: String(card.name), protocol }, chapters: [cardChapter(findings)], isOver };
}

const ADVICE = {
  refusal: 'Start the agent, or look whether host and port of the URL are right and a firewall lets you through.',
  silence: 'Find out what holds it up: somebody is there, and even the card, which takes no work, does not come.',
  other:
    'Give the URL below which /.well-known/agent-card.json is served, or the address of the card itself, ending in .json.',
} as const;
