/** Which ports muster may use: flags over config over defaults, and every mistake in them told with what is allowed. */
import type { PortsPlan } from '../model/plan.ts';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import { blockStarts } from '../ports/blocks.ts';
import { ephemeralRange, type PortRange } from '../ports/ephemeral-range.ts';
import type { MusterConfig } from './config.ts';

export interface PortArguments {
  readonly ports?: string | undefined;
  readonly excludePorts?: string | undefined;
  readonly config?: string | undefined;
}

/** Below it only root may listen. */
const PORT_MIN = 1024;
const PORT_MAX = 65_535;

export function portsOf(args: PortArguments, config: Pick<MusterConfig, 'ports'>, problems: string[]): PortsPlan {
  const configured = { ...DEFAULT_PORTS, ...defined(config.ports ?? {}) };
  const exclude = [...new Set([...configured.exclude, ...excludedBy(args.excludePorts, problems)])];
  const asked = rangeOf(args.ports, problems);
  const ports: PortsPlan = { ...configured, ...asked, exclude };
  const odd = whatIsNoNumber(ports);
  problems.push(...odd);
  if (ports.from === 'range' && odd.length === 0) problems.push(...whatIsWrong(ports));
  return ports;
}

/** One line, and no more than that: leases hold their ports, so only an agent that binds for itself may meet a stranger. */
export function warnOfPorts(ports: PortsPlan): void {
  const warning = ephemeralWarning(ports, ephemeralRange());
  if (warning !== undefined) process.stderr.write(`muster: ${warning}\n`);
}

export function ephemeralWarning(ports: PortsPlan, ephemeral: PortRange | undefined): string | undefined {
  if (ports.from === 'os' || ephemeral === undefined) return undefined;
  if (ports.last < ephemeral.first || ports.first > ephemeral.last) return undefined;
  return `ports ${ports.first}-${ports.last} overlap ${ephemeral.first}-${ephemeral.last}, from which this machine takes ports for outgoing connections. Any program may then have one of them when an agent wants it; a range outside is safer`;
}

function rangeOf(asked: string | undefined, problems: string[]): Partial<Pick<PortsPlan, 'from' | 'first' | 'last'>> {
  if (asked === undefined) return {};
  if (asked === 'os') return { from: 'os' };
  const [, first, last] = /^(\d+)-(\d+)$/.exec(asked) ?? [];
  if (first !== undefined && last !== undefined) return { from: 'range', first: Number(first), last: Number(last) };
  problems.push(`--ports: "${asked}" is neither a range such as 5000-9000 nor "os"`);
  return {};
}

function excludedBy(asked: string | undefined, problems: string[]): readonly number[] {
  if (asked === undefined) return [];
  const words = asked.split(',').map((word) => word.trim());
  const wrong = words.filter((word) => !(/^\d+$/.test(word) && Number(word) >= 1 && Number(word) <= PORT_MAX));
  if (wrong.length > 0) {
    problems.push(`--exclude-ports: "${wrong.join('", "')}" is no port; give numbers with commas, such as 5432,6379`);
    return [];
  }
  return words.map(Number);
}

function whatIsWrong(ports: PortsPlan): readonly string[] {
  const { first, last, block, spacing, exclude } = ports;
  const problems: string[] = [];
  if (first < PORT_MIN || last > PORT_MAX) {
    const why = first < PORT_MIN ? ', below which only root may listen' : '';
    problems.push(`ports: ${first}-${last} is not within ${PORT_MIN}-${PORT_MAX}${why}`);
  }
  if (last < first) problems.push(`ports: ${first}-${last} ends before it begins; did you mean ${last}-${first}?`);
  else if (last - first + 1 < block) {
    problems.push(`ports: ${first}-${last} is smaller than one block of ${block}`);
  } else if (spacing >= block && blockStarts(ports).length === 0) {
    problems.push(
      `ports: every block of ${block} in ${first}-${last} holds an excluded port (${exclude.filter((port) => port >= first && port <= last).join(', ')}); give a wider range, or exclude fewer`,
    );
  }
  if (spacing < block) problems.push(`ports: blocks of ${block} every ${spacing} ports overlap`);
  return problems;
}

/** A config file was held against its schema before; what a program gives was not. */
function whatIsNoNumber({ from, first, last, block, spacing }: PortsPlan): readonly string[] {
  const least = { ...(from === 'range' ? { first: 0, last: 0 } : {}), block: 1, spacing: 1 };
  const given: Readonly<Record<string, number>> = { first, last, block, spacing };
  return Object.entries(least)
    .filter(([name, min]) => !(Number.isSafeInteger(given[name]) && (given[name] ?? Number.NaN) >= min))
    .map(([name, min]) => `ports.${name}: ${given[name]} is not a whole number from ${min} up`);
}

export function defined<T extends object>(partial: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
