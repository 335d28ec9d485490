/** Reads the histories of all parts once, side by side, and tells the one that they make, together with what is to be doubted in it. */
import { readSideBySide } from '../../history/side-by-side.ts';
import { addVitals, distrustLoad, type LoadVitals, startLoadVitals } from '../../judge/load-validity.ts';
import { startStory } from '../../judge/one-story.ts';
import { doubtsOf } from '../../judge/segment.ts';
import type { HistoryEvent, Unstamped } from '../../model/history.ts';
import type { Part } from './read-parts.ts';

/** `time_ms` never goes back. */
export type Tell = (event: Unstamped, scenario: string, time_ms: number) => void;

/** What was told of one part. */
interface Followed {
  readonly part: Part;
  readonly vitals: LoadVitals;
  events: number;
  isTorn: boolean;
}

/** Ends with how the whole ended: what is doubted makes it inconclusive. */
export function followParts(parts: readonly Part[], tell: Tell): void {
  const followed = parts.map((part): Followed => ({ part, vitals: startLoadVitals(), events: 0, isTorn: false }));
  const story = startStory(parts.map(({ name }) => name));
  const read = followed.filter(({ part }) => part.hasHistory);
  for (const [place, { part }] of followed.entries()) if (!part.hasHistory) story.over(place);
  let now_ms = 0;
  const histories = read.map((one) => ({
    path: one.part.history,
    offset_ms: one.part.offset_ms,
    torn: () => {
      one.isTorn = true;
    },
  }));
  for (const { part: place, event } of readSideBySide(histories)) {
    const one = read[place];
    if (one === undefined) continue;
    if (event !== undefined) {
      now_ms = Math.max(now_ms, event.time_ms);
      follow(one, event);
    }
    const number = followed.indexOf(one);
    const told = event === undefined ? story.over(number) : story.add(event, number);
    for (const each of told) tell(each.event, each.scenario, now_ms);
  }
  const scenario = parts[0]?.segment.plan.scenarios[0]?.name ?? '';
  const doubts = followed.flatMap((one) => [...lostOf(one), ...distrustOf(one)]);
  if (doubts.length > 0) tell({ type: 'scenario', phase: 'broken', reason: doubts.join('; ') }, scenario, now_ms);
  const broken = doubtsOf(parts);
  const end = broken.length === 0 ? { reason: 'finished' as const } : crashed(broken.join('; '));
  tell({ type: 'run', phase: 'ended', ...end }, '', now_ms);
}

const crashed = (message: string) => ({ reason: 'crashed' as const, message });

/** By the clock of the part itself, as its numbers are. */
function follow(one: Followed, event: HistoryEvent): void {
  one.events += 1;
  if (event.type !== 'vitals') return;
  const { segment, offset_ms } = one.part;
  addVitals(one.vitals, { ...event, time_ms: event.time_ms - offset_ms }, segment.plan.policy.harness_lag_ms_max);
}

function lostOf({
  part: { name, segment, history, hasHistory, metrics },
  events,
  isTorn,
}: Followed): readonly string[] {
  const numbers = metrics === undefined ? [`of ${name} nothing that it measured is left`] : [];
  if (!hasHistory)
    return [...numbers, `${name} came without its history (${history}), so nothing that it saw was checked`];
  if (segment.ended === 'running' || (events === segment.events && !isTorn)) return numbers;
  return [
    ...numbers,
    `the history of ${name} was cut short: ${events} of its ${segment.events} events are whole (${history})`,
  ];
}

/** Many generators that kept time must not hide one that did not. */
function distrustOf({ part: { name, segment, metrics }, vitals }: Followed): readonly string[] {
  if (metrics === undefined) return [];
  return distrustLoad(segment.plan.load, metrics, vitals).map((why) => `${name}: ${why}`);
}
