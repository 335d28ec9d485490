/**
 * The embedded engine: lets users arrive when the plan says and runs their scripts. Arrivals do not wait for anything;
 * at the in-flight limit a user is dropped, and that is written down.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { userName, visitsOf } from '../../plan/visits.ts';
import { openMeeting } from './meeting.ts';
import type { ReadBack } from './read-back.ts';
import { runScript, startPlaces } from './run-script.ts';
import { tellHistory } from './telling.ts';
import type { World } from './world.ts';

/** Resolves when every user has left, or the scenario was stopped. */
export async function runUsers(world: World, readBack: ReadBack): Promise<void> {
  const { scenarioPlan, plan } = world;
  const visits = visitsOf(scenarioPlan);
  const scriptsAll = visits.reduce((sum, { scripts }) => sum + scripts.length, 0);
  const meeting = openMeeting(world.signal, scriptsAll);
  const scriptWorld = {
    ...world,
    telling: tellHistory(world.emit),
    placeOf: startPlaces(world),
  };
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
      const script = runScript(scriptWorld, { meeting, index, device, steps, due_ms, onTask: readBack.note }).finally(
        () => running.delete(script),
      );
      running.add(script);
      scripts.push(script);
    }
    void Promise.all(scripts).then(() => readBack.left(index));
  }
  await Promise.all(running);
}
