/** What push-delivery accuses an agent of, in words and with the events that show it: the hook, the configuration, the turn, the push. */
import type { HistoryEvent, InvokeEvent, PushEvent } from '../../model/history.ts';
import type { KeptEvent } from '../../model/kept.ts';
import { recordOf } from '../../model/record-of.ts';
import type { Example } from './findings.ts';
import { type Config, type Hook, stateTold } from './follow-hooks.ts';
import { clip, stateWord } from './reading.ts';

const name = ({ name: hook }: Hook): string => `Webhook ${clip(hook, 60)}`;
const tasksOf = ({ configs }: Hook): readonly string[] => configs.flatMap(({ taskId }) => taskId ?? []);
const asking = ({ configs }: Hook): readonly (KeptEvent | undefined)[] =>
  configs.slice(-2).flatMap(({ invoke, created }) => [invoke, created]);

/** What an update says, in a word. */
function words(event: PushEvent): string {
  if (!('payload' in event)) return 'something unreadable';
  const payload = recordOf(event.payload);
  const state = stateTold(payload);
  return state === undefined ? 'an artifact' : stateWord(state);
}

const exampleOf = (
  hook: Hook,
  example: Pick<Example, 'kind' | 'message' | 'expected' | 'seen' | 'evidence'>,
): Example => ({
  ...example,
  users: [hook.user],
  tasks: tasksOf(hook),
});

export const unasked = (hook: Hook, event: PushEvent): Example =>
  exampleOf(hook, {
    kind: 'pushed-unasked',
    message: 'A webhook was posted to that had been refused, or was never asked for',
    expected: `${name(hook)} is posted nothing: the agent has taken no configuration with its address.`,
    seen: `${name(hook)} was posted ${words(event)}.`,
    evidence: [...asking(hook), event],
  });

export const privateCalled = (hook: Hook, event: PushEvent): Example =>
  exampleOf(hook, {
    kind: 'private-hook-called',
    message: 'The agent posted to a private address',
    expected:
      'The policy private_hooks is refused: the agent posts to no address of a private range, such as 127.0.0.1.',
    seen: `${name(hook)}, which is at a private address, was posted ${words(event)}.`,
    evidence: [...asking(hook), event],
  });

export const privateRefused = (hook: Hook, invoke: InvokeEvent, event: HistoryEvent): Example =>
  exampleOf(hook, {
    kind: 'private-hook-refused',
    message: 'The agent refused a webhook at a private address',
    expected: 'The policy private_hooks is allowed: the agent takes webhooks at private addresses.',
    seen: `The configuration of ${name(hook)}, which is at a private address, was refused.`,
    evidence: [invoke, event],
  });

export const wrongCredentials = (hook: Hook, event: PushEvent): Example => {
  const isOthers = event.credentials === 'of-another';
  return exampleOf(hook, {
    kind: isOthers ? 'credentials-of-another' : `credentials-${event.credentials}`,
    message: isOthers
      ? 'A webhook was shown the credentials of another one'
      : 'A webhook was not shown the credentials that its configuration names',
    expected: `${name(hook)} is shown what its own configuration names: ${hook.credentials}.`,
    seen: isOthers
      ? `A push to ${name(hook)} came with the credentials of ${clip(event.credentials_of ?? '', 60)}.`
      : `A push to ${name(hook)} came with ${event.credentials === 'missing' ? 'no credentials' : 'others'}.`,
    evidence: [...asking(hook), event],
  });
};

export const unreadable = (hook: Hook, event: PushEvent): Example =>
  exampleOf(hook, {
    kind: 'push-unreadable',
    message: 'What was posted to a webhook is no StreamResponse',
    expected: 'A push is a JSON object with one of task, message, statusUpdate and artifactUpdate.',
    seen: `${name(hook)} was posted what cannot be read: ${'problem' in event ? clip(event.problem, 100) : ''}`,
    evidence: [...asking(hook), event],
  });

export const foreignTask = (hook: Hook, event: PushEvent, taskId: string): Example => ({
  ...exampleOf(hook, {
    kind: 'push-of-another-task',
    message: 'A webhook was posted what happened to another task',
    expected: `${name(hook)} is posted what happens to ${tasksOf(hook)
      .map((id) => clip(id, 60))
      .join(' and ')}, and nothing else.`,
    seen: `${name(hook)} was posted ${words(event)} of ${clip(taskId, 60)}.`,
    evidence: [...asking(hook), event],
  }),
  tasks: [...tasksOf(hook), taskId],
});

