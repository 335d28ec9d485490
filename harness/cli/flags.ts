/** The command line that makes a plan again, ready to be pasted into a shell. */
import type { PlanArguments } from './arguments.ts';

/** The flags that make the same plan again: everything but the scenarios, the seed, the baseline and where the results go. */
export function flagsOf(args: PlanArguments): readonly string[] {
  return flagged([
    ['--fixture', args.fixture],
    ['--command', args.command],
    ['--socket-activation', args.socketActivation],
    ['--url', args.url],
    ['--allow-faults', args.allowFaults],
    ['--toxiproxy', args.toxiproxy],
    ['--mode', args.mode],
    ['--fallback', args.fallback],
    ['--transport', args.transport],
    ['--identity', args.identity],
    ['--users-file', args.usersFile],
    ['--phrasebook', args.phrasebook],
    ['--users', args.users],
    ['--rate', args.rate],
    ['--only', args.only],
    ...(args.gate ?? []).map((gate) => ['--gate', gate] as const),
    ['--ports', args.ports],
    ['--exclude-ports', args.excludePorts],
    ['--config', args.config],
  ]);
}

export type FlagPair = readonly [flag: string, value: string | number | boolean | undefined];

export function flagged(pairs: readonly FlagPair[]): readonly string[] {
  return pairs.flatMap(([flag, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'boolean') return value ? [flag] : [`--no-${flag.slice(2)}`];
    return [flag, quote(String(value))];
  });
}

/** For a POSIX shell. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
