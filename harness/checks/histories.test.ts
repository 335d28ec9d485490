/**
 * The checks before hand-written histories: each bad one is found by the check it is for and by no other, each good one is
 * accused by none. What a check must not do is written in the good ones.
 */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import type { Policy } from '../model/plan.ts';
import { checks, findCheck } from './table.ts';
import { judgeWith } from './testing/judge-with.ts';

/** What each bad history shows. */
const KINDS: Readonly<Record<string, string>> = {
  'access-matrix/bad-cancel-reveals-existence': 'existence-revealed',
  'access-matrix/bad-forbidden-instead-of-not-found': 'existence-revealed',
  'access-matrix/bad-foreign-stream-opened': 'foreign-task-granted',
  'access-matrix/bad-foreign-task-cancelled': 'foreign-task-granted',
  'access-matrix/bad-foreign-webhook-taken': 'foreign-task-granted',
  'access-matrix/bad-message-to-a-foreign-task-answered': 'existence-revealed',
  'access-matrix/bad-reference-told-apart': 'existence-revealed',
  'answer-is-mine/bad-own-token-missing-when-polled': 'own-token-missing',
  'answer-is-mine/bad-own-token-missing': 'own-token-missing',
  'answer-is-mine/bad-task-of-another-message': 'task-of-another-message',
  'answer-is-mine/bad-task-of-another-user': 'task-of-another-message',
  'answer-is-mine/bad-token-of-another-context': 'token-of-another-message',
  'answers-all/bad-internal-error': 'internal-error',
  'answers-all/bad-never-answered': 'not-answered',
  'answers-anyway/bad-given-up-while-the-peer-hangs': 'kept-waiting',
  'as-expected/bad-another-pizza': 'order-is-mine',
  'as-expected/bad-one-pick-for-two': 'one-pick',
  'blocking-waits/bad-answered-while-working': 'answers-while-working',
  'blocking-waits/bad-waits-though-told-not-to': 'waits-though-told-not-to',
  'card-keeps-word/bad-claims-push-and-refuses-it': 'no-push',
  'card-keeps-word/bad-claims-streaming-and-cannot-be-subscribed-to': 'no-streaming',
  'card-keeps-word/bad-claims-streaming-and-has-no-such-path': 'no-streaming',
  'card-keeps-word/bad-claims-streaming-and-refuses-it': 'no-streaming',
  'cancel-answers/bad-answered-late': 'cancel-answered-late',
  'cancel-answers/bad-did-not-hold': 'cancel-did-not-hold',
  'cancel-answers/bad-not-answered': 'cancel-not-answered',
  'context-ownership/bad-forbidden-where-a-new-one-is-taken': 'context-revealed',
  'context-ownership/bad-list-of-a-foreign-conversation': 'foreign-task-in-context',
  'context-ownership/bad-one-name-for-two-conversations': 'foreign-task-in-context',
  'context-ownership/bad-squatter-is-in-the-list': 'foreign-task-in-context',
  'context-ownership/bad-taken-where-a-new-one-is-refused': 'context-revealed',
  'disconnect-policy/bad-works-for-nobody': 'work-for-nobody',
  'duplicate-send/bad-refused-and-never-done': 'never-done',
  'duplicate-send/bad-two-tasks-for-one-message': 'done-again',
  'durable/bad-answer-is-lost': 'answer-lost',
  'durable/bad-end-is-lost': 'end-lost',
  'durable/bad-task-at-work-is-gone': 'task-lost',
  'durable/bad-task-is-gone': 'task-lost',
  'fair/bad-given-up-while-another-is-served': 'user-starves',
  'fair/bad-newest-first': 'user-starves',
  'fair/bad-works-for-one-user-only': 'user-starves',
  'errors-mean-it/bad-blames-itself': 'wrong-error-unknown-method',
  'errors-mean-it/bad-hangs-up': 'hung-up-not-json',
  'errors-mean-it/bad-harms-others': 'harms-others',
  'errors-mean-it/bad-makes-up-a-task': 'taken-as-good-unknown-task',
  'errors-mean-it/bad-never-answers': 'no-answer-deep-nesting',
  'errors-mean-it/bad-nothing-with-200': 'no-protocol-error-empty-body',
  'errors-mean-it/bad-shows-python': 'stack-trace-not-json',
  'errors-mean-it/bad-shows-where-it-hurt': 'stack-trace-oversized-body',
  'errors-mean-it/bad-unknown-over-grpc': 'wrong-error-unknown-task',
  'errors-mean-it/bad-version-is-not-found': 'wrong-error-unknown-version',
  'errors-mean-it/bad-web-page': 'html-page-not-json',
  'fold-equals-get/bad-artifact-missing': 'artifact-missing-in-get',
  'fold-equals-get/bad-artifact-never-told': 'artifact-never-told',
  'fold-equals-get/bad-chunk-doubled-for-late-listener': 'artifact-differs',
  'fold-equals-get/bad-chunk-lost': 'artifact-differs',
  'fold-equals-get/bad-told-before-saved': 'get-is-behind',
  'harness-valid/bad-dropped': 'arrival-dropped',
  'harness-valid/bad-fault-failed': 'fault-failed',
  'harness-valid/bad-fault-without-effect': 'fault-without-effect',
  'harness-valid/bad-late': 'harness-late',
  'harness-valid/bad-out-of-breath': 'harness-out-of-breath',
  'harness-valid/bad-out-of-sockets': 'out-of-sockets',
  'heeds-retry-after/bad-asks-again-after-50-ms': 'comes-back-early',
  'ids-and-contexts/bad-context-not-inferred': 'context-changed',
  'ids-and-contexts/bad-context-of-a-task-changes': 'context-changed',
  'ids-and-contexts/bad-context-of-the-client-replaced': 'context-replaced',
  'ids-and-contexts/bad-message-to-the-dead-is-taken': 'terminal-task-answered',
  'ids-and-contexts/bad-message-to-the-dead-makes-a-new-task': 'terminal-task-answered',
  'ids-and-contexts/bad-mismatch-streamed': 'mismatch-accepted',
  'ids-and-contexts/bad-mismatch-taken': 'mismatch-accepted',
  'ids-and-contexts/bad-new-task-has-the-id-of-one-that-is-over': 'task-id-given-twice',
  'ids-and-contexts/bad-numbered-again-after-a-restart': 'task-id-given-again',
  'ids-and-contexts/bad-one-context-for-two-users': 'context-shared',
  'ids-and-contexts/bad-unknown-task-made': 'unknown-task-accepted',
  'list-complete/bad-artifacts-unasked': 'artifacts-unasked',
  'list-complete/bad-context-finds-nothing': 'task-missing',
  'list-complete/bad-context-ignored': 'filter-ignored',
  'list-complete/bad-ends-early': 'task-missing',
  'list-complete/bad-history-too-long': 'history-too-long',
  'list-complete/bad-more-than-asked-for': 'page-too-large',
  'list-complete/bad-newer-one-on-a-later-page': 'out-of-order',
  'list-complete/bad-no-token-on-the-last-page': 'token-missing',
  'list-complete/bad-oldest-first': 'out-of-order',
  'list-complete/bad-own-token-refused': 'token-refused',
  'list-complete/bad-page-size-untrue': 'page-size-untrue',
  'list-complete/bad-pushed-onto-the-next-page': 'listed-twice',
  'list-complete/bad-status-ignored': 'filter-ignored',
  'list-complete/bad-task-of-somebody-else': 'foreign-task-listed',
  'list-complete/bad-timestamp-ignored': 'filter-ignored',
  'list-complete/bad-total-counts-everybody': 'total-untrue',
  'list-complete/bad-goes-on-with-the-list-of-another': 'foreign-task-listed',
  'history-kept/bad-kept-twice': 'message-kept-twice',
  'history-kept/bad-one-of-two-is-lost': 'acknowledged-message-lost',
  'history-kept/bad-taken-in-after-its-answer': 'acknowledged-message-late',
  'identity-edge/bad-beginning-will-do': 'shared-beginning',
  'identity-edge/bad-case-is-not-minded': 'shared-case',
  'identity-edge/bad-list-of-the-same-text': 'shared-unicode-form',
  'identity-edge/bad-long-names-are-cut': 'shared-length',
  'identity-edge/bad-looks-will-do': 'shared-look-alike',
  'identity-edge/bad-unknown-is-nobody': 'shared-nobody',
  'no-leak/bad-a-descriptor-for-each-subscription': 'descriptors-leak',
  'no-leak/bad-each-round-answers-later': 'answers-slow-down',
  'no-leak/bad-grows-and-grows': 'memory-leak',
  'no-stuck-task/bad-submitted-and-forgotten': 'stuck-task',
  'no-stuck-task/bad-working-for-ever': 'stuck-task',
  'passes-on-whole/bad-characters-spoilt-by-packets': 'changed-answer',
  'passes-on-whole/bad-first-half-as-the-whole': 'half-answer',
  'passes-on-whole/bad-nothing-as-the-whole': 'half-answer',
  'ports-hold/bad-held-by-another-process': 'port-held-twice',
  'ports-hold/bad-held-twice': 'port-held-twice',
  'ports-hold/bad-killed-and-not-leased-again': 'refused-while-free',
  'ports-hold/bad-port-of-a-stranger': 'port-of-a-stranger',
  'ports-hold/bad-refused-after-a-session-ended': 'refused-after-return',
  'ports-hold/bad-refused-while-free': 'refused-while-free',
  'push-delivery/bad-after-the-end': 'push-after-the-end',
  'push-delivery/bad-another-task': 'push-of-another-task',
  'push-delivery/bad-configured-with-the-message-and-forgotten': 'end-not-pushed',
  'push-delivery/bad-credentials-missing': 'credentials-missing',
  'push-delivery/bad-credentials-of-another': 'credentials-of-another',
  'push-delivery/bad-deleted-and-posted-to': 'push-after-deletion',
  'push-delivery/bad-end-not-posted': 'end-not-pushed',
  'push-delivery/bad-end-posted-late': 'end-pushed-late',
  'push-delivery/bad-not-json': 'push-unreadable',
  'push-delivery/bad-nothing-posted': 'end-not-pushed',
  'push-delivery/bad-one-left-out': 'update-not-pushed',
  'push-delivery/bad-other-order-than-the-stream': 'push-out-of-order',
  'push-delivery/bad-posted-to-long-after-deletion': 'push-after-deletion',
  'push-delivery/bad-refused-and-posted-to': 'pushed-unasked',
  'push-delivery/bad-two-orders': 'push-orders-differ',
  'recovers/bad-never-again': 'does-not-recover',
  'recovers/bad-peer-is-back-and-nobody-calls-it': 'does-not-recover',
  'recovers/bad-stands-in-for-ever': 'does-not-recover',
  'recovers/bad-too-late': 'recovers-late',
  'recovers/bad-up-but-refuses-all-work': 'does-not-recover',
  'retries-bounded/bad-hundreds-for-one-turn': 'retry-storm',
  'same-story/bad-end-not-told-to-all': 'end-not-told',
  'same-story/bad-events-dealt-out-in-turn': 'stories-differ',
  'same-story/bad-one-chunk-twice': 'stories-differ',
  'same-story/bad-other-order': 'stories-differ',
  'stays-up/bad-exited': 'agent-exited',
  'stays-up/bad-silent': 'agent-does-not-answer',
  'stops-in-order/bad-dropped': 'dropped-at-stop',
  'slow-reader/bad-answers-wait-until-it-goes': 'others-held-up',
  'slow-reader/bad-others-wait-until-it-goes': 'others-held-up',
  'stream-shape/bad-begins-with-a-status': 'opens-without-task',
  'sessions-idle/bad-ended-in-use': 'ended-in-use',
  'sessions-idle/bad-never-ended': 'kept-though-idle',
  'sessions-stand/bad-second-one-does-not-start': 'agent-did-not-start',
  'strangers/bad-ended-by-somebody': 'disturbed',
  'strangers/bad-sent-a-message': 'told-what-users-say',
  'strangers/bad-sent-a-users-header': 'told-what-users-say',
  'strangers/bad-taken-for-an-agent': 'taken-for-an-agent',
  'stream-shape/bad-closed-while-working-after-a-fault-on-the-peer': 'ends-without-end',
  'stream-shape/bad-closed-while-working': 'ends-without-end',
  'stream-shape/bad-empty': 'ends-empty',
  'stream-shape/bad-goes-on-after-a-message': 'goes-on-after-end',
  'stream-shape/bad-goes-on-after-the-end': 'goes-on-after-end',
  'stream-shape/bad-message-among-updates': 'message-among-updates',
  'stream-shape/bad-stays-open': 'stays-open-after-end',
  'stream-shape/bad-subscription-begins-with-an-artifact': 'opens-without-task',
  'stream-shape/bad-tells-of-two-tasks': 'mixes-tasks',
  'stream-shape/bad-tells-of-a-task-before-its-owner-is-told': 'mixes-tasks',
  'subscribe-complete/bad-hole-after-a-break': 'hole-in-subscription',
  'subscribe-complete/bad-late-listener-lacks-a-chunk': 'hole-in-subscription',
  'terminal-is-final/bad-cancelled-came-back-completed': 'terminal-state-changed',
  'terminal-is-final/bad-completed-came-back-cancelled': 'terminal-state-changed',
  'terminal-is-final/bad-list-is-behind': 'terminal-state-left',
  'terminal-is-final/bad-message-wakes-the-dead': 'terminal-state-left',
  'terminal-is-final/bad-read-as-over-and-then-not': 'terminal-state-left',
  'transports-agree/bad-end-not-told-over-rest': 'end-not-told',
  'transports-agree/bad-history-missing-over-rest': 'reads-differ',
  'transports-agree/bad-other-error-over-rest': 'errors-differ',
  'transports-agree/bad-other-states-over-rest': 'stories-differ',
  'transports-agree/bad-own-task-unknown-over-grpc': 'granted-and-refused',
  'user-isolation/bad-anonymous-answer-to-somebody-else': 'canary-in-answer',
  'user-isolation/bad-answer-to-somebody-else': 'canary-in-answer',
  'user-isolation/bad-canary-cut-in-two-by-chunks': 'canary-in-stream',
  'user-isolation/bad-canary-inside-a-file': 'canary-in-answer',
  'user-isolation/bad-error-quotes-somebody-else': 'canary-in-error',
  'user-isolation/bad-list-shows-everybodys-tasks': 'canary-in-list',
  'user-isolation/bad-push-holds-words-of-somebody-else': 'canary-in-push',
  'user-isolation/bad-push-config-of-somebody-else': 'canary-in-push-config',
  'user-isolation/bad-refusal-quotes-somebody-else': 'canary-in-error',
  'user-isolation/bad-task-of-a-message-with-the-same-id': 'canary-in-answer',
  'work-done-once/bad-answered-by-two-workers': 'work-done-twice',
  'work-done-once/bad-given-to-a-server-that-is-gone': 'work-not-done',
  'work-done-once/bad-newcomer-is-told-nothing': 'work-not-told',
  'work-done-once/bad-no-answer-beside-a-loss': 'work-not-done',
  'work-done-once/bad-not-told-after-a-return': 'work-not-told',
  'work-done-once/bad-not-told-on-its-own-side': 'work-not-told',
  'work-done-once/bad-one-side-does-nothing': 'work-not-done',
  'work-done-once/bad-two-halves-for-ever': 'work-not-told',
};

