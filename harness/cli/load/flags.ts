/** The flags that make the plan of a load again: all that were given, but the seed, the baseline, and where the results go. */
import { flagged, flagsOf } from '../flags.ts';
import type { LoadArguments } from './arguments.ts';

export function loadFlags({ rate, gate, ...args }: LoadArguments): readonly string[] {
  const each = (flag: string, values: readonly string[] = []) => values.map((value) => [flag, value] as const);
  return [
    ...flagged([
      ['--profile', args.profile],
      ['--engine', args.engine],
      ['--rate', rate],
      ['--at-once', args.atOnce],
      ['--for', args.for],
      ['--find-knee', args.findKnee === true ? true : undefined],
      ['--arrivals', args.arrivals],
      ['--mix', args.mix],
      ['--checks', args.checks],
      ['--workers', args.workers],
      ['--shard', args.shard],
      ['--objective', args.objective],
      ['--stall', args.stall],
      ['--in-flight', args.inFlight],
      ['--retry-after', args.retryAfter],
      ['--connections', args.connections],
      ['--http2', args.http2],
      ...each('--source-address', args.sourceAddress),
      ...each('--gate', gate),
      ...each('--abort', args.abort),
      ...each('--allow-host', args.allowHost),
      ['--max-rate', args.maxRate],
      ['--max-users', args.maxUsers],
      ['--max-requests', args.maxRequests],
      ['--max-bytes', args.maxBytes],
      ['--max-for', args.maxFor],
      ['--max-cost', args.maxCost],
      ['--cost-per-message', args.costPerMessage],
    ]),
    ...flagsOf(args),
  ];
}
