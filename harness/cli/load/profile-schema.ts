/**
 * What a profile of a load may hold, as a schema: every mistake is found at once, with its path and what to do about it. One file
 * serves both engines, so it says what is to come, and nothing of how.
 */
import { z } from 'zod';
import { parseGate } from '../../judge/gates.ts';
import { LOAD_CHECKS } from '../../model/load.ts';
import { reasonOf } from '../../model/reason-of.ts';
import { LOAD_SCRIPTS } from '../../plan/load-scripts.ts';
import { parseDuration } from '../parse-duration.ts';
import { strict } from '../strict.ts';
import { parseAbort } from './parse-abort.ts';

export const RATE_MAX = 100_000;
export const USERS_MAX = 100_000;
const WEEK_MS = 7 * 24 * 3_600_000;

const say = (message: string) => ({ error: () => message });

/** In milliseconds. */
export const duration = z
  .string(say('it is no duration; give a number and a unit in quotes, such as "30s"'))
  .transform((text, context) => {
    const ms = parseDuration(text);
    const problem = durationProblem(text, ms);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    return ms ?? 0;
  });

export function durationProblem(text: string, ms: number | undefined): string | undefined {
  if (ms === undefined) return `"${text}" is no duration; give a number and a unit, such as 500ms, 30s, 5m or 1h`;
  if (ms === 0) return 'it is no time at all; give more, or leave it out';
  if (ms > WEEK_MS) return `"${text}" is longer than a week; give at most 168h`;
  return undefined;
}

const rate = z
  .number(say('it is no number; give visits per second'))
  .gt(0, say('nobody comes at this rate; give visits per second, above 0'))
  .max(RATE_MAX, say(`no one machine brings that many; give at most ${RATE_MAX} visits per second`));
const rateOrNothing = z
  .number(say('it is no number; give visits per second'))
  .min(0, say('a rate cannot be negative; give visits per second, from 0 up'))
  .max(RATE_MAX, say(`no one machine brings that many; give at most ${RATE_MAX} visits per second`));

export const count = (max: number, what: string) => {
  const message = `it is not a whole number of ${what} from 1 to ${max}`;
  return z.number(say(message)).int(say(message)).min(1, say(message)).max(max, say(message));
};

const shapes = [
  strict({ shape: z.literal('constant'), rate_per_s: rate, for: duration }),
  strict({
    shape: z.literal('ramp'),
    from_per_s: rateOrNothing,
    to_per_s: rateOrNothing,
    for: duration,
    hold: duration.optional(),
  }),
  strict({
    shape: z.literal('steps'),
    from_per_s: rate,
    to_per_s: rate,
    steps: count(1_000, 'steps').min(2, say('one step is no change; use the shape "constant", or give at least 2')),
    each: duration,
  }),
  strict({
    shape: z.literal('spike'),
    base_per_s: rate,
    peak_per_s: rate,
    before: duration,
    rise: duration,
    peak: duration,
    fall: duration,
    after: duration,
  }),
  strict({ shape: z.literal('soak'), rate_per_s: rate, rise: duration, for: duration }),
  strict({
    shape: z.literal('stages'),
    stages: z
      .array(strict({ from_per_s: rateOrNothing, to_per_s: rateOrNothing, for: duration }))
      .min(1, say('it has no stage; give at least one')),
  }),
  strict({ shape: z.literal('closed'), at_once: count(USERS_MAX, 'users at once'), for: duration }),
  strict({
    shape: z.literal('knee'),
    from_per_s: rate,
    to_per_s: rate,
    each: duration.optional(),
    pause: duration.optional(),
    within_percent: z
      .number()
      .min(0.1, say('rates that close cannot be told apart; give at least 0.1'))
      .max(50, say('that is no answer any more; give at most 50'))
      .optional(),
    tries: count(20, 'tries').optional(),
    for: duration.optional(),
  }),
] as const;

export type ShapeInProfile = z.output<(typeof shapes)[number]>;

