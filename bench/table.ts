/** Every benchmark, the quick ones last: what muster claims of itself, measured. */
import { agents } from './agents.ts';
import { history } from './history.ts';
import { judge } from './judge.ts';
import { live } from './live.ts';
import { loadHeld } from './load-held.ts';
import { loadSoak } from './load-soak.ts';
import { loadStall } from './load-stall.ts';
import { loadStreams } from './load-streams.ts';
import { loadUnary } from './load-unary.ts';
import { memory } from './memory.ts';
import type { Benchmark } from './model.ts';
import { ports } from './ports.ts';
import { proxy } from './proxy.ts';
import { sessions } from './sessions.ts';
import { shrink } from './shrink.ts';
import { wholeRun } from './whole-run.ts';
import { wire } from './wire.ts';

export const benchmarks: readonly Benchmark[] = [
  memory,
  judge,
  live,
  history,
  wire,
  loadUnary,
  loadStreams,
  loadHeld,
  loadStall,
  loadSoak,
  proxy,
  agents,
  ports,
  sessions,
  shrink,
  wholeRun,
];
