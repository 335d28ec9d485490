/** All scenarios, in the order in which the standard suite runs them. One file and one line here adds a scenario. */
import type { Scenario } from '../harness/model/scenario.ts';
import { accessMatrix } from './access-matrix.ts';
import { answerLost } from './answer-lost.ts';
import { answeredTwice } from './answered-twice.ts';
import { borrowedNames } from './borrowed-names.ts';
import { cancelRace } from './cancel-race.ts';
import { contextSquatting } from './context-squatting.ts';
import { crashLoop } from './crash-loop.ts';
import { crashReclaim } from './crash-reclaim.ts';
import { durableKill } from './durable-kill.ts';
import { fairShares } from './fair-shares.ts';
import { fewDescriptors } from './few-descriptors.ts';
import { freezeThaw } from './freeze-thaw.ts';
import { gracefulStop } from './graceful-stop.ts';
import { hostileInput } from './hostile-input.ts';
import { idsAndContexts } from './ids-and-contexts.ts';
import { isolationScenarios } from './isolation.ts';
import { killRestart } from './kill-restart.ts';
import { leakScenarios } from './leaks.ts';
import { leaveMidStream } from './leave-mid-stream.ts';
import { listWhileChanging } from './list-while-changing.ts';
import { ask } from './load/ask.ts';
import { cancel } from './load/cancel.ts';
import { chat } from './load/chat.ts';
import { poll } from './load/poll.ts';
import { resume } from './load/resume.ts';
import { stream } from './load/stream.ts';
import { longConversations, longMemories } from './long-conversations.ts';
import { manyUsers } from './many-users.ts';
import { meshCoordination } from './mesh-coordination.ts';
import { meshLateJoiner } from './mesh-late-joiner.ts';
import { meshLosesOne } from './mesh-loses-one.ts';
import { meshLosesTwo } from './mesh-loses-two.ts';
import { meshPartition } from './mesh-partition.ts';
import { meshTakesBack } from './mesh-takes-back.ts';
import { oddIdentities } from './odd-identities.ts';
import { oneFloods } from './one-floods.ts';
import { peerScenarios } from './peer-failure.ts';
import { peerLies } from './peer-lies.ts';
import { portGrabbed, portKept } from './port-grabbed.ts';
import { portsComeBack } from './ports-come-back.ts';
import { pushForeign } from './push-foreign.ts';
import { pushUnderLoad } from './push-under-load.ts';
import { rangeFull } from './range-full.ts';
import { rangeHoles } from './range-holes.ts';
import { rangeShared } from './range-shared.ts';
import { restartElsewhere } from './restart-elsewhere.ts';
import { resumeAfterCut } from './resume-after-cut.ts';
import { sameTaskTwoSenders } from './same-task-two-senders.ts';
import { sessionIdle } from './session-idle.ts';
import { shortStreams } from './short-streams.ts';
import { slowBoot } from './slow-boot.ts';
import { slowReader } from './slow-reader.ts';
import { subscribeLate } from './subscribe-late.ts';
import { thunderingHerd } from './thundering-herd.ts';
import { transportsAgree, transportsMixed } from './transports-agree.ts';
import { twoDevices } from './two-devices.ts';
import { twoStreams } from './two-streams.ts';
import { waitsOrNot } from './waits-or-not.ts';

import { worldScenarios } from './worlds/table.ts';

export const scenarios: readonly Scenario[] = [
  manyUsers,
  twoDevices,
  accessMatrix,
  oddIdentities,
  cancelRace,
  hostileInput,
  subscribeLate,
  twoStreams,
  shortStreams,
  listWhileChanging,
  idsAndContexts,
  sameTaskTwoSenders,
  answeredTwice,
  longConversations,
  longMemories,
  thunderingHerd,
  waitsOrNot,
  transportsAgree,
  transportsMixed,
  fairShares,
  oneFloods,
  slowReader,
  pushUnderLoad,
  pushForeign,
  contextSquatting,
  borrowedNames,
  ...leakScenarios,
  rangeFull,
  rangeHoles,
  rangeShared,
  crashReclaim,
  portGrabbed,
  portKept,
  portsComeBack,
  sessionIdle,
  fewDescriptors,
  killRestart,
  durableKill,
  freezeThaw,
  gracefulStop,
  crashLoop,
  slowBoot,
  restartElsewhere,
  resumeAfterCut,
  answerLost,
  leaveMidStream,
  ...peerScenarios,
  ...peerLies,
  meshCoordination,
  meshLateJoiner,
  meshLosesOne,
  meshLosesTwo,
  meshTakesBack,
  meshPartition,
  ...worldScenarios,
  ...isolationScenarios,
  ask,
  chat,
  stream,
  poll,
  resume,
  cancel,
];
