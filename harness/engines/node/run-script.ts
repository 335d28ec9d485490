/** The script of one device of one user, from his arrival to his leaving: told before and after, whatever becomes of it. */
import { type Completion, isProtocolOp, type Op, type Step, serverNames } from '../../model/op.ts';
import type { Word } from '../../model/phrasebook.ts';
import { reasonOf } from '../../model/reason-of.ts';
import type { ScriptContext } from '../../model/scenario.ts';
import { canaryOf, forkRandom } from '../../plan/random.ts';
import { userName } from '../../plan/visits.ts';
import { drive, type Perform } from '../../script/drive.ts';
import { makeSay } from '../../script/say.ts';
import { type DeviceOptions, type DeviceWorld, openDevice } from './device.ts';
import type { Patience } from './patience.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';

export type PlaceOf = (index: number, device: number, canary: string) => ScriptContext;

export type ScriptWorld = DeviceWorld &
  Pick<World, 'scenario' | 'scenarioPlan' | 'nonce' | 'fail'> & { readonly placeOf: PlaceOf };

export interface ScriptOptions extends Omit<DeviceOptions, 'world' | 'user'> {
  /** Those that are kept; all unless given. */
  readonly steps?: readonly Step[] | undefined;
  /** The user's, for who knows it already: it takes as long to make as a message. */
  readonly canary?: string;
  /** For users who come back no sooner than they were told to. */
  readonly patience?: Patience | undefined;
}

/** What a script is told of its place in the scenario; the same for a recall of its history. */
export function contextOf(
  world: Pick<World, 'plan' | 'scenarioPlan' | 'nonce'>,
  index: number,
  device: number,
): ScriptContext {
  const { plan, nonce } = world;
  return startPlaces(world)(index, device, canaryOf(plan.seed, nonce, userName(index)));
}

/** What is the same for all is made once: a load has a place for each visit. */
export function startPlaces({ plan, scenarioPlan, nonce }: Pick<World, 'plan' | 'scenarioPlan' | 'nonce'>): PlaceOf {
  const { phrasebook, seed } = plan;
  const { name } = scenarioPlan;
  const servers = serverNames(scenarioPlan.servers ?? 1);
  const users = Array.from({ length: scenarioPlan.users }, (_, position) => userName(position));
  const can = (word: Word): boolean => phrasebook[word] !== undefined;
  return (index, device, canary) => {
    const user = userName(index);
    const { say, words } = makeSay(phrasebook, { user, device, nonce, canary });
    const random = forkRandom(seed, name, user, device);
    return { agent: 'agent', servers, user, index, device, users, say, words, can, random };
  };
}

export async function runScript(world: ScriptWorld, options: ScriptOptions): Promise<void> {
  const { index, device, steps, due_ms, patience } = options;
  const user = userName(index);
  const canary = options.canary ?? canaryOf(world.plan.seed, world.nonce, user);
  const exit = options.meeting.enter();
  const name = world.scenarioPlan.names?.[index];
  const identity = name === null ? 'anonymous' : world.plan.identity.kind;
  const named = name === undefined ? {} : { name };
  world.telling.user({ type: 'user', phase: 'arrived', user, device, due_ms, canary, identity, ...named });
  const hands = openDevice({ ...options, world, user });
  try {
    const perform: Perform = (op, step) => {
      if (world.signal.aborted) throw new Stopped();
      return patience === undefined || !isProtocolOp(op)
        ? hands.perform(op, step)
        : performInTime(op, step, patience.until(index), patience);
    };
    const performInTime = async (op: Op, step: Step, until_ms: number, { heed }: Patience): Promise<Completion> => {
      if (until_ms > world.clock()) {
        await waitFor(until_ms - world.clock(), world.signal);
        hands.notBefore(until_ms);
        if (world.signal.aborted) throw new Stopped();
      }
      const completion = await hands.perform(op, step);
      heed(index, completion.outcome, world.clock());
      return completion;
    };
    const reason = await drive(world.scenario.script(world.placeOf(index, device, canary)), perform, steps);
    await hands.close();
    world.telling.user(
      reason === undefined
        ? { type: 'user', phase: 'left', user, device }
        : { type: 'user', phase: 'gave-up', user, device, reason },
    );
  } catch (error) {
    await hands.close();
    if (!(error instanceof Stopped)) world.fail(`the script of ${user} failed: ${reasonOf(error)}`);
    world.telling.user({ type: 'user', phase: 'gave-up', user, device, reason: 'the scenario was stopped' });
  } finally {
    exit();
  }
}

class Stopped extends Error {
  override name = 'Stopped';
}
