/** Every check, in the order a reader wants them: whose data is it, is it right, does it end, does it last, can we trust the run. */
import type { Check } from '../model/check.ts';
import { accessMatrix } from './access-matrix.ts';
import { answerIsMine } from './answer-is-mine.ts';
import { answersAll } from './answers-all.ts';
import { answersAnyway } from './answers-anyway.ts';
import { asExpected } from './as-expected.ts';
import { blockingWaits } from './blocking-waits.ts';
import { cancelAnswers } from './cancel-answers.ts';
import { cardKeepsWord } from './card-keeps-word.ts';
import { contextOwnership } from './context-ownership.ts';
import { disconnectPolicy } from './disconnect-policy.ts';
import { duplicateSend } from './duplicate-send.ts';
import { durable } from './durable.ts';
import { errorsMeanIt } from './errors-mean-it.ts';
import { fair } from './fair.ts';
import { foldEqualsGet } from './fold-equals-get.ts';
import { harnessValid } from './harness-valid.ts';
import { heedsRetryAfter } from './heeds-retry-after.ts';
import { historyKept } from './history-kept.ts';
import { identityEdge } from './identity-edge.ts';
import { idsAndContexts } from './ids-and-contexts.ts';
import { listComplete } from './list-complete.ts';
import { noLeak } from './no-leak.ts';
import { noStuckTask } from './no-stuck-task.ts';
import { overlaps } from './overlaps.ts';
import { passesOnWhole } from './passes-on-whole.ts';
import { portsHold } from './ports-hold.ts';
import { pushDelivery } from './push-delivery.ts';
import { recovers } from './recovers.ts';
import { retriesBounded } from './retries-bounded.ts';
import { sameStory } from './same-story.ts';
import { sessionsIdle } from './sessions-idle.ts';
import { sessionsStand } from './sessions-stand.ts';
import { slowReader } from './slow-reader.ts';
import { staysUp } from './stays-up.ts';
import { stopsInOrder } from './stops-in-order.ts';
import { strangers } from './strangers.ts';
import { streamShape } from './stream-shape.ts';
import { subscribeComplete } from './subscribe-complete.ts';
import { terminalIsFinal } from './terminal-is-final.ts';
import { transportsAgree } from './transports-agree.ts';
import { userIsolation } from './user-isolation.ts';
import { workDoneOnce } from './work-done-once.ts';

export const checks: readonly Check[] = [
  userIsolation,
  accessMatrix,
  identityEdge,
  contextOwnership,
  answerIsMine,
  answersAll,
  asExpected,
  blockingWaits,
  streamShape,
  sameStory,
  foldEqualsGet,
  historyKept,
  subscribeComplete,
  terminalIsFinal,
  cancelAnswers,
  disconnectPolicy,
  duplicateSend,
  idsAndContexts,
  listComplete,
  transportsAgree,
  errorsMeanIt,
  pushDelivery,
  noStuckTask,
  fair,
  slowReader,
  cardKeepsWord,
  noLeak,
  staysUp,
  stopsInOrder,
  recovers,
  durable,
  answersAnyway,
  passesOnWhole,
  retriesBounded,
  heedsRetryAfter,
  workDoneOnce,
  sessionsStand,
  portsHold,
  strangers,
  sessionsIdle,
  overlaps,
  harnessValid,
];

export function findCheck(name: string): Check | undefined {
  return checks.find((check) => check.name === name);
}
