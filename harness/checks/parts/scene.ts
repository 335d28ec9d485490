/**
 * What all checks of one scenario share, kept once: read in one place, it means the same to all of them, and none of them can forget to
 * keep it up to date. Memory: the latest 10,000 users and tasks, the ops in flight, and an entry for each agent and fault.
 */
import type { HistoryEvent } from '../../model/history.ts';
import type { Scene } from '../../model/scene.ts';
import { followLives } from './agent-lives.ts';
import { startCanaryBook } from './canaries.ts';
import { followFaults } from './fault-windows.ts';
import { startOpsInFlight } from './ops-in-flight.ts';
import { startTasks } from './tasks.ts';

/** Each event is to be added before any check is given it. */
export function startScene(): Scene & { add(event: HistoryEvent): void } {
  const book = startCanaryBook();
  const lives = followLives();
  const faults = followFaults();
  const ops = startOpsInFlight();
  return {
    book,
    lives,
    faults,
    tasks: startTasks(lives),
    ops,
    add(event) {
      ops.add(event);
      if (event.type === 'user') book.add(event);
      else if (event.type === 'agent') lives.add(event);
      else if (event.type === 'fault') {
        lives.add(event);
        faults.add(event);
      }
    },
  };
}
