/**
 * A scenario made smaller, and the words for it that a command line carries: `u1:0,u4:0+2-3,at-once` are step 0 of user `u1` and steps 0,
 * 2 and 3 of `u4`, who arrive at once. What is written is what is read back.
 */
import type { Step } from '../model/op.ts';
import type { Only, OnlyScript, ScenarioPlan } from '../model/plan.ts';
import { userName } from './visits.ts';

const STEP_MAX = 99_999;
const SCRIPT = /^(u[1-9]\d{0,5})(?:\.(\d{1,3}))?(?::([\d+-]+))?$/;
const FAULTS = /^faults:([\d+-]+)$/;
const REST = /^rest:(\d{1,5})ms$/;
const ALLOWED =
  "a user as 'u4', one of his devices as 'u4.0', steps of either as 'u4:0+2-3', 'faults:0+2', 'no-faults', 'faults-at-once', 'at-once' or 'rest:200ms'";

/** The scenario with no more than that. What it leaves out already stays away. */
export function keepOnly(scenario: ScenarioPlan, only: Only): ScenarioPlan {
  const placed = scenario.only?.faults ?? scenario.faults.map((_, place) => place);
  const left = scenario.faults.filter((_, index) => only.faults?.includes(placed[index] ?? index) ?? true);
  return {
    ...scenario,
    ...(only.at_once ? { load: { shape: 'closed' } } : {}),
    faults: only.faults_at_once ? left.map((fault) => ({ ...fault, begins: { at_ms: 0 } })) : left,
    only: { ...scenario.only, ...only },
  };
}

export function writeOnly(only: Only, { devices }: Pick<ScenarioPlan, 'devices'>): string {
  const scripts = [...Map.groupBy(only.scripts ?? [], ({ user }) => user)].flatMap(([user, own]) =>
    own.length === devices && own.every(({ steps }) => steps === undefined)
      ? [user]
      : own.map(({ device, steps }) => {
          const name = devices === 1 ? user : `${user}.${device}`;
          return steps === undefined ? name : `${name}:${writeNumbers(steps)}`;
        }),
  );
  const faults =
    only.faults === undefined ? [] : [only.faults.length === 0 ? 'no-faults' : `faults:${writeNumbers(only.faults)}`];
  const times = [
    ...(only.faults_at_once ? ['faults-at-once'] : []),
    ...(only.at_once ? ['at-once'] : []),
    ...(only.rest_ms ? [`rest:${only.rest_ms}ms`] : []),
  ];
  return [...scripts, ...faults, ...times].join(',');
}

/** Tells in `problems` all that is wrong with it. */
export function readOnly(text: string, scenario: ScenarioPlan, problems: string[]): Only {
  const steps = new Map<string, readonly Step[] | undefined>();
  let faults: readonly number[] | undefined;
  let faults_at_once = false;
  let at_once = false;
  let rest_ms = 0;
  for (const word of text.split(',')) {
    const script = SCRIPT.exec(word);
    const someFaults = FAULTS.exec(word);
    const rest = REST.exec(word);
    if (word === 'at-once') at_once = true;
    else if (word === 'faults-at-once') faults_at_once = true;
    else if (word === 'no-faults') faults = [];
    else if (rest) rest_ms = Number(rest[1]);
    else if (someFaults) {
      faults = readNumbers(someFaults[1] ?? '');
      const last = scenario.faults.length - 1;
      if (faults === undefined || faults.some((place) => place > last)) {
        problems.push(
          `"${word}" names faults that ${scenario.name} does not have: it has ${countFrom0(scenario.faults.length)}`,
        );
      }
    } else if (script) {
      const kept = script[3] === undefined ? undefined : readNumbers(script[3]);
      if (script[3] !== undefined && kept === undefined) {
        problems.push(`"${word}" has steps that cannot be read: write them as 0+2-3, ascending, up to ${STEP_MAX}`);
      }
      for (const name of namesOf(word, script[1] ?? '', script[2], scenario, problems)) {
        if (steps.has(name)) problems.push(`"${word}" names ${name} a second time`);
        steps.set(name, kept);
      }
    } else problems.push(`"${word}" is unknown; allowed are ${ALLOWED}`);
  }
  const scripts = [...steps].map(([name, kept]): OnlyScript => {
    const [user = '', device] = name.split('.');
    return { user, device: Number(device), ...(kept && { steps: kept }) };
  });
  return {
    ...(scripts.length > 0 && { scripts: scripts.sort(byPlace) }),
    ...(faults && { faults }),
    ...(faults_at_once && { faults_at_once }),
    ...(at_once && { at_once }),
    ...(rest_ms > 0 && { rest_ms }),
  };
}

function namesOf(
  word: string,
  user: string,
  device: string | undefined,
  { name, users, devices }: ScenarioPlan,
  problems: string[],
): readonly string[] {
  if (indexOf(user) >= users) {
    problems.push(`"${word}" names a user whom ${name} does not have: they are u1 to ${userName(users - 1)}`);
  }
  if (device === undefined) return Array.from({ length: devices }, (_, each) => `${user}.${each}`);
  if (Number(device) >= devices) {
    problems.push(`"${word}" names a device that no user of ${name} has: they are numbered ${countFrom0(devices)}`);
  }
  return [`${user}.${Number(device)}`];
}

const indexOf = (user: string): number => Number(user.slice(1)) - 1;
/** In the order in which they come. */
export const byPlace = (a: OnlyScript, b: OnlyScript): number =>
  indexOf(a.user) - indexOf(b.user) || a.device - b.device;
const countFrom0 = (count: number): string => (count === 0 ? 'none' : count === 1 ? '0' : `0 to ${count - 1}`);

/** Ascending numbers as `0+2-4`. */
function writeNumbers(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && number === run[1] + 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join('+');
}

/** Nothing for what is not ascending, or too large. */
function readNumbers(text: string): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const run of text.split('+')) {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(run) ?? [];
    if (first === '' || Number(last) < Number(first) || Number(first) <= (numbers.at(-1) ?? -1)) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.push(number);
  }
  return numbers;
}
