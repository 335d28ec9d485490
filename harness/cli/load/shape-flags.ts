/** The load that flags ask for: `--rate` and `--at-once` take the place of a profile's shape, and `--for` says how long. */
import { parseDuration } from '../parse-duration.ts';
import type { LoadArguments } from './arguments.ts';
import { durationProblem, RATE_MAX, type ShapeInProfile, USERS_MAX } from './profile-schema.ts';

const DEFAULT_FOR_MS = 30_000;

export interface RateRange {
  readonly from_per_s: number;
  readonly to_per_s: number;
}

type ShapeArguments = Pick<LoadArguments, 'rate' | 'atOnce' | 'for' | 'findKnee'>;

/** What the flags say, over what a profile says. Pushes what is wrong. */
export function shapeFrom(
  args: ShapeArguments,
  given: ShapeInProfile | undefined,
  problems: string[],
): ShapeInProfile | undefined {
  const { atOnce } = args;
  const time_ms = readTime(args.for, '--for', problems);
  const rate = args.rate === undefined ? undefined : readRate(args.rate, problems);
  if (args.rate !== undefined && atOnce !== undefined) {
    problems.push('--rate, --at-once: users come at a rate, or so many are there at a time; give one of the two');
  }
  if (atOnce !== undefined && !(Number.isInteger(atOnce) && atOnce >= 1 && atOnce <= USERS_MAX)) {
    problems.push(`--at-once: ${atOnce} is not a whole number from 1 to ${USERS_MAX}`);
  }
  if (args.findKnee === true) return kneeFrom(args, given, { rate, time_ms }, problems);
  if (atOnce !== undefined) return { shape: 'closed', at_once: atOnce, for: time_ms ?? DEFAULT_FOR_MS };
  if (rate !== undefined) {
    const { from_per_s, to_per_s } = rate;
    const lasts = time_ms ?? DEFAULT_FOR_MS;
    if (from_per_s === to_per_s) return { shape: 'constant', rate_per_s: to_per_s, for: lasts };
    return { shape: 'ramp', from_per_s, to_per_s, for: lasts };
  }
  if (args.rate !== undefined || time_ms === undefined || given === undefined) return given;
  if (given.shape === 'constant' || given.shape === 'closed' || given.shape === 'soak' || given.shape === 'knee') {
    return { ...given, for: time_ms };
  }
  problems.push(`--for: a load of the shape "${given.shape}" has times of its own; change them in the profile`);
  return given;
}

function kneeFrom(
  { atOnce }: ShapeArguments,
  given: ShapeInProfile | undefined,
  { rate, time_ms }: { readonly rate: RateRange | undefined; readonly time_ms: number | undefined },
  problems: string[],
): ShapeInProfile | undefined {
  if (atOnce !== undefined) problems.push('--find-knee, --at-once: what is searched for is a rate; give --rate 1..500');
  const known = given?.shape === 'knee' ? given : undefined;
  const range = rate ?? known;
  if (range === undefined || range.from_per_s >= range.to_per_s) {
    problems.push('--find-knee: it needs to know where to search; give --rate 1..500, the lowest and the highest rate');
    return known;
  }
  const { from_per_s, to_per_s } = range;
  return { ...known, shape: 'knee', from_per_s, to_per_s, ...(time_ms === undefined ? {} : { for: time_ms }) };
}

export function readRate(text: string, problems: string[]): RateRange | undefined {
  const [, from = '', to = from] = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text.trim()) ?? [];
  const range = { from_per_s: Number(from), to_per_s: Number(to) };
  if (from !== '' && range.from_per_s > 0 && range.to_per_s > 0 && Math.max(...Object.values(range)) <= RATE_MAX) {
    return range;
  }
  problems.push(
    `--rate: "${text}" is neither a number of visits per second above 0 and up to ${RATE_MAX}, nor two with .. between them, such as 1..500`,
  );
  return undefined;
}

/** In milliseconds. */
export function readTime(text: string | undefined, flag: string, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  const problem = durationProblem(text, ms);
  if (problem === undefined) return ms;
  problems.push(`${flag}: ${problem}`);
  return undefined;
}
