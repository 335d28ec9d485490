/** All scenarios, in the order in which the standard suite runs them. One file and one line here adds a scenario. */
import type { Scenario } from '../harness/model/scenario.ts';
import { accessMatrix } from './access-matrix.ts';
import { cancelRace } from './cancel-race.ts';
import { crashReclaim } from './crash-reclaim.ts';
import { fewDescriptors } from './few-descriptors.ts';
import { freezeThaw } from './freeze-thaw.ts';
import { isolationScenarios } from './isolation.ts';
import { killRestart } from './kill-restart.ts';
import { manyUsers } from './many-users.ts';
import { meshCoordination } from './mesh-coordination.ts';
import { meshLateJoiner } from './mesh-late-joiner.ts';
import { meshLosesOne } from './mesh-loses-one.ts';
import { meshLosesTwo } from './mesh-loses-two.ts';
import { meshPartition } from './mesh-partition.ts';
import { meshTakesBack } from './mesh-takes-back.ts';
import { peerCut } from './peer-cut.ts';
import { peerDown } from './peer-down.ts';
import { peerLies } from './peer-lies.ts';
import { peerSlow } from './peer-slow.ts';
import { portGrabbed, portKept } from './port-grabbed.ts';
import { portsComeBack } from './ports-come-back.ts';
import { rangeFull } from './range-full.ts';
import { rangeHoles } from './range-holes.ts';
import { rangeShared } from './range-shared.ts';
import { sessionIdle } from './session-idle.ts';
import { subscribeLate } from './subscribe-late.ts';
import { twoDevices } from './two-devices.ts';

export const scenarios: readonly Scenario[] = [
  manyUsers,
  twoDevices,
  accessMatrix,
  cancelRace,
  subscribeLate,
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
  freezeThaw,
  peerDown,
  peerSlow,
  peerCut,
  ...peerLies,
  meshCoordination,
  meshLateJoiner,
  meshLosesOne,
  meshLosesTwo,
  meshTakesBack,
  meshPartition,
  ...isolationScenarios,
];