/** What the agents of these histories promise. By default nobody is accused of what the specification leaves open. */
const PROMISED: Readonly<Record<string, Partial<Policy>>> = {
  'disconnect-policy': { after_leaving: 'is-cancelled' },
  'duplicate-send': { sent_again: 'exactly-once' },
  durable: { durable: 'promised' },
};

const histories = writtenHistories();

test.each(histories.map((history) => [`${history.check}/${history.name}`, history] as const))('%s', (_, history) => {
  const promised = PROMISED[history.check];
  const accused = checks.flatMap((check) =>
    judgeWith(check, history.events, promised).findings.map(({ kind }) => `${check.name}: ${kind}`),
  );
  const own = findCheck(history.check);
  expect(own).toBeDefined();
  if (own === undefined) return;
  const { evidence, findings } = judgeWith(own, history.events, promised);
  if (history.isBad) {
    expect(accused).toEqual([`${history.check}: ${KINDS[`${history.check}/${history.name}`]}`]);
    expect(findings[0]?.evidence.length).toBeGreaterThan(0);
  } else {
    expect(accused).toEqual([]);
  }
  if (history.hasNoEvidence) expect(evidence).toBe(0);
  else expect(evidence).toBeGreaterThan(0);
});

test('what is left open accuses nobody who promised nothing', () => {
  for (const { check, events } of histories.filter(({ check }) => PROMISED[check] !== undefined)) {
    expect(checks.flatMap((each) => judgeWith(each, events).findings.map(({ kind }) => `${check}: ${kind}`))).toEqual(
      [],
    );
  }
  const [left] = histories.filter(({ name }) => name === 'good-cancelled-soon');
  const own = findCheck('disconnect-policy');
  if (left === undefined || own === undefined) throw new Error('There is no such history, or no such check');
  expect(judgeWith(own, left.events, { after_leaving: 'goes-on' }).findings).toMatchObject([{ kind: 'work-given-up' }]);
});

test('where contexts are shared, who is in one is held against nobody', () => {
  const ofContexts = histories.filter(
    ({ check, name }) => check === 'context-ownership' || name === 'bad-one-context-for-two-users',
  );
  expect(ofContexts.length).toBeGreaterThan(5);
  for (const { events } of ofContexts) {
    expect(checks.flatMap((each) => judgeWith(each, events, { contexts: 'shared' }).findings)).toEqual([]);
  }
});

test('every check has good and bad histories, and the folder holds those of no other', () => {
  for (const { name } of checks) {
    const own = histories.filter(({ check }) => check === name);
    // It only counts, and accuses nobody.
    expect(
      own.some(({ isBad }) => isBad),
      `${name} has no bad history`,
    ).toBe(name !== 'overlaps');
    expect(
      own.some(({ isBad }) => !isBad),
      `${name} has no good history`,
    ).toBe(true);
  }
  expect(new Set(histories.map(({ check }) => check))).toEqual(new Set(checks.map(({ name }) => name)));
});