const load = z
  .discriminatedUnion('shape', shapes, {
    error: ({ code }) =>
      code === 'invalid_union'
        ? `there is no such shape; there are ${shapes.map(({ shape: { shape } }) => shape.value).join(', ')}`
        : undefined,
  })
  .superRefine((shape, context) => {
    const problem = shapeProblem(shape);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: [problem.at], message: problem.message });
  });

interface ShapeProblem {
  readonly at: string;
  readonly message: string;
}

/** Numbers that are sound alone, and together make no sense. */
function shapeProblem(shape: ShapeInProfile): ShapeProblem | undefined {
  switch (shape.shape) {
    case 'ramp':
    case 'steps':
      if (shape.from_per_s !== shape.to_per_s) return undefined;
      return { at: 'to_per_s', message: 'it is from_per_s, so nothing changes; use the shape "constant"' };
    case 'spike':
      if (shape.peak_per_s > shape.base_per_s) return undefined;
      return { at: 'peak_per_s', message: `it is no peak, for base_per_s is ${shape.base_per_s}; give more than that` };
    case 'knee':
      if (shape.to_per_s > shape.from_per_s) return undefined;
      return {
        at: 'to_per_s',
        message: `there is nothing to search from ${shape.from_per_s} to ${shape.to_per_s}; give more than from_per_s`,
      };
    case 'stages':
      if (shape.stages.some(({ from_per_s, to_per_s }) => from_per_s + to_per_s > 0)) return undefined;
      return { at: 'stages', message: 'nobody comes in any of them; give one of them a rate' };
    default:
      return undefined;
  }
}

const SCRIPTS = Object.keys(LOAD_SCRIPTS);

const mix = z
  .record(
    z.string(),
    z
      .number()
      .gt(0, say('it has no weight, so nobody does it; leave it out, or give a weight above 0'))
      .max(1_000_000, say('give a weight of at most 1000000')),
  )
  .superRefine((weights, context) => {
    for (const script of Object.keys(weights).filter((name) => !SCRIPTS.includes(name))) {
      context.addIssue({
        code: 'custom',
        path: [script],
        message: `there is no such script; there are ${SCRIPTS.join(', ')}`,
      });
    }
    if (Object.keys(weights).length === 0) {
      context.addIssue({
        code: 'custom',
        message: `it is empty, so users do nothing; name one of ${SCRIPTS.join(', ')}`,
      });
    }
  });

const readable = (read: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: reasonOf(error) });
    }
  });

/** Zero never means unlimited. */
export const capsSchema = strict({
  rate_per_s: rate.optional(),
  users: count(USERS_MAX, 'users').optional(),
  requests: count(Number.MAX_SAFE_INTEGER, 'requests').optional(),
  bytes: count(Number.MAX_SAFE_INTEGER, 'bytes').optional(),
  for: duration.optional(),
  cost: strict({
    per_message: z.number().gt(0, say('a message that costs nothing needs no cap; leave `cost` out')),
    max: z.number().gt(0, say('nothing can be sent for nothing; give more, or leave `cost` out')),
  }).optional(),
});

export const profileSchema = strict({
  title: z.string().min(1, say('it is empty; say in a few words what the load is for')),
  load,
  arrivals: z.enum(['even', 'poisson']).optional(),
  mix: mix.optional(),
  users: count(USERS_MAX, 'users').optional(),
  objective: duration.optional(),
  stall: duration.optional(),
  dropped_percent_max: z.number().min(0).max(100).optional(),
  heeds_retry_after: z.boolean().optional(),
  gates: z.array(readable(parseGate)).optional(),
  abort: z.array(readable(parseAbort)).optional(),
  caps: capsSchema.optional(),
  checks: z.enum(LOAD_CHECKS).optional(),
});

export type Profile = z.output<typeof profileSchema>;
export type ProfileInput = z.input<typeof profileSchema>;
export type CapsInProfile = z.output<typeof capsSchema>;
