/** All faults there are, one row each; `muster list` and the run read this table, and nothing else knows their names. */
import type { FaultName } from '../model/scenario.ts';
import { answerLost } from './answer-lost.ts';
import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { corrupt } from './corrupt.ts';
import { crashLoop } from './crash-loop.ts';
import { crowd } from './crowd.ts';
import { cut } from './cut.ts';
import { delay } from './delay.ts';
import { descriptors } from './descriptors.ts';
import { double } from './double.ts';
import { down } from './down.ts';
import { drop } from './drop.ts';
import type { Fault } from './fault.ts';
import { fileSize } from './file-size.ts';
import { freeze } from './freeze.ts';
import { halfOpen } from './half-open.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { lie } from './lie.ts';
import { limitBytes } from './limit-bytes.ts';
import { memory } from './memory.ts';
import { portHeld } from './port-held.ts';
import { refuse } from './refuse.ts';
import { reset } from './reset.ts';
import { restart } from './restart.ts';
import { slice } from './slice.ts';
import { slowBoot } from './slow-boot.ts';
import { slowClose } from './slow-close.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { stutter } from './stutter.ts';
import { swap } from './swap.ts';
import { truncate } from './truncate.ts';
import { wrongContentType } from './wrong-content-type.ts';

export const FAULTS: { readonly [N in FaultName]: Fault<N> } = {
  kill,
  stop,
  restart,
  'slow-boot': slowBoot,
  'crash-loop': crashLoop,
  freeze,
  stutter,
  'port-held': portHeld,
  descriptors,
  memory,
  'file-size': fileSize,
  crowd,
  down,
  refuse,
  'half-open': halfOpen,
  blackhole,
  latency,
  bandwidth,
  slice,
  'slow-close': slowClose,
  reset,
  'limit-bytes': limitBytes,
  cut,
  drop,
  double,
  delay,
  swap,
  corrupt,
  'wrong-content-type': wrongContentType,
  status,
  truncate,
  'answer-lost': answerLost,
  lie,
};
