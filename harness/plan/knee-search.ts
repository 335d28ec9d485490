/**
 * Looks for the highest rate at which an agent keeps its gates: which rate is tried next follows from the tries so far, and from
 * nothing else, so the same results give the same search. Tries are noisy: both rates at the edge are tried several times, and a
 * rate that then loses its majority moves the edge.
 */

/** `unknown`: the load itself went wrong, which says nothing of the agent. */
export type TryOutcome = 'kept' | 'missed' | 'unknown';

export interface KneeTry {
  readonly rate_per_s: number;
  readonly outcome: TryOutcome;
}

export interface KneeQuestion {
  readonly from_per_s: number;
  readonly to_per_s: number;
  /** Two neighbouring rates are so far from each other. */
  readonly within_percent: number;
  /** At each rate of the edge. */
  readonly tries: number;
}

export interface RateRecord {
  readonly rate_per_s: number;
  readonly kept: number;
  readonly tries: number;
}

export interface Knee {
  /** The highest rate that kept the gates; null where the lowest did not. */
  readonly highest: RateRecord | null;
  /** The next rate, which did not keep them; null where the highest that was asked for did. */
  readonly next: RateRecord | null;
  /** What stopped at the next rate was muster, or the way there, and not the agent's gates. */
  readonly limit: 'gates' | 'unknown' | 'none';
  /** Both rates of the edge are neighbours and were tried as often as was asked. */
  readonly complete: boolean;
}

/** Ascending, the first and the last as they were asked for; whole numbers from 10 up, tenths below, so that people can use them. */
export function ratesOf({ from_per_s, to_per_s, within_percent }: KneeQuestion): readonly number[] {
  const rates = [from_per_s];
  for (let last = from_per_s; ; ) {
    const unit = last >= 10 ? 1 : 0.1;
    const next = Math.max(Math.floor((last * (1 + within_percent / 100)) / unit), Math.floor(last / unit + 1e-9) + 1);
    last = Math.round(next * unit * 10) / 10;
    if (last >= to_per_s) return to_per_s > from_per_s ? [...rates, to_per_s] : rates;
    rates.push(last);
  }
}

/** Nothing when the search is over. */
export function nextRate(question: KneeQuestion, tried: readonly KneeTry[]): number | undefined {
  const rates = ratesOf(question);
  const { low, high } = edgeOf(rates, tried);
  const triesAt = (index: number): number => recordOf(rates, index, tried)?.tries ?? question.tries;
  if (high === rates.length) {
    // Nothing has failed yet: twice as far each time, so that a high knee is not looked for for ever.
    if (low < rates.length - 1) return rates[doubled(rates, low)];
    return triesAt(low) < question.tries ? rates[low] : undefined;
  }
  if (high - low > 1) return rates[Math.floor((low + high) / 2)];
  const edge = [low, high].filter((index) => index >= 0 && triesAt(index) < question.tries);
  const [next] = edge.sort((one, other) => triesAt(one) - triesAt(other));
  return next === undefined ? undefined : rates[next];
}

/** The answer so far. */
export function kneeOf(question: KneeQuestion, tried: readonly KneeTry[]): Knee {
  const rates = ratesOf(question);
  const { low, high } = edgeOf(rates, tried);
  const atHigh = tried.filter(({ rate_per_s }) => rate_per_s === rates[high]);
  const unknown = atHigh.filter(({ outcome }) => outcome === 'unknown').length;
  const missed = atHigh.filter(({ outcome }) => outcome === 'missed').length;
  return {
    highest: recordOf(rates, low, tried) ?? null,
    next: recordOf(rates, high, tried) ?? null,
    limit: atHigh.length === 0 ? 'none' : unknown > missed ? 'unknown' : 'gates',
    complete: nextRate(question, tried) === undefined,
  };
}

/** Positions of the highest rate that is known to keep the gates, and of the lowest above it that does not. */
function edgeOf(rates: readonly number[], tried: readonly KneeTry[]): { readonly low: number; readonly high: number } {
  const keeps = rates.map((_, index) => majorityAt(rates, index, tried));
  const firstMissed = keeps.indexOf(false);
  const high = firstMissed === -1 ? rates.length : firstMissed;
  return { low: keeps.slice(0, high).lastIndexOf(true), high };
}

/** Nothing for a rate that was not tried; what was kept as often as not is not kept. */
function majorityAt(rates: readonly number[], index: number, tried: readonly KneeTry[]): boolean | undefined {
  const record = recordOf(rates, index, tried);
  return record === undefined || record.tries === 0 ? undefined : record.kept * 2 > record.tries;
}

function recordOf(rates: readonly number[], index: number, tried: readonly KneeTry[]): RateRecord | undefined {
  const rate_per_s = rates[index];
  if (rate_per_s === undefined) return undefined;
  const here = tried.filter((each) => each.rate_per_s === rate_per_s);
  return { rate_per_s, kept: here.filter(({ outcome }) => outcome === 'kept').length, tries: here.length };
}

/** The first above twice the rate, or the last. */
function doubled(rates: readonly number[], low: number): number {
  const rate = rates[low];
  if (rate === undefined) return 0;
  const found = rates.findIndex((each) => each >= 2 * rate);
  return found === -1 ? rates.length - 1 : Math.max(found, low + 1);
}
