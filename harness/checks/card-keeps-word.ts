/**
 * §3.3.4: clients go by what an agent's card claims, so what it claims must be there. Only answers that say "I do not do this" in so
 * many words break that word: an agent may refuse a stream about a task that is over, or a caller whom it does not know.
 */
import type { Check } from '../model/check.ts';
import type { AgentEvent, CardSummary, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp, type Op, PROTOCOL_OPS } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { ANSWERS, isStreaming, STREAMS } from './parts/reading.ts';

interface Claim {
  readonly kind: string;
  /** As the card spells it. */
  readonly capability: 'streaming' | 'pushNotifications';
  readonly what: string;
  /** What only an agent answers that does not do this at all. */
  readonly denials: ReadonlySet<string>;
}

type Ready = Extract<AgentEvent, { readonly phase: 'ready' }>;

/** Nobody answers so for the sake of a task. */
const NO_SUCH_OPERATION = ['MethodNotFoundError', 'http-405', 'http-501'];

/** A message of its own is about no task, so nothing but the operation can be unknown or unsupported. */
const STREAMING: Claim = {
  kind: 'no-streaming',
  capability: 'streaming',
  what: 'streaming',
  denials: new Set([...NO_SUCH_OPERATION, 'UnsupportedOperationError', 'http-404']),
};
const STREAMING_OF_A_TASK: Claim = { ...STREAMING, denials: new Set(NO_SUCH_OPERATION) };
const PUSH: Claim = {
  kind: 'no-push',
  capability: 'pushNotifications',
  what: 'push notifications',
  denials: new Set([...NO_SUCH_OPERATION, 'PushNotificationNotSupportedError']),
};

/** The claim that an op goes by; nothing for one that every agent has, or that may be refused for the sake of its task. */
function claimOf(op: Op): Claim | undefined {
  if (op.op === 'SendStreamingMessage') return op.taskId === undefined ? STREAMING : STREAMING_OF_A_TASK;
  if (op.op === 'SubscribeToTask') return STREAMING_OF_A_TASK;
  return op.op.includes('PushNotificationConfig') ? PUSH : undefined;
}

export const cardKeepsWord: Check = {
  name: 'card-keeps-word',
  title: 'What its card claims the agent does',
  section: '§3.3.4, §4.4.3',
  memory: 'The latest card of each agent.',
  judges: 'agent',
  reads: ['agent', ...ANSWERS],
  ops: [...STREAMS, ...PROTOCOL_OPS.filter((op) => op.includes('PushNotificationConfig'))],
  start: ({ scene: { faults } }) => {
    const findings = startFindings();
    const cards = new Map<string, Ready>();
    let evidence = 0;

    const judge = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const claim = claimOf(invoke.op);
      const ready = isProtocolOp(invoke.op) ? cards.get(invoke.op.agent) : undefined;
      if (claim === undefined || ready === undefined || !claims(ready.card, claim) || faults.touched(invoke)) return;
      if (event.type === 'event' ? event.index === 0 : event.type === 'ok' && !isStreaming(invoke.op)) evidence += 1;
      if (event.type !== 'fail' || !claim.denials.has(event.error.code)) return;
      evidence += 1;
      findings.report({
        kind: claim.kind,
        message: `An agent whose card claims ${claim.what} said that it does not do ${invoke.op.op}`,
        expected: `The card says capabilities.${claim.capability}: true, so ${invoke.op.op} is there.`,
        seen: `It was answered with ${event.error.code}.`,
        users: [invoke.user],
        tasks: [],
        evidence: [ready, invoke, event],
      });
    };

    return {
      add(event, invoke) {
        if (event.type === 'agent' && event.phase === 'ready') cards.set(event.agent, event);
        if (invoke !== undefined) judge(event, invoke);
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};

/** A history that somebody else wrote may lack the card. */
const claims = (card: CardSummary | undefined, { capability }: Claim): boolean => card?.[capability] === true;
