/**
 * §13.1, §3.3.2: whatever a user receives, nobody else's canary is in it. Where the agent cannot tell its users apart,
 * everybody may ask for everything by its id, and only the answers to one's own messages are one's own.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent, PushEvent } from '../model/history.ts';
import { AGENT_OPS, type Op } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import type { PerOp } from '../model/scene.ts';
import { stringsIn } from '../model/strings-in.ts';
import { MARK_LENGTH_MAX, markedTexts, marksIn, mayHoldOthers } from './parts/canaries.ts';
import { startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, isReadBack, isSend, listOf, stateOf, textOf } from './parts/reading.ts';

const SHARED = Symbol('more than one user speaks here');

export const userIsolation: Check = {
  name: 'user-isolation',
  title: 'Nothing that a user receives holds the canary of another user',
  section: '§13.1, §3.3.2',
  memory:
    'The arrivals of the latest 10,000 users; per open stream the last 32 characters of each artifact; where users are anonymous, the latest 10,000 tasks and contexts.',
  judges: 'agent',
  reads: ['push', 'invoke', ...ANSWERS],
  ops: [...AGENT_OPS, 'transports'],
  start: ({ scene: { book, ops } }) => {
    const findings = startFindings();
    const ends = ops.perOp<Map<string, string>>();
    const speakers = startLatest<string | typeof SHARED>();
    let evidence = 0;
    let byDesign = 0;

    const speaks = (name: string, user: string, isAsked: boolean): void => {
      const known = speakers.get(name);
      // Who else spoke in a conversation that may have been forgotten, nobody knows.
      if (known === undefined) speakers.set(name, isAsked && speakers.forgotten > 0 ? SHARED : user);
      else if (isAsked && known !== user) speakers.set(name, SHARED);
    };

    /** An anonymous user's answer is his own when it is to his own message, in a conversation that is his alone. */
    const isOwn = (event: HistoryEvent, invoke: InvokeEvent): boolean => {
      if (book.isKnownByAgent(invoke.user)) return true;
      if (!isSend(invoke.op)) return false;
      const asked = conversationsOf(invoke.op);
      if (asked.some((name) => speakers.get(name) !== invoke.user)) return false;
      for (const { taskId, contextId } of observe(event, invoke)) {
        for (const name of conversationsOf({ ...invoke.op, taskId, ...(contextId && { contextId }) })) {
          if (speakers.get(name) === SHARED) return false;
          speaks(name, invoke.user, false);
        }
      }
      return true;
    };

    const examine = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const own = book.canaryOf(invoke.user);
      if (own === undefined || !book.hasTwo()) return;
      if (!isOwn(event, invoke)) {
        byDesign += 1;
        return;
      }
      evidence += 1;
      const received = [...markedTexts(event), ...seams(ends, event, invoke)];
      const texts = received.filter((text) => mayHoldOthers(text, own));
      if (texts.length === 0) return;
      const isCanary = (canary: string): boolean => canary === own || book.userOf(canary) !== undefined;
      const foreign = new Map<string, string>();
      for (const text of texts) {
        for (const { canary, text: mark } of marksIn(text, isCanary)) if (canary !== own) foreign.set(canary, mark);
      }
      for (const [canary, mark] of foreign) {
        const other = book.userOf(canary) ?? '';
        if (other === invoke.user) continue;
        if (isSend(invoke.op) && invoke.op.text.toLowerCase().includes(canary)) continue;
        // That names are taken for one another is told of by identity-edge.
        if (!isSend(invoke.op) && book.kinshipOf(invoke.user, other) !== undefined) continue;
        const { kind, what } = placeOf(event, invoke.op);
        findings.report({
          kind,
          message: `${what} held what belongs to another user`,
          expected: `Nothing that ${invoke.user} receives holds anything of ${other}.`,
          seen: `${what} for ${invoke.user}, to ${invoke.op.op} in ${stepOf(invoke)}, held "${mark}", which only ${other} ever sent.`,
          users: [invoke.user, other],
          tasks: observe(event, invoke).map(({ taskId }) => taskId),
          evidence: [book.arrivalOf(other), invoke, event],
        });
      }
    };

    /** Where users are anonymous, a webhook may be for anybody's task. */
    const examinePush = (event: PushEvent): void => {
      if (book.canaryOf(event.user) === undefined || !book.hasTwo() || !('payload' in event)) return;
      if (!book.isKnownByAgent(event.user)) {
        byDesign += 1;
        return;
      }
      evidence += 1;
      const isForeign = (canary: string): boolean => (book.userOf(canary) ?? event.user) !== event.user;
      const [mark] = stringsIn(event.payload).flatMap((text) => [...marksIn(text, isForeign)]);
      if (mark === undefined) return;
      const other = book.userOf(mark.canary) ?? '';
      findings.report({
        kind: 'canary-in-push',
        message: 'A push held what belongs to another user',
        expected: `Nothing that is posted to a webhook of ${event.user} holds anything of ${other}.`,
        seen: `A push to the webhook ${event.hook} of ${event.user} held "${mark.text}", which only ${other} ever sent.`,
        users: [event.user, other],
        tasks: event.taskId === undefined ? [] : [event.taskId],
        evidence: [book.arrivalOf(other), event],
      });
    };

    return {
      add(event, invoke) {
        if (event.type === 'push') examinePush(event);
        if (event.type === 'invoke' && isSend(event.op) && !book.isKnownByAgent(event.user)) {
          for (const name of conversationsOf(event.op)) speaks(name, event.user, true);
        }
        if (invoke !== undefined && 'agent' in invoke.op) examine(event, invoke);
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(byDesign > 0 && {
          note: `${byDesign} answers were not judged: the agent cannot tell anonymous users apart, and these were not to a message of the user's own.`,
        }),
      }),
    };
  },
};

