/** Speaks to an agent that is up and finds out what a config needs. It sends a dozen harmless messages, and leaves no task running that it knows of. */
import type { Transport } from '../../model/a2a.ts';
import type { Agent } from '../../model/live.ts';
import type { Outcome } from '../../model/op.ts';
import { UsageError } from '../exit-codes.ts';
import { tryBehaviours } from './behaviours.ts';
import { hintsOf } from './card-hints.ts';
import { type Conversation, converse, type Headers } from './conversation.ts';
import { type Discovery, transportToUse } from './findings.ts';
import { MADE_UP, openTalk } from './open-talk.ts';

export interface DiscoverOptions {
  readonly agent: Agent;
  readonly target: Discovery['target'];
  /** Of real users, at least one; none where there is no file. */
  readonly users: readonly Headers[];
  readonly usersFile?: string;
  readonly signal: AbortSignal;
}

const HELLO = 'Please repeat this word: {token}';

export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const { agent, users, usersFile, target, signal } = options;
  const hints = hintsOf(agent.card);
  const { summary } = agent;
  const callers = users.length > 0 ? users : [{}, ...MADE_UP];
  const transports = await tryTransports(options, callers);
  const transport = transportToUse({ transports });
  if (transport === undefined) throw new UsageError(refusal(options, transports));
  await using wire = await openTalk(agent, { transport });
  const talkAs = (headers: Headers): Conversation => converse(wire, headers, signal);
  const { identity, reason, headers } = await tellApart(options, talkAs);
  const talk = talkAs(headers);
  const hello = await talk.say(HELLO);
  const behaviours = await tryBehaviours(talk, { streaming: summary.streaming });
  const listed = await talk.ask({ op: 'ListTasks', agent: 'agent', pageSize: 1 });
  return {
    target,
    ...(usersFile === undefined ? {} : { usersFile }),
    name: summary.name,
    protocol: summary.protocol ?? '1.0',
    transports,
    streaming: summary.streaming,
    push: summary.pushNotifications,
    ...(listed.type === 'ok' ? {} : { listProblem: listed.error.code }),
    answersWith: hello.taskId === undefined ? 'message' : 'task',
    identity,
    identityReason: reason,
    hints,
    ...behaviours,
  };
}

/** An answer of the protocol shows that somebody speaks it there, whatever it says. */
async function tryTransports(
  { agent, signal }: DiscoverOptions,
  callers: readonly Headers[],
): Promise<Discovery['transports']> {
  const tried: { transport: Transport; problem?: string }[] = [];
  for (const transport of agent.summary.transports) {
    await using wire = await openTalk(agent, { transport });
    if (!agent.owns(wire.address)) {
      const problem = `the card sends clients to ${wire.address.host}, which is not the agent's own`;
      tried.push({ transport, problem });
      continue;
    }
    let last: Outcome | undefined;
    for (const headers of callers) {
      last = (await converse(wire, headers, signal).say(HELLO)).outcome;
      if (last.type === 'ok') break;
    }
    tried.push(last === undefined || last.type === 'ok' ? { transport } : { transport, problem: told(last) });
  }
  return tried;
}

const told = ({ error }: Extract<Outcome, { readonly error: unknown }>): string => `${error.code}: ${error.message}`;

/** Who calls, as the agent sees it: two tokens are two users where one of them cannot have the other's task. */
async function tellApart(
  { users }: DiscoverOptions,
  talkAs: (headers: Headers) => Conversation,
): Promise<{ readonly identity: Discovery['identity']; readonly reason: string; readonly headers: Headers }> {
  const [real] = users;
  if (real !== undefined) return { identity: 'users-file', reason: 'As told.', headers: real };
  const [one = {}, other = {}] = MADE_UP;
  const nobody = await talkAs({}).say(HELLO);
  const mine = await talkAs(one).say(HELLO);
  if (nobody.outcome.type !== 'ok') {
    return { identity: 'bearer', reason: 'It refuses who has no token, and takes any made-up one.', headers: one };
  }
  if (mine.outcome.type !== 'ok' || mine.taskId === undefined) {
    const reason = 'It answers without a task, so nobody can tell whether it tells users apart.';
    return { identity: 'anonymous', reason, headers: {} };
  }
  const own = await talkAs(one).ask({ op: 'GetTask', agent: 'agent', taskId: mine.taskId });
  const foreign = await talkAs(other).ask({ op: 'GetTask', agent: 'agent', taskId: mine.taskId });
  if (own.type === 'ok' && foreign.type === 'fail') {
    return {
      identity: 'bearer',
      reason: "It takes any bearer token for a user: another one cannot get the first one's task.",
      headers: one,
    };
  }
  return {
    identity: 'anonymous',
    reason: 'Any caller may get any task: it tells no bearer tokens apart.',
    headers: {},
  };
}

function refusal({ agent, users }: DiscoverOptions, transports: Discovery['transports']): string {
  const { headers, schemes } = hintsOf(agent.card);
  const tried = transports.map(({ transport, problem }) => `  ${transport}: ${problem}`).join('\n');
  const wants = schemes.length === 0 ? '' : ` Its card asks for ${schemes.join(', ')}.`;
  const example = JSON.stringify([
    { id: 'ann', headers: Object.keys(headers).length > 0 ? headers : { authorization: 'Bearer …' } },
  ]);
  const remedy =
    users.length > 0
      ? 'Look whether the headers of the first user in the file are right, and whether the agent is up.'
      : `If it wants to know who calls, write a users file such as ${example}, and give it with --users-file.`;
  return `Failed to talk with agent "${agent.summary.name}": no interface of its card gave an answer.\n${tried}\n${remedy}${wants}`;
}
