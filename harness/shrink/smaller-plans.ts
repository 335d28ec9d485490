/**
 * In which order a failing plan is made smaller: first by what the finding itself names, then fewer users, devices, faults and ops,
 * until nothing can be taken away any more. Pure: it asks for one plan after the other and is told what each of them did.
 */
import type { Step } from '../model/op.ts';
import type { Only, OnlyScript } from '../model/plan.ts';
import { ddmin, type Reduction } from './ddmin.ts';
import type { Suspects } from './suspects.ts';

export type Answer =
  | { readonly failed: false }
  /** `asked`: what its scripts had asked for until the finding was seen. */
  | { readonly failed: true; readonly asked: readonly OnlyScript[] };

export interface Start extends Suspects {
  /** How many the whole plan has. */
  readonly faults: number;
  readonly is_at_once: boolean;
}

export interface Candidate {
  readonly only: Only;
  /** Of use only where it fails at the first try: it is no smaller, but quicker. */
  readonly once?: true;
}

/** Yields what is to be tried, and returns the smallest that failed; the whole plan where none did. */
export type Shrinking = Generator<Candidate, Only, Answer>;

interface State {
  readonly start: Start;
  best: Only;
  /** What the best had asked for; nothing for the whole plan. */
  asked: readonly OnlyScript[] | undefined;
  readonly known: Map<string, boolean>;
}

type Pass<T> = Generator<Candidate, T, Answer>;

export function* smallerPlans(start: Start): Shrinking {
  const { rest_ms } = start;
  // What the agent does in its own time it also did while others were still there.
  const whole: Only = rest_ms > 0 ? { rest_ms } : {};
  const state: State = { start, best: whole, asked: undefined, known: new Map() };
  for (const guess of guessesOf(start)) if (yield* fails(state, guess)) break;
  // First, since every try takes as long.
  yield* lessRest(state);
  if (start.faults > 0 && state.best.faults?.length !== 0) yield* fails(state, { ...state.best, faults_at_once: true });
  if (!start.is_at_once) yield* fails(state, { ...state.best, at_once: true });
  for (let before: Only | undefined; before !== state.best; ) {
    before = state.best;
    yield* fewerScripts(state, ({ user }) => user);
    yield* fewerScripts(state, ({ user, device }) => `${user}.${device}`);
    yield* fewerFaults(state);
    yield* fewerOps(state);
  }
  return state.best;
}

/** Those who are named with what they did of it, then with all that they did; then with faults, and with the arrivals of the plan. */
function guessesOf({ named, faults, is_at_once, rest_ms }: Start): readonly Only[] {
  if (named.length === 0) return [];
  const calm: Only = { ...(faults > 0 && { faults: [] }), ...(!is_at_once && { at_once: true }) };
  const rest: Only = rest_ms > 0 ? { rest_ms } : {};
  const soon: Only = { faults_at_once: true, ...(!is_at_once && { at_once: true }) };
  const scripts = named.map(({ user, device }): OnlyScript => ({ user, device }));
  return [
    { scripts: named, ...calm },
    { scripts: named, ...calm, ...rest },
    { scripts, ...calm, ...rest },
    ...(faults > 0 ? [{ scripts, ...soon, ...rest }] : []),
    { scripts: named, ...rest },
    { scripts, ...rest },
  ];
}

/** Asks, unless it is known; what fails is the best from now on. */
function* fails(state: State, candidate: Only, how: Omit<Candidate, 'only'> = {}): Pass<boolean> {
  const key = JSON.stringify(candidate);
  const known = state.known.get(key);
  if (known !== undefined) return known;
  const answer = yield { only: candidate, ...how };
  state.known.set(key, answer.failed);
  if (!answer.failed) return false;
  state.best = candidate;
  state.asked = answer.asked;
  return true;
}

function* reduce<T>(state: State, items: readonly T[], toOnly: (items: readonly T[]) => Only): Pass<void> {
  const reduction: Reduction<T> = ddmin(items);
  let next = reduction.next();
  while (!next.done) next = reduction.next(yield* fails(state, toOnly(next.value)));
}

const scriptsOf = ({ best, start }: State): readonly OnlyScript[] =>
  best.scripts ?? start.whole.map(({ user, device }) => ({ user, device }));

function* fewerScripts(state: State, groupOf: (script: OnlyScript) => string): Pass<void> {
  const groups = [...Map.groupBy(scriptsOf(state), groupOf).values()];
  const { best } = state;
  yield* reduce(state, groups, (some) => ({ ...best, scripts: some.flat() }));
}

function* fewerFaults(state: State): Pass<void> {
  const faults = state.best.faults ?? Array.from({ length: state.start.faults }, (_, place) => place);
  if (faults.length === 0 || (yield* fails(state, { ...state.best, faults: [] }))) return;
  const { best } = state;
  yield* reduce(state, faults, (some) => ({ ...best, faults: some }));
}

/** A step of one script. */
type Asked = Omit<OnlyScript, 'steps'> & { readonly step: Step };

function* fewerOps(state: State): Pass<void> {
  const { asked, best } = state;
  // Whatever came after the finding is not needed for it, and whoever asked for nothing neither.
  const isEnough = asked !== undefined && asked.length > 0 && (yield* fails(state, { ...best, scripts: asked }));
  const stepsOf = new Map(state.start.whole.map(({ user, device, steps }) => [`${user}.${device}`, steps]));
  const scripts = scriptsOf(state).flatMap(({ user, device, steps = stepsOf.get(`${user}.${device}`) ?? [] }) =>
    steps.length === 0 ? [] : [{ user, device, steps }],
  );
  if (!isEnough && !(yield* fails(state, { ...state.best, scripts }))) return;
  const ops = scripts.flatMap(({ user, device, steps }) => steps.map((step): Asked => ({ user, device, step })));
  const { best: bounded } = state;
  yield* reduce(state, ops, (some) => ({ ...bounded, scripts: joined(some) }));
}

const REST_MS_MIN = 20;

/** None, or else by halves, and then twice as much as it takes: what just suffices here does not suffice on a busier machine. */
function* lessRest(state: State): Pass<void> {
  const { rest_ms = 0, ...others } = state.best;
  if (rest_ms === 0 || (yield* fails(state, others, { once: true }))) return;
  let enough = state.best;
  for (let less_ms = rest_ms; less_ms >= 2 * REST_MS_MIN; ) {
    const before = state.best;
    less_ms = Math.ceil(less_ms / 2);
    if (!(yield* fails(state, { ...state.best, rest_ms: less_ms }, { once: true }))) break;
    enough = before;
  }
  state.best = enough;
}

function joined(ops: readonly Asked[]): readonly OnlyScript[] {
  return [...Map.groupBy(ops, ({ user, device }) => `${user}.${device}`).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { user, device } = first;
    return [{ user, device, steps: [first, ...others].map(({ step }) => step) }];
  });
}