export const afterDeletion = (hook: Hook, event: PushEvent, config: Config): Example =>
  exampleOf(hook, {
    kind: 'push-after-deletion',
    message: 'A webhook was posted to after its configuration had been deleted',
    expected: `${name(hook)} is posted nothing more once the deletion of ${clip(config.configId, 60)} was confirmed, but for what was on its way.`,
    seen: `${name(hook)} was posted ${words(event)} ${Math.round(event.time_ms - (config.deleted?.time_ms ?? 0))} ms later${config.aliveSinceDeleted === undefined ? '' : ', and the task was still going on after the deletion'}.`,
    evidence: [config.invoke, config.deleting, config.deleted, config.aliveSinceDeleted, event],
  });

export const afterTheEnd = (hook: Hook, end: PushEvent, event: PushEvent): Example =>
  exampleOf(hook, {
    kind: 'push-after-the-end',
    message: 'A webhook was posted an update for the first time after it had been posted the end of the task',
    expected: `${name(hook)} takes the updates in the order in which they happened, the end last; what it did not take the first time comes before what is later, or not at all.`,
    seen: `${name(hook)} took ${words(end)}, and then, for the first time, ${words(event)}.`,
    evidence: [...asking(hook), end, event],
  });

export const otherThanStream = (hook: Hook, { invoke, created }: Config): Example =>
  exampleOf(hook, {
    kind: 'push-out-of-order',
    message: 'A webhook took updates in another order than a stream of the same task told them',
    expected: `${name(hook)} takes the updates in the order of the stream.`,
    seen: `${name(hook)} took ${hook.told.size} updates, in another order.`,
    evidence: [invoke, created, hook.first, hook.last],
  });

export const ordersDiffer = (one: Hook, other: Hook): Example => ({
  ...exampleOf(other, {
    kind: 'push-orders-differ',
    message: 'Two webhooks of one task took the same updates in different orders',
    expected: `${name(one)} and ${name(other)} take the updates in the order in which they happened.`,
    seen: `${name(one)} took ${one.told.size} updates, and ${name(other)} some of them in another order.`,
    evidence: [...asking(one), ...asking(other), one.first, other.first, one.last, other.last],
  }),
  users: [one.user, other.user],
});

export const leftOut = (one: Hook, other: Hook): Example => ({
  ...exampleOf(other, {
    kind: 'update-not-pushed',
    message: 'A webhook was left out of an update that another webhook of the same task was posted',
    expected: `What ${name(one)} is posted, ${name(other)} is posted, too: both were there before and after it.`,
    seen: `${name(one)} took ${one.told.size} updates and ${name(other)} ${other.told.size}, and lacks one that came between others.`,
    evidence: [...asking(one), ...asking(other), one.last, other.last],
  }),
  users: [one.user, other.user],
});

export function endNotPushed(
  hook: Hook,
  { taskId = '', invoke, created, aliveSinceCreated }: Config,
  {
    end,
    tried,
    push_ms_max,
  }: { readonly end: KeptEvent; readonly tried: PushEvent | undefined; readonly push_ms_max: number },
): Example {
  const late_ms = tried === undefined ? 0 : Math.round(tried.time_ms - end.time_ms);
  return exampleOf(hook, {
    kind: tried === undefined ? 'end-not-pushed' : 'end-pushed-late',
    message: `A webhook was not posted the end of its task${tried === undefined ? '' : ' in time'}`,
    expected: `The policy push_ms_max is ${push_ms_max}: so soon after its end, whatever becomes of other webhooks, ${name(hook)} is posted that ${clip(taskId, 60)} is over.`,
    seen: `${name(hook)} was ${hook.first === undefined ? 'posted nothing' : tried === undefined ? 'not posted the end' : `posted the end ${late_ms} ms later`}.`,
    evidence: [invoke, created, aliveSinceCreated, hook.first, hook.last, end, ...(tried === undefined ? [] : [tried])],
  });
}
