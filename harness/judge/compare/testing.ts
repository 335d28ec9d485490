/**
 * Noisy agents without a clock: the machine is slower for a while and faster for a while, single requests scatter, now and then
 * something hiccups, and a few fail. By the seed, so that what was once seen is always seen.
 */
import { forkRandom } from '../../plan/random.ts';
import { addLatency, startLatencies } from '../latency.ts';
import type { LoadPart } from './parts.ts';

export interface Noise {
  readonly requests: number;
  /** Spread of the machine's drift, and of single requests, as of the logarithm of their times. */
  readonly drift: number;
  readonly scatter: number;
  /** Of parts. */
  readonly hiccups: number;
  readonly errors: number;
}

export const NOISE: Noise = { requests: 100, drift: 0.12, scatter: 0.35, hiccups: 0.05, errors: 0.002 };

/** From one part to the next, how much of the drift stays. */
const STAYS = 0.8;
const DRAWS = 2 ** 30;

export interface Machine {
  /** The next part of an agent that takes so many times as long as the other. */
  next(slower: number): LoadPart;
}

export function startMachine(seed: number, noise: Noise = NOISE): Machine {
  const random = forkRandom(seed, 'machine');
  const uniform = (): number => (random.between(0, DRAWS - 1) + 0.5) / DRAWS;
  let spare: number | undefined;
  /** Box and Muller 1958: two at a time. */
  const normal = (): number => {
    const kept = spare;
    spare = undefined;
    if (kept !== undefined) return kept;
    const [length, angle] = [Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    spare = length * Math.sin(angle);
    return length * Math.cos(angle);
  };
  let drift = normal() * noise.drift;
  return {
    next(slower) {
      drift = STAYS * drift + Math.sqrt(1 - STAYS ** 2) * noise.drift * normal();
      const hiccups = uniform() < noise.hiccups;
      const from_due = startLatencies();
      const unanswered = uniform() < noise.errors * noise.requests ? 1 : 0;
      for (let request = 0; request < noise.requests; request += 1) {
        const isHit = hiccups && uniform() < 0.1;
        addLatency(from_due, 10 * slower * Math.exp(drift + noise.scatter * normal()) * (isHit ? 5 : 1));
      }
      const answered = noise.requests - unanswered;
      const counts = {
        answered,
        outcomes: noise.requests,
        unanswered,
        good: answered,
        wanted: noise.requests,
        events: 0,
      };
      return { seconds: 2, counts, times: { from_due, first_event: undefined, gap: undefined } };
    },
  };
}
