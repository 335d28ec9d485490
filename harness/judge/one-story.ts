/**
 * Makes one history of those of several shards, whose events come in the order of their times: what all of them tell is told once, when
 * the first begins and when the last is through, and ops get numbers that are theirs alone. Memory: the ops under way.
 */
import type { AgentEvent, HistoryEvent, ScenarioEvent, Unstamped } from '../model/history.ts';
import { startOpNumbers } from '../model/op-numbers.ts';

export interface Told {
  readonly event: Unstamped;
  readonly scenario: string;
}

export interface Story {
  /** What the whole tells in place of this event of one part. */
  add(event: HistoryEvent, part: number): readonly Told[];
  /** The part has told everything, to its end or not. */
  over(part: number): readonly Told[];
}

/** The whole gets to each of these when the last of its parts does. */
const PHASES = ['load-over', 'settling', 'reading-back', 'ended'] as const;
type Phase = (typeof PHASES)[number];
const isPhase = (phase: ScenarioEvent['phase']): phase is Phase => (PHASES as readonly string[]).includes(phase);

/** `names`: of the parts, as sentences name them. */
export function startStory(names: readonly string[]): Story {
  let opsBegun = 0;
  const numbered = startOpNumbers(names.length, () => {
    opsBegun += 1;
    return opsBegun;
  });
  const levels = names.map(() => 0);
  const early = new Map<number, string>();
  const once = new Set<string>();
  const stopped = new Map<string, Set<number>>();
  const seen = new Set<Phase>();
  let level = 0;
  let scenario: string | undefined;

  const isFirst = (what: string): boolean => {
    if (once.has(what)) return false;
    once.add(what);
    return true;
  };

  /** A phase that a part never came to is not told by it, and so by nobody where no part did. */
  const catchUp = (reached: number): readonly Told[] => {
    const told: Told[] = [];
    const least = Math.min(...levels, reached);
    for (; level < least; level += 1) {
      const phase = PHASES[level];
      if (phase === undefined || scenario === undefined || !seen.has(phase)) continue;
      const why = phase === 'load-over' && early.size > 0 ? { early: [...early.values()].join('; ') } : {};
      told.push({ event: { type: 'scenario', phase, ...why } as Unstamped<ScenarioEvent>, scenario });
    }
    return told;
  };

  let furthest = 0;
  const onScenario = (event: ScenarioEvent, part: number): readonly Told[] => {
    if (!isPhase(event.phase)) {
      if (event.phase === 'broken' || event.phase === 'not-applicable') {
        return [unstamped({ ...event, reason: `${names[part]}: ${event.reason}` })];
      }
      return isFirst(event.phase) ? [unstamped(event)] : [];
    }
    scenario = event.scenario;
    seen.add(event.phase);
    const reached = PHASES.indexOf(event.phase) + 1;
    if (event.phase === 'load-over' && event.early !== undefined) early.set(part, `${names[part]}: ${event.early}`);
    levels[part] = reached;
    furthest = Math.max(furthest, reached);
    return catchUp(furthest);
  };

  const onAgent = (event: AgentEvent, part: number): readonly Told[] => {
    if (event.phase === 'starting' || event.phase === 'ready') {
      return isFirst(`${event.phase} ${event.agent}`) ? [unstamped(event)] : [];
    }
    if (event.phase !== 'stopped') return [unstamped(event)];
    const through = stopped.get(event.agent) ?? new Set();
    stopped.set(event.agent, through.add(part));
    return through.size === names.length ? [unstamped(event)] : [];
  };

  return {
    add(event, part) {
      switch (event.type) {
        case 'run':
          return event.phase === 'started' && isFirst('run') ? [unstamped(event)] : [];
        case 'scenario':
          return onScenario(event, part);
        case 'agent':
          return onAgent(event, part);
        default:
          return [unstamped(numbered(event, part))];
      }
    },
    over(part) {
      levels[part] = Number.POSITIVE_INFINITY;
      return catchUp(furthest);
    },
  };
}

function unstamped({ seq: _seq, time_ms: _time, scenario, ...event }: HistoryEvent): Told {
  return { event: event as Unstamped, scenario };
}