function conversationsOf(op: {
  readonly agent: string;
  readonly taskId?: string;
  readonly contextId?: string;
}): readonly string[] {
  return [
    ...(op.taskId === undefined ? [] : [`${op.agent}\ntask\n${op.taskId}`]),
    ...(op.contextId === undefined ? [] : [`${op.agent}\ncontext\n${op.contextId}`]),
  ];
}

const NO_TEXTS: readonly string[] = [];

/** Where one chunk's end and the next one's beginning meet: a canary may have been cut in two. */
function seams(ends: PerOp<Map<string, string>>, event: HistoryEvent, invoke: InvokeEvent): readonly string[] {
  if (event.type !== 'event') return NO_TEXTS;
  const update = recordOf(recordOf(event.payload)['artifactUpdate']);
  const status = recordOf(recordOf(event.payload)['statusUpdate']);
  const artifact = recordOf(update['artifact']);
  const isStatus = stateOf(status) !== undefined;
  const parts = listOf((isStatus ? recordOf(recordOf(status['status'])['message']) : artifact)['parts']);
  const texts = parts.map((part) => recordOf(part)['text']).filter((text) => typeof text === 'string');
  if (texts.length === 0) return NO_TEXTS;
  const endOf = ends.get(invoke) ?? new Map<string, string>();
  ends.set(invoke, endOf);
  const name = isStatus ? 'status' : `artifact ${textOf(artifact['artifactId'])}`;
  const found: string[] = [];
  let end = isStatus || update['append'] === true ? (endOf.get(name) ?? '') : '';
  for (const text of texts) {
    if (end !== '') found.push(end + text.slice(0, MARK_LENGTH_MAX));
    end = (end + text.slice(-MARK_LENGTH_MAX)).slice(-MARK_LENGTH_MAX);
  }
  endOf.set(name, end);
  return found;
}

const stepOf = (invoke: InvokeEvent): string =>
  isReadBack(invoke) ? 'the reading back at the end' : `step ${invoke.step}`;

function placeOf(event: HistoryEvent, op: Op): { readonly kind: string; readonly what: string } {
  if (event.type === 'fail' || event.type === 'info') return { kind: 'canary-in-error', what: 'An error message' };
  if (op.op === 'HostileRequest') return { kind: 'canary-in-error', what: 'The answer to a bad request' };
  if (event.type === 'event') return { kind: 'canary-in-stream', what: 'A stream event' };
  if (op.op === 'ListTasks') return { kind: 'canary-in-list', what: 'A list of tasks' };
  if (isSend(op)) return { kind: 'canary-in-answer', what: 'The answer to a message' };
  if (op.op === 'GetTask' || op.op === 'CancelTask') return { kind: 'canary-in-task', what: 'A task' };
  return { kind: 'canary-in-push-config', what: 'A push notification configuration' };
}
