/**
 * The embedded engine: lets users arrive when the plan says and runs their scripts. Arrivals do not wait for anything;
 * at the in-flight limit a user is dropped, and that is written down.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Step, serverNames } from '../../model/op.ts';
import { reasonOf } from '../../model/reason-of.ts';
import type { ScriptContext } from '../../model/scenario.ts';
import { canaryOf, forkRandom } from '../../plan/random.ts';
import { userName, visitsOf } from '../../plan/visits.ts';
import { drive, type Perform } from '../../script/drive.ts';
import { makeSay } from '../../script/say.ts';
import { openDevice } from './device.ts';
import { openMeeting } from './meeting.ts';
import type { ReadBack } from './read-back.ts';
import type { World } from './world.ts';

/** Resolves when every user has left, or the scenario was stopped. */
export async function runUsers(world: World, readBack: ReadBack): Promise<void> {
  const { scenarioPlan, plan } = world;
  const visits = visitsOf(scenarioPlan);
  const scriptsAll = visits.reduce((sum, { scripts }) => sum + scripts.length, 0);
  const meeting = openMeeting(world.signal, scriptsAll);
  const begin_ms = world.clock();
  const running = new Set<Promise<void>>();
  meeting.expect(scriptsAll);
  for (const { index, after_ms, scripts: coming } of visits) {
    const due_ms = Math.round((begin_ms + after_ms) * 1000) / 1000;
    const early_ms = due_ms - world.clock();
    if (early_ms > 0) await delay(early_ms, undefined, { signal: world.signal }).catch(() => {});
    if (world.signal.aborted) break;
    const scripts: Promise<void>[] = [];
    for (const { device, steps } of coming) {
      if (running.size >= plan.limits.in_flight_max) {
        world.emit({ type: 'user', phase: 'dropped', user: userName(index), device, due_ms });
        meeting.expect(-1);
        continue;
      }
      const script = runScript(world, { meeting, index, device, steps, due_ms, onTask: readBack.note }).finally(() =>
        running.delete(script),
      );
      running.add(script);
      scripts.push(script);
    }
    void Promise.all(scripts).then(() => readBack.left(index));
  }
  await Promise.all(running);
}

/** What a script is told of its place in the scenario; the same for a recall of its history. */
export function contextOf(
  world: Pick<World, 'plan' | 'scenarioPlan' | 'nonce'>,
  index: number,
  device: number,
): ScriptContext {
  const { plan, scenarioPlan, nonce } = world;
  const user = userName(index);
  return {
    agent: 'agent',
    servers: serverNames(scenarioPlan.servers ?? 1),
    user,
    index,
    device,
    users: Array.from({ length: scenarioPlan.users }, (_, position) => userName(position)),
    say: makeSay(plan.phrasebook, { user, device, nonce, canary: canaryOf(plan.seed, nonce, user) }),
    can: (behaviour) => plan.phrasebook[behaviour] !== undefined,
    random: forkRandom(plan.seed, scenarioPlan.name, user, device),
  };
}

async function runScript(
  world: World,
  options: {
    readonly meeting: ReturnType<typeof openMeeting>;
    readonly index: number;
    readonly device: number;
    readonly steps: readonly Step[] | undefined;
    readonly due_ms: number;
    readonly onTask: ReadBack['note'];
  },
): Promise<void> {
  const { index, device, steps, due_ms } = options;
  const user = userName(index);
  const canary = canaryOf(world.plan.seed, world.nonce, user);
  const exit = options.meeting.enter();
  const name = world.scenarioPlan.names?.[index];
  const identity = name === null ? 'anonymous' : world.plan.identity.kind;
  const named = name === undefined ? {} : { name };
  world.emit({ type: 'user', phase: 'arrived', user, device, due_ms, canary, identity, ...named });
  const hands = openDevice({ world, user, ...options });
  try {
    const perform: Perform = (op, step) => {
      if (world.signal.aborted) throw new Stopped();
      return hands.perform(op, step);
    };
    const reason = await drive(world.scenario.script(contextOf(world, index, device)), perform, steps);
    await hands.close();
    world.emit(
      reason === undefined
        ? { type: 'user', phase: 'left', user, device }
        : { type: 'user', phase: 'gave-up', user, device, reason },
    );
  } catch (error) {
    await hands.close();
    if (!(error instanceof Stopped)) world.fail(`the script of ${user} failed: ${reasonOf(error)}`);
    world.emit({ type: 'user', phase: 'gave-up', user, device, reason: 'the scenario was stopped' });
  } finally {
    exit();
  }
}

class Stopped extends Error {
  override name = 'Stopped';
}
